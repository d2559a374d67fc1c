"""Which moment or snapshot is meant, and whether it can be restored."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from rollback._text import printable, quoted
from rollback.clock import spoken
from rollback.database.backup import by_hand, reading
from rollback.database.backup.model import AVAILABLE, Point
from rollback.database.backup.past import NotTold, before_newest_migration
from rollback.plan import ok, refusal

if TYPE_CHECKING:
    from rollback.access import Access
    from rollback.database.backup.model import Instance, Snapshot, Window
    from rollback.environment import Environment
    from rollback.plan import Finding

_SNAPSHOT: Final = re.compile(
    r"(?:arn:aws[a-z-]*:rds:[a-z0-9-]+:[0-9]{12}:snapshot:)?[A-Za-z][A-Za-z0-9:-]{0,254}"
)
_LEAST, _MOST, _UNKNOWN = 60.0, 3600.0, 300.0
"""When to look again at a snapshot that is being made: at least, at most, and where nothing is known, in seconds."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """What is meant; `point` is None where it can't be restored, and the finding says why."""

    point: Point | None
    finding: Finding


def chosen(environment: Environment, access: Access, old: Instance, to: datetime | str | None) -> Chosen:
    """The point that is asked for.

    Args:
        environment: the place.
        access: the hands.
        old: the instance that is in use.
        to: a moment, aware; a text with one as ISO 8601 has it; the identifier or ARN of a snapshot; or None for just
            before the run of the pipeline that brought the newest migration.

    Raises:
        AwsError: AWS doesn't say.
    """
    if to is None:
        try:
            told = before_newest_migration(environment, access)
        except NotTold as error:
            return Chosen(None, refusal("point", error.sentence, error.remedy))
        return _moment(environment, access, old, told.at, why=told.why)
    if isinstance(to, datetime):
        return _moment(environment, access, old, to)
    if to[:1].isdigit():
        try:
            return _moment(environment, access, old, datetime.fromisoformat(to))
        except ValueError:
            pass
    if not _SNAPSHOT.fullmatch(to):
        return Chosen(
            None,
            refusal(
                "point",
                f"{quoted(to)} is neither a moment nor the identifier of a snapshot.",
                'Give a moment as "2026-01-05T03:00:00Z", or a snapshot that is there.',
                by_hand.list_snapshots(environment),
            ),
        )
    return _snapshot(environment, access, to)


def _moment(
    environment: Environment, access: Access, old: Instance, asked: datetime, *, why: str = ""
) -> Chosen:
    if asked.tzinfo is None:
        return _refused(
            f"The moment {asked:%Y-%m-%d %H:%M:%S} says no time zone, so that hours of writes could be lost by mistake.",
            'Say it, as in "2026-01-05T03:00:00Z".',
        )
    at, now = asked.astimezone(UTC).replace(microsecond=0), access.clock.now()
    if at > now:
        return _refused(f"{Point(at)} is in the future.", "Name a moment that has passed.")
    if not old.available:
        return _refused(
            f"{old.name} is {printable(old.status)}, and only an available instance can be restored to a moment.",
            "Wait until it is available, or name a snapshot.",
            by_hand.list_snapshots(environment),
        )
    return _in_window(environment, old, at, reading.window(access, old), why)


def _in_window(environment: Environment, old: Instance, at: datetime, found: Window, why: str) -> Chosen:
    look = by_hand.window(environment)
    if found.latest is None or found.earliest is None:
        return _refused(
            f"{old.name} keeps no automated backups, so that it can't be restored to a moment.",
            "Name a snapshot.",
            by_hand.list_snapshots(environment),
        )
    if at < found.earliest:
        return _refused(
            f"{Point(at)} is before the earliest moment to which {old.name} can be restored, {Point(found.earliest)}.",
            "Name a later moment, or a snapshot.",
            look,
        )
    if at > found.latest:
        return _refused(
            f"{Point(at)} is after the latest moment to which {old.name} can be restored yet, {Point(found.latest)}.",
            "Plan again in five minutes: RDS keeps up with so much delay.",
            look,
        )
    told = f" {why}" if why else ""
    return Chosen(Point(at), ok("point", f"{old.name} can be restored to {Point(at)}.{told}"))


def _snapshot(environment: Environment, access: Access, name: str) -> Chosen:
    found, listed = reading.snapshot(access, name), by_hand.list_snapshots(environment)
    if found is None:
        return _refused(f"There is no snapshot {printable(name)}.", "Choose one that is there.", listed)
    if found.instance != environment.database.instance:
        return _refused(
            f"The snapshot {found.name} is of another instance, {printable(found.instance)}.",
            f"Choose one of {environment.database.instance}.",
            listed,
        )
    if found.status == "creating":
        again = _when(access, found)
        return _refused(
            f"The snapshot {found.name} is still being created: {found.percent} % of it is there.",
            f"Look again in {spoken(again)}, or choose an earlier one.",
            listed,
        )
    if found.status != AVAILABLE or found.at is None:
        return _refused(
            f"The snapshot {found.name} is {printable(found.status)}, so that it can't be restored.",
            "Choose another one.",
            listed,
        )
    point = Point(found.at.astimezone(UTC).replace(microsecond=0), name)
    return Chosen(
        point,
        ok("point", f"The snapshot {found.name} is there, with what was written until {Point(point.at)}."),
    )


def _when(access: Access, found: Snapshot) -> float:
    """How long a snapshot may still take, going by how far it has come."""
    if not found.percent or found.at is None:
        return _UNKNOWN
    taken = (access.clock.now() - found.at).total_seconds()
    return min(_MOST, max(_LEAST, taken * (100 - found.percent) / found.percent))


def _refused(seen: str, remedy: str, *commands: str) -> Chosen:
    return Chosen(None, refusal("point", seen, remedy, *commands))
