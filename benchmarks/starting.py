"""How soon the command line is there at three in the morning: until its help is shown, until AWS is asked for the first time.

Seconds of the processor in a fresh process, the least of some: what else runs on the machine is no cost of ours.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from benchmarks.harness import Answer, Figure

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.harness import Size

ROOT: Final = Path(__file__).parents[1]
HELP_SECONDS: Final = 0.5
CALL_SECONDS: Final = 1.5
TIMES: Final = 5
SCRIPT: Final = """
import json, os, socket, sys, time

def told(*_):
    os.write(DESCRIPTOR, json.dumps([time.process_time(), len(sys.modules)]).encode())
    os._exit(0)

socket.socket.connect = told
from rollback.cli import main
try:
    main()
finally:
    told()
"""


def answer(_: Size) -> Answer:
    """Start fresh processes."""
    shown, helped = _least("--help")
    figures = [
        Figure("`rollback --help`, processor time", shown, "s", HELP_SECONDS),
        Figure("modules imported for it", helped, "modules"),
    ]
    for words in (("ecs", "plan"), ("ecs", "apply", "--yes")):
        called, imported = _least(*words, "--env", "staging")
        what = f"`rollback {' '.join(words)}` until AWS is asked for the first time"
        figures += [
            Figure(what, called, "s", CALL_SECONDS),
            Figure("modules imported for it", imported, "modules"),
        ]
    return Answer(tuple(figures), (f"The least of {TIMES} fresh processes each.",))


def _least(*words: str) -> tuple[float, int]:
    measured = [_measured(words) for _ in range(TIMES)]
    return min(seconds for seconds, _ in measured), measured[0][1]


def _measured(words: Sequence[str]) -> tuple[float, int]:
    """The processor's seconds until then, and how many modules were imported."""
    reading, writing = os.pipe()
    with tempfile.TemporaryDirectory() as directory:
        variables = {
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "XDG_STATE_HOME": directory,
            "AWS_ACCESS_KEY_ID": "nobody",
            "AWS_SECRET_ACCESS_KEY": "nobody",
            "AWS_REGION": "us-east-1",
            "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
        }
        done = subprocess.run(  # noqa: S603 - an argument list of our own
            [sys.executable, "-c", SCRIPT.replace("DESCRIPTOR", str(writing)), *words],
            cwd=ROOT,
            env=variables,
            pass_fds=(writing,),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            check=False,
        )
        os.close(writing)
        with os.fdopen(reading, encoding="utf-8") as told:
            said = told.read()
    if not said:
        raise RuntimeError(f"It said nothing: {done.stderr.decode()}")
    seconds, modules = json.loads(said)
    return float(seconds), int(modules)
