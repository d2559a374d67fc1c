"""The time that a program's way over the network takes on the stage's clock."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Final

from rollback.process import Processes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from rehearsal.clock import VirtualClock
    from rollback.journal import Journal
    from rollback.process import Completed

_OVER_THE_NETWORK: Final = frozenset({"clone", "fetch", "ls-remote", "pull", "push"})


class UnhurriedProcesses(Processes):
    """Processes whose git takes its time when it talks to the remote, in the caller's thread.

    Args:
        journal: who is told of every program.
        clock: the stage's.
        env: the variables of every program.
        latency: how long a command that talks to the remote takes, in virtual seconds.
        live: more variables of every program, as they are when it is started.
    """

    __slots__ = ("_latency", "_live", "_virtual")

    def __init__(
        self,
        journal: Journal,
        clock: VirtualClock,
        *,
        env: Mapping[str, str | None],
        latency: float,
        live: Mapping[str, str | None],
    ) -> None:
        super().__init__(journal, clock, env=env)
        self._live = live
        self._virtual = clock
        self._latency = latency

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
        if _OVER_THE_NETWORK & set(args):
            self._virtual.sleep(self._latency)
        own = {**self._live, **(env or {})}
        return super().run(args, timeout_seconds=timeout_seconds, cwd=cwd, env=own, stdin=stdin)

    def which(self, program: str) -> str | None:
        """Where PATH leads for `program`, or None."""
        path = self._live.get("PATH")
        return super().which(program) if path is None else shutil.which(program, path=path)
