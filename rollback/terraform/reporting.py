"""Saying how a rollback by Terraform ended: what was done, why, and what to do next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rollback.clock import spoken
from rollback.terraform import by_hand
from rollback.terraform.changes import named
from rollback.terraform.result import Outcome, Result

if TYPE_CHECKING:
    from pathlib import Path

    from rollback.access import Access
    from rollback.environment import Environment
    from rollback.errors import RollbackError
    from rollback.git import Commit
    from rollback.revert.following import Followed
    from rollback.terraform.events import Done
    from rollback.terraform.result import SavedPoint
    from rollback.terraform.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Underway:
    """An apply that has begun.

    Attributes:
        environment: the place.
        access: the hands.
        workspace: where Terraform runs.
        saved: where the infrastructure was before.
        began: when, as the clock's `monotonic` reads.
    """

    environment: Environment
    access: Access
    workspace: Workspace
    saved: SavedPoint
    began: float

    @property
    def seconds(self) -> float:
        """For how long."""
        return self.access.clock.monotonic() - self.began

    @property
    def commit(self) -> Commit:
        """What is applied."""
        return self.workspace.commit


def nothing(access: Access, commit: Commit, saved: SavedPoint, *, began: float) -> Result:
    """The result where the infrastructure is as the commit has it."""
    return Result(
        outcome=Outcome.NOTHING,
        sentence=f"Nothing to do: the infrastructure is as {commit.short} has it.",
        remedy="Look for what is wrong elsewhere.",
        saved=saved,
        seconds=access.clock.monotonic() - began,
    )


def landed(way: Underway, done: Done, *, restarted: bool) -> Result:
    """The result where all is well."""
    seconds = way.seconds
    tasks = ", and the tasks were restarted to read it anew" if restarted else ""
    return Result(
        outcome=Outcome.LANDED,
        sentence=f"The infrastructure is that of {way.commit.short} after {spoken(seconds)}: "
        f"{_resources(done.finished)} applied{tasks}.",
        saved=way.saved,
        seconds=seconds,
        done=done.finished,
        restarted=restarted,
    )


def locked(way: Underway, error: RollbackError) -> Result:
    """The result where somebody else was quicker to take the lock."""
    return Result(
        outcome=Outcome.LOCKED,
        sentence=f"Nothing of {way.commit.short} was applied. {error.sentence}",
        remedy=error.remedy,
        saved=way.saved,
        seconds=way.seconds,
    )


def failed(way: Underway, error: RollbackError, done: Done, left: Path | None) -> Result:
    """The result where Terraform failed, before it changed anything or in the middle."""
    if not done.begun and left is None:
        return Result(
            outcome=Outcome.NOT_APPLIED,
            sentence=f"Nothing of {way.commit.short} was applied. {error.sentence}",
            remedy=error.remedy or "Plan again.",
            saved=way.saved,
            seconds=way.seconds,
        )
    at = f" It failed at {named(done.failed)}." if done.failed else ""
    open_ = [address for address in done.begun if address not in (*done.finished, *done.failed)]
    unknown = f" What became of {named(open_)} isn't known." if open_ else ""
    return Result(
        outcome=Outcome.FAILED,
        sentence=f"The infrastructure of {way.commit.short} was applied in part: {_resources(done.finished)} "
        f"done.{at}{unknown} {error.sentence}{_kept(left)}",
        remedy=_push_it(left)
        or "Mend what it failed at, then plan again: Terraform goes on where it stopped.",
        saved=way.saved,
        seconds=way.seconds,
        done=done.finished,
        failed=done.failed,
        state=left,
        commands=_pushing(way, left),
    )


def lost(way: Underway, why: str, left: Path | None) -> Result:
    """The result where Terraform was stopped on its way."""
    return Result(
        outcome=Outcome.LOST,
        sentence=f"The apply of {way.commit.short} was stopped, and part of it may be done. {why}{_kept(left)}",
        remedy=_push_it(left)
        or "Look who holds the lock of the state, then plan again: a plan shows what is left to do.",
        saved=way.saved,
        seconds=way.seconds,
        state=left,
        commands=_pushing(way, left),
    )


def unseen(way: Underway, done: Done, error: RollbackError) -> Result:
    """The result where it was applied, and the service can't be looked at."""
    return Result(
        outcome=Outcome.LOST,
        sentence=f"The infrastructure is that of {way.commit.short}, but the service can't be seen: {error.sentence}",
        remedy=error.remedy or "Look at the service, then verify.",
        saved=way.saved,
        seconds=way.seconds,
        done=done.finished,
    )


def broken(way: Underway, done: Done, followed: Followed) -> Result:
    """The result where it was applied, and the application is not well with it."""
    seconds = way.seconds
    return Result(
        outcome=Outcome.STILL_BROKEN,
        sentence=f"The infrastructure is that of {way.commit.short}, but after {spoken(seconds)} the application "
        f"is not well. {followed.seen}".strip(),
        remedy=followed.remedy or "Something else is wrong as well: read the application's logs.",
        saved=way.saved,
        seconds=seconds,
        done=done.finished,
        restarted=followed.restarted,
    )


def _resources(addresses: tuple[str, ...]) -> str:
    return f"{len(addresses)} resource{'s' if len(addresses) != 1 else ''}"


def _kept(left: Path | None) -> str:
    return f" Terraform could not store the new state; it is kept in {left}." if left else ""


def _push_it(left: Path | None) -> str:
    return (
        "Push that state first, and let nobody apply before: without it Terraform doesn't know what it has made."
        if left
        else ""
    )


def _pushing(way: Underway, left: Path | None) -> tuple[str, ...]:
    if left is None:
        return ()
    return by_hand.push_state(
        way.environment, way.commit, left, program=way.workspace.program.shown, locked=way.workspace.locked
    )


__all__ = ["Underway", "broken", "failed", "landed", "locked", "lost", "nothing", "unseen"]
