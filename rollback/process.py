"""The one function that runs another program: git, terraform, and nothing through a shell."""

from __future__ import annotations

import errno
import os
import shlex
import shutil
import subprocess
import unicodedata
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Protocol

from rollback._pipes import Pipes, TooMuch
from rollback._text import printable, quoted
from rollback.clock import spoken
from rollback.errors import RollbackError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from rollback.clock import Clock

LIMIT_BYTES: Final = 64 * 1024 * 1024
GRACE_SECONDS: Final = 10.0
_LONGEST_SHOWN: Final = 120
_LONGEST_PATH: Final = 1000
_NOT_FOUND: Final = 127
_NOT_EXECUTABLE: Final = 126
_MISLEADING: Final = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


class NotStarted(RollbackError):
    """The program could not be started, so nothing has been done."""


class Stopped(RollbackError):
    """The program was stopped before its end; what it had done by then may have taken effect."""


class ProcessRecorder(Protocol):
    """Who is told of every program: the journal."""

    def command(self, args: Sequence[str], cwd: Path | None) -> None:
        """Take down what is about to run. If this raises, it doesn't run."""
        ...

    def exited(self, args: Sequence[str], code: int, seconds: float) -> None:
        """Take down how it ended: its exit code, minus the signal that killed it, or 126 or 127 if not begun."""
        ...


@dataclass(frozen=True, slots=True)
class Completed:
    """A program that ran to its end, well or not.

    Attributes:
        args: the program and its arguments.
        code: the exit code; minus the number of the signal that ended it.
        stdout: what it printed, byte for byte; kept out of the repr, since it may hold secrets.
        stderr: what it complained about, likewise.
        seconds: how long it took by the clock of the rollback.
    """

    args: tuple[str, ...]
    code: int
    stdout: bytes = field(repr=False)
    stderr: bytes = field(repr=False)
    seconds: float

    @property
    def text(self) -> str:
        """`stdout` as text; what isn't UTF-8 is replaced."""
        return self.stdout.decode(errors="replace")

    @property
    def error_text(self) -> str:
        """`stderr` as text; what isn't UTF-8 is replaced."""
        return self.stderr.decode(errors="replace")


class Processes:
    """Runs programs, each recorded before it begins and after it has ended.

    The environment and the output of a program may hold secrets, so only its arguments are recorded.

    Args:
        recorder: who is told.
        clock: for the durations that are reported.
        limit_bytes: how much a program may print, on both outputs together.
        grace_seconds: how long one that is stopped may clean up (terraform gives its lock back, git removes
            its lock files) before it is killed.
        env: variables to set, or with None to remove, for every program.
    """

    __slots__ = ("__weakref__", "_clock", "_env", "_grace", "_limit", "_recorder")

    def __init__(
        self,
        recorder: ProcessRecorder,
        clock: Clock,
        *,
        limit_bytes: int = LIMIT_BYTES,
        grace_seconds: float = GRACE_SECONDS,
        env: Mapping[str, str | None] | None = None,
    ) -> None:
        self._env = dict(env or {})
        self._recorder = recorder
        self._clock = clock
        self._limit = limit_bytes
        self._grace = grace_seconds

    def run(
        self,
        args: Sequence[str],
        *,
        timeout_seconds: float,
        cwd: Path | None = None,
        env: Mapping[str, str | None] | None = None,
        stdin: bytes | None = None,
    ) -> Completed:
        """Run a program to its end, in a session of its own, without a terminal that it could ask anything on.

        It inherits the whole environment: which variables lead git and terraform to their credentials,
        proxies and certificates differs from place to place, and an incident is the wrong time to find one
        missing from a list.

        Args:
            args: the program and its arguments; strings from outside go through `literal` first.
            timeout_seconds: real seconds, after which it is stopped with everything it started.
            cwd: where it runs.
            env: variables to set, or with None to remove, over those for every program.
            stdin: what it reads; without it, nothing.

        Raises:
            NotStarted: it isn't there, may not be executed, or can't be given these arguments.
            Stopped: it didn't end in time, or printed without end.
        """
        argv = _argv(args, cwd)
        self._recorder.command(argv, cwd)
        begun = self._clock.monotonic()
        try:
            process = subprocess.Popen(  # noqa: S603 - an argument list, and never a shell
                argv,
                cwd=cwd,
                env=_environ(self._env, env or {}),
                stdin=subprocess.DEVNULL if stdin is None else subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                bufsize=0,
                start_new_session=True,
            )
        except OSError as exc:
            not_found = isinstance(exc, FileNotFoundError)
            self._recorder.exited(argv, _NOT_FOUND if not_found else _NOT_EXECUTABLE, 0.0)
            raise _not_started(argv, exc) from None
        try:
            stdout, stderr = self._attend(process, argv, stdin, timeout_seconds)
        finally:
            seconds = self._clock.monotonic() - begun
            self._recorder.exited(argv, process.returncode, seconds)
        return Completed(argv, process.returncode, stdout, stderr, seconds)

    def which(self, program: str) -> str | None:
        """Where PATH leads for `program`, or None."""
        return shutil.which(program, path=_environ(self._env).get("PATH"))

    def _attend(
        self, process: subprocess.Popen[bytes], argv: tuple[str, ...], stdin: bytes | None, timeout: float
    ) -> tuple[bytes, bytes]:
        """Feed it and read from it until it has ended; whatever goes wrong, it isn't left behind."""
        pipes = Pipes(process, stdin, self._limit)
        try:
            pipes.pump(timeout)
        except BaseException as exc:
            pipes.stop(self._grace)
            if isinstance(exc, subprocess.TimeoutExpired):
                raise _stopped(argv, f"did not end within {spoken(timeout)}") from None
            if isinstance(exc, TooMuch):
                raise _stopped(argv, f"printed more than {self._limit:,} bytes") from None
            raise
        finally:
            pipes.close()
        return bytes(pipes.stdout), bytes(pipes.stderr)


