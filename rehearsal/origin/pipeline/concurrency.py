"""Concurrency groups: of each, one run goes on and one is pending at most."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rehearsal.origin.pipeline.running import Attempt


@dataclass(slots=True)
class _Group:
    running: Attempt
    pending: Attempt | None = None


class Groups:
    """The groups of a repository. Source: GitHub Docs, "Control the concurrency of workflows and jobs"."""

    def __init__(self) -> None:
        self._groups: dict[str, _Group] = {}

    def enter(self, attempt: Attempt, name: str, *, cancels: bool) -> None:
        """Begin `attempt`, or have it wait for the one that goes on in its group.

        What is pending there already is cancelled, and with `cancels` also what goes on.

        Args:
            attempt: a run that was just started.
            name: its group, in which upper and lower case are the same; empty for none.
            cancels: whether it doesn't wait for what goes on, but cancels it.
        """
        group = self._groups.get(name.casefold())
        if not name:
            attempt.begin()
            return
        if group is None:
            self._groups[name.casefold()] = _Group(attempt)
            attempt.begin()
            return
        before, group.pending = group.pending, attempt
        attempt.run.status = "pending"
        if before is not None:
            before.cancel()
        if cancels:
            group.running.cancel()

    def leave(self, attempt: Attempt) -> None:
        """Begin what was pending behind `attempt`, which is completed."""
        for name, group in list(self._groups.items()):
            if group.pending is attempt:
                group.pending = None
            if group.running is attempt:
                if group.pending is None:
                    del self._groups[name]
                    continue
                group.running, group.pending = group.pending, None
                group.running.begin()
