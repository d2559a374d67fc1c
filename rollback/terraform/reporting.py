"""Saying how a rollback by Terraform ended: what was done, why, and what to do next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from rollback.clock import spoken
from rollback.terraform import by_hand
from rollback.terraform.changes import named
from rollback.terraform.complaints import LockNotReleased
from rollback.terraform.result import Outcome, Result

if TYPE_CHECKING:
    from pathlib import Path

    from rollback.access import Access
    from rollback.environment import Environment
    from rollback.errors import RollbackError
    from rollback.git import Commit
    from rollback.revert.following import Followed
    from rollback.state.lock_model import HeldLock
    from rollback.terraform.events import Done
    from rollback.terraform.result import SavedPoint
    from rollback.terraform.workspace import Workspace

_GO_ON: Final = "Mend what it failed at, then plan again: Terraform goes on where it stopped."


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


@dataclass(frozen=True, slots=True)
class Left:
    """What a Terraform that has failed leaves behind.

    Attributes:
        state: where the state is that it could not store.
        locks: who holds the state now: it may be the lock of that Terraform.
    """

    state: Path | None
    locks: tuple[HeldLock, ...]


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


def failed(way: Underway, error: RollbackError, done: Done, left: Left) -> Result:
    """The result where Terraform failed, before it changed anything or in the middle."""
    if not done.begun and left.state is None:
        return Result(
            outcome=Outcome.NOT_APPLIED,
            sentence=f"Nothing of {way.commit.short} was applied. {error.sentence}{_held(way, left)}",
            remedy=error.remedy or "Plan again.",
            saved=way.saved,
            seconds=way.seconds,
            commands=_cleaning(way, left),
        )
    at = f" It failed at {named(done.failed)}." if done.failed else ""
    open_ = [address for address in done.begun if address not in (*done.finished, *done.failed)]
    unknown = f" What became of {named(open_)} isn't known." if open_ else ""
    whole = not done.failed and not open_
    how = "in part, or all of it" if whole else "in part"
    again = error.remedy if isinstance(error, LockNotReleased) else _GO_ON
    return Result(
        outcome=Outcome.FAILED,
        sentence=f"The infrastructure of {way.commit.short} was applied {how}: {_resources(done.finished)} "
        f"done.{at}{unknown} {error.sentence}{_kept(left)}{_held(way, left)}",
        remedy=_push_it(left) or again,
        saved=way.saved,
        seconds=way.seconds,
        done=done.finished,
        failed=done.failed,
        state=left.state,
        commands=_cleaning(way, left),
    )


def lost(way: Underway, why: str, left: Left) -> Result:
    """The result where Terraform was stopped on its way."""
    return Result(
        outcome=Outcome.LOST,
        sentence=f"The apply of {way.commit.short} was stopped, and part of it may be done. {why}"
        f"{_kept(left)}{_held(way, left)}",
        remedy=_push_it(left)
        or "Look who holds the lock of the state, then plan again: a plan shows what is left to do.",
        saved=way.saved,
        seconds=way.seconds,
        state=left.state,
        commands=_cleaning(way, left),
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


def _kept(left: Left) -> str:
    return f" Terraform could not store the new state; it is kept in {left.state}." if left.state else ""


def _held(way: Underway, left: Left) -> str:
    """Who holds the state now: where Terraform was stopped, or could not give its lock back, it is its own lock."""
    now = way.access.clock.now()
    return f" The state is locked: {'; '.join(lock.told(now) for lock in left.locks)}." if left.locks else ""


def _push_it(left: Left) -> str:
    return (
        "Push that state first, and let nobody apply before: without it Terraform doesn't know what it has made."
        if left.state
        else ""
    )


def _cleaning(way: Underway, left: Left) -> tuple[str, ...]:
    """What it takes before anybody plans again."""
    program = way.workspace.program.shown
    ids = dict.fromkeys(lock.id for lock in left.locks if lock.id)
    unlocking = tuple(by_hand.force_unlock(way.environment, each, program=program) for each in ids)
    if left.state is None:
        return unlocking
    pushing = by_hand.push_state(
        way.environment, way.commit, left.state, program=program, locked=way.workspace.locked
    )
    return *unlocking, *pushing


__all__ = ["Left", "Underway", "broken", "failed", "landed", "locked", "lost", "nothing", "unseen"]
