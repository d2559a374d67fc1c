"""Who holds the state, and holding it oneself, the way Terraform's S3 backend does.

Read from the behaviour of Terraform 1.11: it puts the lock file first and then, where there is a table, the table's
item, both only if there is none; it removes them in the same order, each only if it bears its own id.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rollback._text import quoted
from rollback.errors import AwsError, Refused, RollbackError, Unavailable
from rollback.journal import Kind
from rollback.state.lock_model import HeldLock, LockHeld, LockInfo, LockKind
from rollback.state.lock_places import TAKEN, lock_places
from rollback.state.places import lock_key

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from rollback.access import Access
    from rollback.environment import Environment
    from rollback.state.lock_places import LockPlace

__all__ = ["HeldLock", "LockHeld", "LockInfo", "LockKind", "held", "release", "take", "unlock"]

ATTEMPTS: Final = 3
"""How often it is tried to put a lock while AWS says that there is one, and there is none. Pauses: 1 and 2 seconds."""


def held(environment: Environment, access: Access) -> tuple[HeldLock, ...]:
    """Every lock on the state, of both kinds.

    Raises:
        AwsError: the one or the other can't be asked.
    """
    found = (place.look() for place in lock_places(environment, access))
    return tuple(lock for lock in found if lock)


def take(environment: Environment, access: Access, lock: LockInfo) -> None:
    """Take the state's locks, the file and then the table's, or none of them.

    One that is there with this id already is our own, as after a crash.

    Raises:
        LockHeld: somebody else holds it.
        AwsError: a lock can't be put; none is left behind.
        RollbackError: a lock can't be put, and one of ours may be left behind: it is named.
    """
    first, *others = lock_places(environment, access)
    _put(first, access, lock)
    try:
        for place in others:
            _put(place, access, lock)
    except RollbackError as error:
        try:
            release(environment, access, lock.id)
        except RollbackError as second:
            raise RollbackError(
                f"{error.sentence} Our own lock {lock.id} may be left behind: {second.sentence}",
                remedy=f"Look at the locks, then unlock the id {lock.id}.",
            ) from error
        raise


def release(environment: Environment, access: Access, lock_id: str) -> None:
    """Remove the locks that bear this id, and no other; doing it again does nothing.

    Raises:
        AwsError: one of them can't be removed or looked at; the other one has been tried all the same.
    """
    first: AwsError | None = None
    for place in lock_places(environment, access):
        try:
            _remove(place, lock_id)
        except AwsError as error:
            first = first or error
    if first:
        raise first


def unlock(
    environment: Environment, access: Access, lock_id: str, *, knowingly: bool
) -> tuple[HeldLock, ...]:
    """Take somebody's lock away, which may ruin the state if they are still at work; returns what was taken away.

    Args:
        environment: whose state.
        access: the hands.
        lock_id: of the lock; no other is touched.
        knowingly: whether whoever asks has made sure that nobody is at work.

    Raises:
        Refused: no lock has this id, or it isn't known that nobody is at work.
        AwsError: it can't be looked at or removed.
    """
    now = access.clock.now()
    there = held(environment, access)
    meant = tuple(lock for lock in there if lock_id and lock.id == lock_id)
    if not meant:
        told = "; ".join(lock.told(now) for lock in there)
        raise Refused(
            f"No lock of the state has the id {quoted(lock_id)}.",
            remedy=f"Those that are held: {told}.{_by_hand(environment, there)}"
            if there
            else "None is held.",
        )
    if not knowingly:
        raise Refused(
            f"Unlocking ends nothing that is at work: {'; '.join(lock.told(now) for lock in meant)}.",
            remedy=_before_unlocking(environment, meant, now),
        )
    access.journal.record(
        Kind.DECISION,
        f"Unlock {lock_id} although somebody else has taken it.",
        id=lock_id,
        who=meant[0].who,
        operation=meant[0].operation,
        since=meant[0].since.isoformat() if meant[0].since else "",
        kinds=[lock.kind.value for lock in meant],
    )
    release(environment, access, lock_id)
    return meant


def _before_unlocking(environment: Environment, locks: Sequence[HeldLock], now: datetime) -> str:
    if any(lock.looks_alive(environment, now) for lock in locks):
        return (
            "It is young, so its holder is probably at work: ask them, or wait. "
            "Unlock it knowingly only when their terraform has ended."
        )
    return "It is old, so its holder has probably died: make sure of that, then unlock it knowingly."


def _by_hand(environment: Environment, locks: Sequence[HeldLock]) -> str:
    """What helps where a lock file has no id."""
    if not any(lock.unreadable and lock.kind is LockKind.FILE for lock in locks):
        return ""
    where = f"--bucket {environment.state_bucket} --key {lock_key(environment)}"
    return f" Terraform can't unlock that one either: when nobody is at work, run `aws s3api delete-object {where}`."


def _put(place: LockPlace, access: Access, lock: LockInfo) -> None:
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return place.put(lock)
        except AwsError as error:
            uncertain = isinstance(error, Unavailable)
            if error.code not in TAKEN and not uncertain:
                raise
            # Taken, or perhaps done by us although the answer was lost: what is there tells.
            there = place.look()
            if there and there.id == lock.id:
                return None
            if there:
                raise LockHeld((there,), access.clock.now()) from None
            if uncertain or attempt == ATTEMPTS:
                raise
            access.clock.sleep(attempt)
    return None


def _remove(place: LockPlace, lock_id: str) -> None:
    there = place.look()
    if there is None or there.id != lock_id:
        return
    try:
        place.remove(there)
    except AwsError:
        still = place.look()
        if still is not None and still.id == lock_id:
            raise
