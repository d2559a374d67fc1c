"""How old the newest backup of the database is, and whether it could be restored."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Final

from rollback.clock import spoken
from rollback.database.backup import planning, reading
from rollback.plan import ok, refusal, warning

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from rollback.access import Access
    from rollback.plan import Finding
    from rollback.readiness.probes import Looking

_OF_A_PERSON: Final = frozenset({"loss", "rows"})
"""What a restore is refused for until somebody has confirmed it."""


def look(world: Looking) -> Iterator[Finding]:
    """The newest moment that the database could be restored to, and what stands against restoring it.

    Raises:
        AwsError: AWS doesn't say.
    """
    environment, access = world.environment, world.access
    name = environment.database.instance
    if not name:
        yield ok("backup", f"{environment.name} has no database.")
        return
    found = reading.instance(access, name)
    if found is None:
        yield refusal(
            "instance",
            f"There is no RDS instance {name} in {environment.region}.",
            "Compare the name in environments.toml with those that RDS has.",
            "aws rds describe-db-instances --query 'DBInstances[].DBInstanceIdentifier'",
        )
        return
    newest, told = _newest(access, name, reading.window(access, found).latest)
    if newest is None:
        yield refusal(
            "backup",
            f"{name} keeps no automated backups and has no snapshot.",
            "Turn automated backups on.",
            f"aws rds modify-db-instance --db-instance-identifier {name} --backup-retention-period 7 --apply-immediately",
        )
        return
    age = (access.clock.now() - newest).total_seconds()
    seen = f"{told}, {spoken(max(0.0, age))} ago."
    if age > environment.readiness.backup_seconds:
        yield refusal(
            "backup",
            f"{seen} That is more than {spoken(environment.readiness.backup_seconds)}.",
            "Find out why no newer one was made.",
        )
    else:
        yield ok("backup", seen)
    yield from _restorable(world, newest)


def _newest(access: Access, name: str, latest: datetime | None) -> tuple[datetime | None, str]:
    """The newest moment that is kept, and in which words."""
    newest, told = latest, f"{name} can be restored to {latest:%Y-%m-%d %H:%M} UTC" if latest else ""
    pages = access.aws.rds.get_paginator("describe_db_snapshots").paginate(DBInstanceIdentifier=name)
    for page in pages:
        for each in page["DBSnapshots"]:
            at = each.get("SnapshotCreateTime")
            if each.get("Status") != "available" or at is None:
                continue
            if newest is None or at > newest:
                newest = at.astimezone(UTC)
                told = f"The newest snapshot of {name} is {each['DBSnapshotIdentifier']}, of {newest:%Y-%m-%d %H:%M} UTC"
    return newest, told


def _restorable(world: Looking, newest: datetime) -> Iterator[Finding]:
    """What stands against a restore besides that nobody has confirmed what is lost."""
    plan = planning.plan(world.environment, world.access, to=newest)
    for each in plan.refusals:
        if each.check not in _OF_A_PERSON:
            yield warning(each.check, f"A restore would be refused. {each.seen}", each.remedy, *each.commands)
