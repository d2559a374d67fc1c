"""Having RDS make the restored instance, once, and waiting until it can be used."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from rollback._text import printable
from rollback.database.backup import reading
from rollback.database.backup.checks import is_broken
from rollback.database.backup.result import Outcome
from rollback.database.backup.settings import given
from rollback.errors import AccessDenied, AwsError, CredentialsExpired, Unavailable
from rollback.journal import Kind

if TYPE_CHECKING:
    from rollback.access import Access
    from rollback.database.backup.model import Instance, Point
    from rollback.environment import Environment

TRIES: Final = 3
"""How often a restore is asked for when AWS may not have heard it."""
LOOKS_EVERY: Final = 30.0
"""How often RDS is asked whether the instance is available, in seconds: as often as AWS's own waiter does."""
_FINAL: Final = (CredentialsExpired, AccessDenied)
"""What the next look won't change."""


@dataclass(frozen=True, slots=True)
class Restored:
    """What came of it.

    Attributes:
        instance: the restored one; None where it can't be used.
        outcome: why not.
        why: a sentence; may be empty.
    """

    instance: Instance | None
    outcome: Outcome = Outcome.RESTORED
    why: str = ""


def restored(environment: Environment, access: Access, old: Instance, point: Point, target: str) -> Restored:
    """The restored instance, available: asked for where it isn't there, and waited for.

    Where AWS failed or an answer was lost, RDS is looked at before it is asked again; two instances can't have one name.
    """
    try:
        if reading.instance(access, target) is None:
            _begin(access, old, point, target)
    except AwsError as error:
        try:
            there = reading.instance(access, target)
        except AwsError:
            return Restored(None, Outcome.STILL_RESTORING, error.sentence)
        if there is None:
            return Restored(None, Outcome.NOT_STARTED, error.sentence)
    return _waited(environment, access, old, point, target)


def _begin(access: Access, old: Instance, point: Point, target: str) -> None:
    wanted = given(old, point)
    for attempt in range(1, TRIES + 1):
        try:
            if point.snapshot:
                access.aws.rds.restore_db_instance_from_db_snapshot(
                    DBInstanceIdentifier=target, DBSnapshotIdentifier=point.snapshot, **wanted
                )
            else:
                access.aws.rds.restore_db_instance_to_point_in_time(
                    SourceDBInstanceIdentifier=old.name,
                    TargetDBInstanceIdentifier=target,
                    RestoreTime=point.at,
                    **wanted,
                )
        except Unavailable:
            access.clock.sleep(2.0**attempt)
            if reading.instance(access, target) is not None:
                access.journal.record(Kind.DECISION, f"RDS did take the restore to {target}; waiting for it.")
                return
            if attempt == TRIES:
                raise
        else:
            return


def _waited(environment: Environment, access: Access, old: Instance, point: Point, target: str) -> Restored:
    deadline = access.clock.monotonic() + environment.database.wait_seconds
    last = ""
    while True:
        found, why, final = _seen(access, target)
        if found is not None:
            if found.status != last:
                access.journal.record(Kind.OBSERVATION, f"{target} is {printable(found.status)}.")
            last = found.status
            if found.restored_to != (old.name, point.mark):
                return Restored(None, Outcome.NOT_STARTED, "Somebody else has made an instance of this name.")
            if found.available and found.host:
                return Restored(found)
            if is_broken(found.status):
                return Restored(None, Outcome.FAILED, f"RDS says that it is {printable(found.status)}.")
        elif not why:
            return Restored(None, Outcome.NOT_STARTED, "It was there, and is gone.")
        if final or access.clock.monotonic() >= deadline:
            return Restored(
                None, Outcome.STILL_RESTORING, why or f"It is {printable(last or 'not seen yet')}."
            )
        access.clock.sleep(LOOKS_EVERY)


def _seen(access: Access, target: str) -> tuple[Instance | None, str, bool]:
    """The instance, or why RDS can't be asked right now, and whether that is for good."""
    try:
        with access.aws.tried_once():
            return reading.instance(access, target), "", False
    except AwsError as error:
        access.journal.record(Kind.OBSERVATION, f"A look at {target} failed: {error.sentence}")
        return None, error.sentence, isinstance(error, _FINAL)
