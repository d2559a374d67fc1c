"""``python -m rehearsal.serving``: serve the whole stage of an environment on loopback, until a signal.

The first line on standard output is JSON: the control endpoint and its token. Everything else is asked there.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Final

from rehearsal.serving.running import until_stopped
from rollback.errors import ConfigurationError

TOKEN_VARIABLE: Final = "REHEARSAL_CONTROL_TOKEN"  # noqa: S105 - its name
"""The environment variable that may hold the control endpoint's token; without it a new one is made."""
_USAGE: Final = 2


def main(arguments: list[str] | None = None) -> int:
    """Serve until a signal; returns the exit code: 0, or 2 for what can't be served."""
    asked = _parser().parse_args(arguments)
    try:
        _serve(asked)
    except ConfigurationError as error:
        sys.stderr.write(f"{' '.join(str(error).split())}\n")
        return _USAGE
    return 0


def _serve(asked: argparse.Namespace) -> None:
    with until_stopped(while_stdin_is_open=asked.while_stdin_is_open) as end:
        from rollback.environment import load  # noqa: PLC0415 - pydantic, which --help need not import

        environments = load(asked.environments)
        name = environments.get(asked.env).name if asked.env else environments.default.name
        from rehearsal.insulation import load_moto  # noqa: PLC0415 - a second, which mistakes need not take

        load_moto()
        from rehearsal.serving.doors import Binding  # noqa: PLC0415 - they import moto
        from rehearsal.serving.house import House, Wanted  # noqa: PLC0415 - likewise
        from rehearsal.serving.laying import lay  # noqa: PLC0415 - likewise

        wanted = Wanted(speed=asked.speed, loopback=not asked.as_it_is)
        binding = Binding(asked.bind, asked.port)
        with House(environments, wanted, binding=binding, token=os.environ.get(TOKEN_VARIABLE, "")) as house:
            if not asked.unopened:
                house.open(name, seed=asked.seed)
                if asked.empty:
                    house.let_time_pass()
                else:
                    lay(house, asked.broken)
            ready = {"control": house.addresses.control, "token": house.token}
            sys.stdout.write(f"{json.dumps(ready)}\n")
            sys.stdout.flush()
            end.wait()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m rehearsal.serving",
        description="Serve the whole stage of an environment on loopback, until Ctrl-C or SIGTERM.",
    )
    add = parser.add_argument
    add("--environments", type=Path, default=Path("environments.toml"), metavar="PATH")
    add("--env", metavar="NAME", help="which environment (default: the file's default)")
    add(
        "--speed",
        type=_speed,
        default=1.0,
        metavar="N",
        help="how many seconds pass in a real one; 0: only when the control endpoint is told to",
    )
    add("--seed", type=int, default=0, metavar="N")
    add("--broken", choices=("errors", "crashes", "unhealthy", "slow", "nothing"), default="errors")
    add("--empty", action="store_true", help="without a service: only what it stands on")
    add("--unopened", action="store_true", help="no stage at all, until the control endpoint is told to")
    add(
        "--as-it-is",
        action="store_true",
        help="the environment's application and GitHub keep their addresses; who asks brings requests here",
    )
    add(
        "--bind",
        default="127.0.0.1",
        metavar="HOST",
        help="for a container whose ports are published on loopback",
    )
    add("--port", type=int, default=0, metavar="N", help="the first of four ports (default: free ones)")
    add("--while-stdin-is-open", action="store_true", help="end where standard input ends")
    return parser


def _speed(text: str) -> float:
    value = float(text)
    if not 0 <= value <= 1000:  # noqa: PLR2004 - above that a poll misses whole rollouts
        raise argparse.ArgumentTypeError("from 0 to 1000")
    return value


if __name__ == "__main__":
    sys.exit(main())
