"""Doing what a restore's plan says, under the lock and in steps that a second run recognises.

The order is: saved point, lock, look, write, look again, digest, release. Each step can be done again, so that after a
crash at any moment the same steps from the lock on finish it.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rollback.errors import Outdated, Refused, RollbackError
from rollback.journal import Kind
from rollback.plan import conclude
from rollback.state import backend, by_hand, locks, reporting, saving, writing
from rollback.state.lock_model import LockHeld, LockInfo
from rollback.state.places import lock_path
from rollback.state.result import WAY, Outcome, Way
from rollback.state.writing import Place, RefusedByTerraform, Seen

if TYPE_CHECKING:
    from rollback.access import Access
    from rollback.environment import Environment
    from rollback.state.backend import Backend
    from rollback.state.planning import StatePlan
    from rollback.state.result import Result, SavedPoint

OPERATION = "restore of the state"
"""What our lock says it is held for."""

_KEEPS_THE_LOCK = frozenset({Outcome.UNFINISHED, Outcome.LOST})
"""Where nobody should work on the state before it is finished."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How it ended under the lock.

    Attributes:
        outcome: how.
        seen: the state's key as it was seen last; None where it couldn't be looked at.
        error: what went wrong.
    """

    outcome: Outcome
    seen: Seen | None = None
    error: RollbackError | None = None


def apply(environment: Environment, access: Access, plan: StatePlan) -> Result:
    """Take the lock, write the chosen state, mend the digest, release the lock, and read all of it back.

    Once the lock may have been taken every end but two is a `Result`, also the bad ones: somebody else's lock, and a
    state that has moved, are exceptions, and then nothing has been changed. An interruption (Ctrl-C) is recorded in the
    journal and goes on to the caller; `go_on` finishes.

    Raises:
        Refused: the plan holds a refusal; nothing has been changed.
        LockHeld: somebody else holds the lock; nothing has been changed.
        Outdated: the state has moved on; nothing has been changed.
        RollbackError: Terraform, the disk or the journal says no before anything was changed.
    """
    plan.must_be_applicable()
    began = access.clock.monotonic()
    if plan.done:
        return _concluded(access, reporting.nothing_to_do(access, plan, began=began))
    if plan.before is None or plan.writing is None:
        raise Refused("The plan has not seen the state.", remedy="Make a new plan.")
    # Terraform reads the state at `init` already, which it refuses to do with a stale digest.
    pushes_at_once = plan.writing.way is Way.PUSH and not plan.before.stale
    ready = backend.ready(environment, access) if pushes_at_once else None
    saved = saving.save(environment, access, plan.before, plan.writing, plan.orphans)
    try:
        return _finished(environment, access, saved, ready, began=began)
    except LockHeld:
        saving.ended(saved)  # it has not begun
        raise


def go_on(environment: Environment, access: Access, saved: SavedPoint) -> Result:
    """Finish a restore that broke off, from wherever it did; doing it again does nothing.

    Raises:
        JournalError: it is of another environment.
        LockHeld: somebody else holds the lock.
        Outdated: somebody else has written the state since; our lock has been released.
        RollbackError: what was to be written can't be had any more.
    """
    saving.must_be_of(environment, saved)
    return _finished(environment, access, saved, None, began=access.clock.monotonic())


def _finished(
    environment: Environment, access: Access, saved: SavedPoint, ready: Backend | None, *, began: float
) -> Result:
    try:
        ended = _locked(environment, access, saved) or _under_lock(environment, access, saved, ready)
        unreleased = _released(environment, access, saved, ended)
    except KeyboardInterrupt:
        access.journal.record(
            Kind.INTERRUPTED,
            f"Interrupted in the middle of a restore. The lock {saved.lock} may be held; going on finishes it.",
            lock=saved.lock,
            unlock=list(by_hand.unlock(environment, saved.lock)),
        )
        raise
    if ended.outcome not in _KEEPS_THE_LOCK and unreleased is None:
        saving.ended(saved)
    if isinstance(ended.error, Outdated) and unreleased is None:
        raise ended.error
    if ended.outcome is Outcome.RESTORED and unreleased is None:
        _forget(saved)
    return _concluded(
        access, reporting.told(environment, access, saved, ended, unreleased=unreleased, began=began)
    )


def _locked(environment: Environment, access: Access, saved: SavedPoint) -> Ended | None:
    """Take the lock; None once it is ours."""
    lock = LockInfo(
        id=saved.lock,
        operation=OPERATION,
        info=f"to version {saved.writing.chosen}" if saved.writing.chosen else "",
        who=LockInfo.new(environment, access, operation=OPERATION).who,
        version="",
        created=saved.created,
        path=lock_path(environment),
    )
    try:
        locks.take(environment, access, lock)
    except LockHeld:
        raise  # nothing is ours
    except RollbackError as error:
        return Ended(Outcome.NOT_WRITTEN, error=error)
    return None


def _under_lock(environment: Environment, access: Access, saved: SavedPoint, ready: Backend | None) -> Ended:
    try:
        seen = writing.look(environment, access, saved)
    except RollbackError as error:
        return Ended(Outcome.LOST, error=error)
    if seen.place is Place.BEFORE:
        return _write(environment, access, saved, ready)
    if seen.place is Place.OTHER:
        return Ended(Outcome.NOT_WRITTEN, seen, _moved(environment))
    return _settled(environment, access, saved, seen)


def _write(environment: Environment, access: Access, saved: SavedPoint, ready: Backend | None) -> Ended:
    """Write it, and go by what is there afterwards, not by what was answered."""
    trouble: RollbackError | None = None
    try:
        if saved.writing.way is Way.PUSH:
            writing.mend_before(environment, access, saved)
        writing.put(environment, access, saved, ready)
    except RollbackError as error:
        trouble = error
    try:
        seen = writing.look(environment, access, saved)
    except RollbackError as error:
        return Ended(Outcome.LOST, error=error)
    if seen.place is Place.OURS:
        return _settled(environment, access, saved, seen)
    refused = isinstance(trouble, RefusedByTerraform)
    if seen.place is Place.BEFORE:
        return Ended(Outcome.REFUSED_BY_TERRAFORM if refused else Outcome.NOT_WRITTEN, seen, trouble)
    if refused or isinstance(trouble, Outdated):
        return Ended(Outcome.NOT_WRITTEN, seen, _moved(environment))
    return Ended(Outcome.LOST, seen, trouble or _another(environment))


def _settled(environment: Environment, access: Access, saved: SavedPoint, seen: Seen) -> Ended:
    """The state is the chosen one: the lock table must say so too."""
    try:
        writing.mend_after(environment, access, seen)
    except RollbackError as error:
        return Ended(Outcome.UNFINISHED, seen, error)
    access.journal.record(
        Kind.OBSERVATION,
        f"The state is written: version {seen.version.id if seen.version else 'none'}.",
        version=seen.version.id if seen.version else "",
        lock=saved.lock,
    )
    return Ended(Outcome.RESTORED, seen)


def _released(
    environment: Environment, access: Access, saved: SavedPoint, ended: Ended
) -> RollbackError | None:
    """Release our lock, unless nobody should work on the state yet; why it couldn't be, if it couldn't."""
    if ended.outcome in _KEEPS_THE_LOCK:
        return None
    try:
        locks.release(environment, access, saved.lock)
        left = [lock for lock in locks.held(environment, access) if lock.id == saved.lock]
    except RollbackError as error:
        return error
    return RollbackError("It is still there.") if left else None


def _moved(environment: Environment) -> Outdated:
    return Outdated(
        f"Somebody has written the state of {environment.name} since the plan was made.",
        remedy="Look at its newest versions, then plan again. The restore has written nothing.",
    )


def _another(environment: Environment) -> RollbackError:
    return RollbackError(f"The state of {environment.name} that is there now isn't what was written.")


def _forget(saved: SavedPoint) -> None:
    """Remove the private copy of what is in force now; that of what was there before stays."""
    if saved.writing.file:
        with suppress(OSError):
            Path(saved.writing.file).unlink()


def _concluded(access: Access, result: Result) -> Result:
    conclude(access.journal, result, way=WAY)
    return result