def literal(value: str, *, what: str) -> str:
    """Give `value` back if it can only be taken literally in an argument list.

    Args:
        value: a string from outside.
        what: what it is, for the sentence, as ``branch``.

    Raises:
        RollbackError: it is empty, would be read as an option, or holds characters that can't be seen.
    """
    if not value:
        raise RollbackError(f"The {what} is empty.", remedy=f"Name the {what}.")
    if value.startswith("-"):
        raise RollbackError(
            f"The {what} {quoted(value)} begins with a hyphen, so a program would read it as an option.",
            remedy=f"Name the {what} without it.",
        )
    for character in value:
        if unicodedata.category(character) in _MISLEADING:
            raise RollbackError(
                f"The {what} {quoted(value)} holds the control character U+{ord(character):04X}.",
                remedy=f"Type the {what} anew instead of copying it.",
            )
    return value


def _argv(args: Sequence[str], cwd: Path | None) -> tuple[str, ...]:
    """The arguments as they will be handed over, once it is sure that they can be."""
    if isinstance(args, str) or not args:
        raise TypeError("a program is run with a list of arguments")
    argv = tuple(args)
    for arg in argv:
        if any(c == "\0" or unicodedata.category(c) == "Cs" for c in arg):
            raise NotStarted(
                f"{quoted(argv[0])} can't be given {quoted(arg)}: a NUL or half a character fits into no argument."
            )
    if cwd is not None and not cwd.is_dir():
        raise NotStarted(
            f"{quoted(argv[0])} should run in {printable(cwd)}, but that is not a directory.",
            remedy="Name one that exists.",
        )
    return argv


def _environ(*changes: Mapping[str, str | None]) -> dict[str, str]:
    environ: dict[str, str | None] = dict(os.environ)
    for change in changes:
        environ.update(change)
    return {name: value for name, value in environ.items() if value is not None}


def _not_started(argv: tuple[str, ...], exc: OSError) -> NotStarted:
    program = quoted(argv[0], longest=_LONGEST_PATH)
    if isinstance(exc, FileNotFoundError):
        return NotStarted(
            f"The program {program} was not found.", remedy="Install it, or have PATH lead to it."
        )
    reason = os.strerror(exc.errno or errno.EIO)
    return NotStarted(
        f"{program} could not be started: {reason}.", remedy="See what stands there under that name."
    )


def _stopped(argv: tuple[str, ...], why: str) -> Stopped:
    line = printable(shlex.join(argv))
    shown = line if len(line) <= _LONGEST_SHOWN else line[:_LONGEST_SHOWN] + "..."
    return Stopped(
        f"`{shown}` {why}, so it was stopped.",
        remedy="What it had done by then may have taken effect: look before you repeat it.",
    )
