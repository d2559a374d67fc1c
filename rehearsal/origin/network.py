"""The programs of the operator: the time that their way over the network takes, and faults that stand in their way."""

from __future__ import annotations

import os
import shutil
import signal
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Final, Protocol

from rollback.process import Completed, Processes

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from rehearsal.clock import VirtualClock
    from rollback.journal import Journal

_OVER_THE_NETWORK: Final = frozenset({"clone", "fetch", "ls-remote", "pull", "push"})


class Scribe:
    """Tells the journal of programs, and of the exit codes that a fault has them end with."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self.overruled: int | None = None

    def command(self, args: Sequence[str], cwd: Path | None) -> None:
        """Take down what is about to run."""
        self._journal.command(args, cwd)

    def exited(self, args: Sequence[str], code: int, seconds: float) -> None:
        """Take down how it ended."""
        self._journal.exited(args, code if self.overruled is None else self.overruled, seconds)


@dataclass(frozen=True, slots=True)
class Command:
    """A program that is about to be run.

    Attributes:
        args: the program and its arguments.
        cwd: where.
    """

    args: tuple[str, ...]
    cwd: Path | None
    _scribe: Scribe

    def begun(self) -> None:
        """Have the journal say that it was begun, though it isn't."""
        self._scribe.command(self.args, self.cwd)

    def instead(self, code: int, stderr: bytes) -> Completed:
        """Don't run it, and have it end so."""
        self.begun()
        self._scribe.exited(self.args, code, 0.0)
        return Completed(self.args, code, b"", stderr, 0.0)

    def ended(self, run: Callable[[], Completed], code: int, stderr: bytes) -> Completed:
        """Run it, and have it end so."""
        self._scribe.overruled = code
        try:
            done = run()
        finally:
            self._scribe.overruled = None
        return replace(done, code=code, stderr=done.stderr + stderr)


class CommandInterceptor(Protocol):
    """Stands before the operator's programs: lets one run, or does something else."""

    def __call__(self, command: Command, proceed: Callable[[], Completed], /) -> Completed:
        """End `command`; `proceed` runs it."""
        ...


@dataclass(slots=True)
class Running:
    """The programs of one stage's operator.

    Attributes:
        interceptors: what stands before them, the first outermost.
        processes: those that run now.
        killed: whether they were killed, which their caller has not been told yet.
    """

    interceptors: list[CommandInterceptor] = field(default_factory=list)
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)
    killed: bool = False

    def kill(self) -> None:
        """Kill what runs, with everything it started; its caller gets a KeyboardInterrupt."""
        for process in self.processes:
            self.killed = True
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


class UnhurriedProcesses(Processes):
    """Processes whose git takes its time when it talks to the remote, in the caller's thread.

    Args:
        journal: who is told of every program.
        clock: the stage's.
        env: the variables of every program.
        latency: how long a command that talks to the remote takes, in virtual seconds.
        live: more variables of every program, as they are when it is started.
        running: where programs that run are known, and what stands before them.
    """

    __slots__ = ("_latency", "_live", "_running", "_scribe", "_virtual")

    def __init__(
        self,
        journal: Journal,
        clock: VirtualClock,
        *,
        env: Mapping[str, str | None],
        latency: float,
        live: Mapping[str, str | None],
        running: Running | None = None,
    ) -> None:
        self._scribe = Scribe(journal)
        super().__init__(self._scribe, clock, env=env)
        self._live = live
        self._virtual = clock
        self._latency = latency
        self._running = running or Running()

    def run(
        self,
        args: Sequence[str],
        *,
        timeout_seconds: float,
        cwd: Path | None = None,
        env: Mapping[str, str | None] | None = None,
        stdin: bytes | None = None,
    ) -> Completed:
        """Run a program to its end, as `Processes` does."""
        if args[0].rpartition("/")[2] == "git" and _OVER_THE_NETWORK & set(args):
            self._virtual.sleep(self._latency)
        own = {**self._live, **(env or {})}
        command = Command(tuple(args), cwd, self._scribe)
        run = partial(super().run, args, timeout_seconds=timeout_seconds, cwd=cwd, env=own, stdin=stdin)

        def proceed(depth: int = 0) -> Completed:
            interceptors = self._running.interceptors
            if depth == len(interceptors):
                return run()
            return interceptors[depth](command, partial(proceed, depth + 1))

        done = proceed()
        if self._running.killed:
            self._running.killed = False
            raise KeyboardInterrupt
        return done

    def which(self, program: str) -> str | None:
        """Where PATH leads for `program`, or None."""
        path = self._live.get("PATH")
        return super().which(program) if path is None else shutil.which(program, path=path)

    def _attend(
        self, process: subprocess.Popen[bytes], argv: tuple[str, ...], stdin: bytes | None, timeout: float
    ) -> tuple[bytes, bytes]:
        self._running.processes.append(process)
        try:
            return super()._attend(process, argv, stdin, timeout)
        finally:
            self._running.processes.remove(process)
