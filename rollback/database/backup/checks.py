"""The checks of a restore's plan, each with what was seen and what to do about it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from rollback._text import printable, quoted
from rollback.clock import spoken
from rollback.database.backup import by_hand, reading, rows
from rollback.database.backup.model import Point
from rollback.database.backup.settings import differences
from rollback.plan import ok, refusal, warning

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rollback.access import Access
    from rollback.database.backup.model import Instance, Loss
    from rollback.database.backup.pointing import Pointing
    from rollback.database.backup.rows import Counted
    from rollback.environment import Environment
    from rollback.plan import Finding

_NAME: Final = re.compile(r"(?!.*--)[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?")
"""Amazon RDS API reference, ``RestoreDBInstanceToPointInTime``: 1 to 63 letters, digits and hyphens, a letter first, no
hyphen last or twice in a row; RDS keeps them in lower case."""
BROKEN: Final = ("failed", "restore-error", "storage-full", "inaccessible-encryption-credentials")
"""The states in which a new instance will not become available by itself (User Guide, "Viewing DB instance status")."""


def is_broken(status: str) -> bool:
    """Whether waiting for an instance in this state is of no use."""
    return status in BROKEN or status.startswith("incompatible-")


def instance_named(environment: Environment) -> Iterator[Finding]:
    """Whether the environment names an instance at all."""
    if not environment.database.instance:
        yield refusal(
            "instance",
            f"environments.toml names no RDS instance for {environment.name}.",
            "Name it there, as database.instance.",
            by_hand.list_instances(environment),
        )


def instance(environment: Environment, found: Instance | None) -> Finding:
    """Whether the instance that is in use is there."""
    name = environment.database.instance
    if found is None:
        return refusal(
            "instance",
            f"There is no RDS instance {name} in {environment.region}.",
            f"Compare the name of {environment.name} in environments.toml, database.instance, with those that are there.",
            by_hand.list_instances(environment),
        )
    if found.cluster:
        return refusal(
            "instance",
            f"{name} belongs to the Aurora cluster {printable(found.cluster)}, which is restored as a whole.",
            "Restore the cluster by hand.",
        )
    if found.available:
        return ok("instance", f"{name} is available; it stays, whatever comes of the restore.")
    return warning(
        "instance",
        f"{name} is {printable(found.status)}.",
        "Find out why; it stays, whatever comes of the restore.",
    )


def target(
    environment: Environment, old: Instance, new: Instance | None, *, name: str, point: Point
) -> Iterator[Finding]:
    """Whether the restored instance can have that name, or is there already."""
    if not _NAME.fullmatch(name):
        why = "is longer than 63 characters" if len(name) > 63 else "is no name of an RDS instance"  # noqa: PLR2004
        yield refusal(
            "target",
            f"{quoted(name, longest=80)} {why}.",
            "Give the restored instance another name: lower-case letters, digits and single hyphens, a letter first.",
        )
    elif new is None:
        yield ok("target", f"The restored instance will be {name}.")
    elif new.restored_to != (old.name, point.mark):
        yield refusal(
            "target",
            f"There is an instance {name} already, and it wasn't restored from {old.name} to {point} by this way.",
            "Give the restored instance another name.",
            by_hand.describe(environment, name),
        )
    elif is_broken(new.status):
        yield refusal(
            "target",
            f"{name} was restored to {point} already and is {printable(new.status)}, which doesn't end by itself.",
            "Delete it, or give the restored instance another name.",
            by_hand.describe(environment, name),
        )
    else:
        yield ok(
            "target",
            f"{name} was restored to {point} already and is {printable(new.status)}: it is taken on.",
        )
        if new.available:
            yield from same(environment, old, new)


def same(environment: Environment, old: Instance, new: Instance) -> Iterator[Finding]:
    """Whether the restored instance is like the old one."""
    other = differences(old, new)
    if other:
        yield refusal(
            "settings",
            f"{new.name} is not like {old.name}. {'; '.join(printable(each) for each in other)}.",
            "Give it what the old one has, then plan again.",
            by_hand.modify(environment, new.name),
        )
    else:
        yield ok("settings", f"{new.name} has the groups, the class and all other settings of {old.name}.")


def lost(old: Instance) -> Iterator[Finding]:
    """What the restored instance will not have, and can't be given by the restore."""
    if old.lost:
        yield warning(
            "not-taken-over",
            f"{old.name} has {', '.join(old.lost)}, which a restored instance hasn't.",
            "Give them to it once it is in use.",
        )


def in_use(
    environment: Environment, access: Access, old: Instance, led: Pointing, *, target: str
) -> Iterator[Finding]:
    """Whether the instance that the environment names is what the application uses."""
    if led.host == old.host.lower():
        yield ok("in-use", f"The application is led to {old.name} by a secret.")
        return
    other = reading.at_host(access, led.host)
    if other == target:
        yield ok("in-use", f"The application is led to {target} already.")
    elif other:
        yield refusal(
            "in-use",
            f"The application is led to {printable(other)}, not to {old.name}, which environments.toml names.",
            "Name the instance in use there, as database.instance, then plan again.",
            by_hand.describe(environment, other),
        )
    else:
        yield warning(
            "in-use",
            f"The application is led to {printable(led.host)}, which is not the endpoint of {old.name}.",
            "Make sure that it is another name for it: it will be led to the new endpoint itself.",
        )


def loss(access: Access, point: Point, confirmed: Loss | None) -> Finding:
    """Which writes would be lost, and whether somebody has confirmed that."""
    so_far = spoken((access.clock.now() - point.at).total_seconds())
    lost = (
        f"What was written since {Point(point.at)} is lost, {so_far} of it by now, "
        "and what is written until the last old task has stopped."
    )
    remedy = f"Confirm that all writes since {Point(point.at)} may be lost, or choose a later moment."
    if confirmed is None:
        return refusal("loss", lost, remedy)
    if confirmed.since.tzinfo is None:
        return refusal("loss", "The moment since which writes may be lost says no time zone.", remedy)
    if confirmed.rows is not None and confirmed.rows < 0:
        return refusal("loss", f"{confirmed.rows} is no number of rows that may be lost.", remedy)
    if confirmed.since > point.at:
        return refusal("loss", f"{lost} It is confirmed only since {Point(confirmed.since)}.", remedy)
    return warning(
        "loss", f"{lost} That is confirmed.", "Stop the writes where you can, so that fewer are lost."
    )


def counted(old: Counted, name: str, confirmed: Loss | None) -> Finding:
    """What the old instance holds now, with which the restored one will be compared."""
    if old.problem:
        knowingly = confirmed is not None and confirmed.uncounted
        return warning(
            "rows",
            f"The rows of {name} can't be counted. {old.problem}",
            "It goes on without, as confirmed: nothing will show what is missing."
            if knowingly
            else "It will stop before the application is led to the restored instance.",
        )
    return ok(
        "rows", f"{name} holds {old.total} rows: {rows.told(old.tables)}. Changes within a row don't show."
    )


def kept_by_terraform(led: Pointing) -> Finding:
    """What sets the secret besides us."""
    name = led.secret.rpartition(":secret:")[2]
    return warning(
        "secret-agrees",
        f"Where Terraform or a rotation sets the secret {printable(name)}, its next run leads the application back.",
        "Bring the new instance into what sets the secret before that runs again.",
    )
