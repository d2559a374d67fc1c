"""Terraform as the team and its pipeline run it: within an event of the clock, in no time.

Whoever plays an event holds the clock's lock, so that no server's thread could answer the program it waits for. So
requests are handed to the thread that waits.
"""

from __future__ import annotations

import os
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from tempfile import TemporaryDirectory
from threading import Thread
from typing import TYPE_CHECKING, Any, Final, TypeAlias, cast

from rehearsal.served import listening, variables
from rehearsal.terraform_config import path_with_python, terraform_variables
from rollback.clock import SystemClock
from rollback.process import Processes
from rollback.terraform import Program, find

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from rehearsal.clock import VirtualClock
    from rehearsal.keys import Keys
    from rehearsal.served import Wsgi
    from rollback.access import Access
    from rollback.environment import Environment
    from rollback.process import Completed

LONGEST: Final = 120.0
"""How long one command may take, in real seconds."""

_Answer: TypeAlias = "tuple[str, list[tuple[str, str]], list[bytes]]"


@dataclass(frozen=True, slots=True)
class _Asked:
    """A request that waits for the playing thread."""

    environ: dict[str, Any]
    answer: Future[_Answer]


class Lane:
    """Hands what a program asks of AWS to the thread that waits for the program.

    Args:
        application: what answers.
    """

    def __init__(self, application: Wsgi) -> None:
        self._application = application
        self._queue: SimpleQueue[_Asked | None] = SimpleQueue()

    def respond(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer a request, in a thread of the server."""
        asked = _Asked(environ, Future())
        self._queue.put(asked)
        status, headers, body = asked.answer.result(LONGEST)
        start_response(status, headers)
        return body

    def work_until_done(self, program: Callable[[], Completed]) -> Completed:
        """Run `program` in another thread, and answer in this one what it asks for until it has ended."""
        done: Future[Completed] = Future()

        def play() -> None:
            try:
                done.set_result(program())
            except BaseException as exc:  # noqa: BLE001 - it is raised where somebody waits for it
                done.set_exception(exc)
            self._queue.put(None)

        Thread(target=play, name="teams-terraform", daemon=True).start()
        while (asked := self._queue.get()) is not None:
            try:
                asked.answer.set_result(self._ask(asked.environ))
            except Exception as exc:  # noqa: BLE001 - the server's thread tells it to the program
                asked.answer.set_exception(exc)
        return done.result()

    def _ask(self, environ: dict[str, Any]) -> _Answer:
        begun: list[tuple[str, list[tuple[str, str]]]] = []

        def start(status: str, headers: list[tuple[str, str]], _: object = None) -> Callable[[bytes], object]:
            begun.append((status, headers))
            return lambda _: None

        body = list(self._application(environ, start))
        status, headers = begun[-1]
        return status, headers, body


class TeamsTerraform:
    """The team's Terraform on one stage.

    Args:
        environment: whose programs are looked for.
        clock: the stage's; its lock is held while a command runs.
        keys: with which it signs.
        application: what answers for AWS, without any lock.
        directory: an existing directory for its configuration.
    """

    def __init__(
        self,
        environment: Environment,
        clock: VirtualClock,
        keys: Keys,
        application: Wsgi,
        directory: Path,
    ) -> None:
        self._environment = environment
        self._clock = clock
        self._keys = keys
        self._directory = directory
        self._lane = Lane(application)
        self._listening = listening(self._lane.respond, "teams-aws")
        self._program = team_program(environment)
        directory.mkdir(exist_ok=True)
        url = self._listening.__enter__()
        aws = variables(url, keys, environment.region, directory)
        self._variables = {**terraform_variables(directory, aws), "PATH": path_with_python()}

    def run(
        self, *args: str, cwd: Path, env: Mapping[str, str | None] | None = None, stdin: bytes | None = None
    ) -> Completed:
        """Run one command to its end; the clock stands still meanwhile.

        Args:
            args: the command and its arguments.
            cwd: the root module's directory.
            env: further variables.
            stdin: what it reads.
        """
        hands = _hands(self._variables)

        def command() -> Completed:
            return self._program.run(hands, *args, cwd=cwd, timeout_seconds=LONGEST, env=env, stdin=stdin)

        with self._clock.lock:
            return self._lane.work_until_done(command)

    def close(self) -> None:
        """Stop listening."""
        self._listening.__exit__(None, None, None)


def run_alone(environment: Environment, *args: str, cwd: Path) -> Completed:
    """Run one command without any AWS, whose provisioners do nothing."""
    with TemporaryDirectory(prefix="rehearsal-terraform-") as name:
        directory = Path(name)
        (directory / "python3").symlink_to("/bin/true")
        aws = {"PATH": os.pathsep.join([name, os.environ.get("PATH", os.defpath)])}
        hands = _hands(terraform_variables(directory, aws))
        return team_program(environment).run(hands, *args, cwd=cwd, timeout_seconds=LONGEST)


_programs: dict[tuple[tuple[str, ...], str], Program] = {}


def team_program(environment: Environment) -> Program:
    """The Terraform that the team uses: the first that the environment names. Looked for once in a process."""
    key = environment.terraform.programs, os.environ.get("PATH", "")
    if key not in _programs:
        hands = cast("Access", _OnlyProcesses(_hands({})))
        _programs[key] = find(environment, hands)
    return _programs[key]


@dataclass(frozen=True, slots=True)
class _OnlyProcesses:
    """What `find` needs of an access."""

    processes: Processes


class _Unrecorded:
    """Takes nothing down: what the team does is in nobody's journal."""

    def command(self, args: Sequence[str], cwd: Path | None) -> None:
        """Let it run."""

    def exited(self, args: Sequence[str], code: int, seconds: float) -> None:
        """Let it end."""


def _hands(env: Mapping[str, str | None]) -> Processes:
    return Processes(_Unrecorded(), SystemClock(), env=env)
