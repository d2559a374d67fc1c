"""Making the plan of a restore: it only reads."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from rollback.database.backup import by_hand, checks, choosing, past, reading, rows
from rollback.database.backup.pointing import NoPointing, pointing
from rollback.database.backup.result import WAY
from rollback.ecs import look
from rollback.ecs.checks import service_findings, where_findings
from rollback.plan import Finding, Plan, Severity, ok, record, refusal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from rollback.access import Access
    from rollback.database.backup.model import Instance, Loss, Point
    from rollback.database.backup.pointing import Pointing
    from rollback.database.backup.rows import Counted
    from rollback.ecs.model import Service
    from rollback.environment import Environment


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupPlan(Plan):
    """What a restore would do.

    Attributes:
        target: the identifier of the restored instance.
        point: what it is restored to; None where it isn't known.
        old: the instance that is in use; None where there is none.
        new: the restored one, where it is there already.
        led: the secret that leads the application; None where it can't be told.
        service: as it was; None where it couldn't be seen.
        counted: the rows of the old instance.
        confirmed: what may be lost.
        repointed: whether the secret leads to the restored instance already.
        version_before: the id of the secret's version that leads to the old instance.
        restored: the rows of the restored one when the application was led there; empty where nobody knows.
    """

    target: str = ""
    point: Point | None = None
    old: Instance | None = None
    new: Instance | None = None
    led: Pointing | None = None
    service: Service | None = None
    counted: Counted | None = None
    confirmed: Loss | None = None
    repointed: bool = False
    version_before: str = ""
    restored: Mapping[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class _Draft:
    """A plan in the making."""

    confirmed: Loss | None
    target: str
    point: Point | None = None
    old: Instance | None = None
    new: Instance | None = None
    led: Pointing | None = None
    service: Service | None = None
    counted: Counted | None = None
    findings: list[Finding] = field(default_factory=list)

    def add(self, *findings: Finding) -> bool:
        """Take findings down; whether nothing stands against going on."""
        self.findings += findings
        return not any(each.severity is Severity.REFUSAL for each in findings)


def plan(
    environment: Environment,
    access: Access,
    *,
    to: datetime | str | None = None,
    confirmed: Loss | None = None,
    target: str = "",
) -> BackupPlan:
    """What it would take to restore the database to a new instance and to lead the application there.

    Args:
        environment: the place.
        access: the hands.
        to: a moment, aware; a text with one (ISO 8601); the identifier or ARN of a snapshot; without it, the moment just
            before the run of the pipeline that brought the newest migration.
        confirmed: what may be lost; a plan without it is refused, and says what would be.
        target: the identifier of the new instance; without it, it is made of the old one's and the moment.

    Raises:
        AwsError: AWS doesn't tell what must be known.
    """
    draft = _Draft(confirmed, target)
    _look(environment, access, to, draft)
    made = _made(environment, draft)
    record(
        access.journal,
        made,
        way=WAY,
        asked={
            "to": to.isoformat() if isinstance(to, datetime) else to or "",
            "confirmed_since": confirmed.since.isoformat() if confirmed else "",
            "confirmed_rows": confirmed.rows if confirmed else None,
            "uncounted": bool(confirmed and confirmed.uncounted),
            "target": target,
        },
        point=made.point.at.isoformat() if made.point else "",
    )
    return made


def _look(environment: Environment, access: Access, to: datetime | str | None, draft: _Draft) -> None:
    """Fill the draft in, until something stands against it that makes all else pointless."""
    if not draft.add(*where_findings(environment, access)) or not draft.add(
        *checks.instance_named(environment)
    ):
        return
    draft.old = old = reading.instance(access, environment.database.instance)
    if not draft.add(checks.instance(environment, old)) or old is None:
        return
    chosen = choosing.chosen(environment, access, old, to)
    draft.point = point = chosen.point
    if not draft.add(chosen.finding) or point is None:
        return
    draft.target = draft.target or named(old.name, point)
    valid = [*checks.target(environment, old, None, name=draft.target, point=point)]
    if any(each.severity is Severity.REFUSAL for each in valid):
        draft.add(*valid)
        return
    draft.new = reading.instance(access, draft.target)
    draft.add(*checks.target(environment, old, draft.new, name=draft.target, point=point))
    draft.add(*checks.lost(old))
    if not _application(environment, access, draft, old):
        return
    draft.add(checks.loss(access, point, draft.confirmed))
    if draft.led is not None:
        draft.counted = rows.counted(access, draft.led.url_at(old.host, old.port), old.name)
        draft.add(
            checks.counted(draft.counted, old.name, draft.confirmed), checks.kept_by_terraform(draft.led)
        )
    draft.add(*past.run_again(environment, access, point.at))


def _application(environment: Environment, access: Access, draft: _Draft, old: Instance) -> bool:
    """Look at the service and at what leads it; whether that can be changed."""
    try:
        draft.service = look.service(environment, access)
    except look.ServiceMissing as error:
        return draft.add(refusal("service-exists", error.sentence, error.remedy))
    if not draft.add(*service_findings(environment, draft.service)):
        return False
    try:
        draft.led = pointing(environment, access, draft.service.revision)
    except NoPointing as error:
        return draft.add(refusal("secret", error.sentence, error.remedy))
    return draft.add(*checks.in_use(environment, access, old, draft.led, target=draft.target))


def named(instance: str, point: Point) -> str:
    """What the restored instance is called: the same for the same point, so that it is found again."""
    kind = "s" if point.snapshot else ""
    return f"{instance}-{kind or 'p'}{point.at.astimezone(UTC):%Y%m%d-%H%M%S}"


def _made(environment: Environment, draft: _Draft) -> BackupPlan:
    old, new, led, point = draft.old, draft.new, draft.led, draft.point
    refused = any(each.severity is Severity.REFUSAL for each in draft.findings)
    repointed = bool(led and new and new.host and led.host == new.host.lower())
    if repointed and not refused:
        draft.findings.append(ok("repointed", "What is left is to have all tasks started anew, and to look."))
    commands: Iterable[str] = ()
    if old and led and point and not refused:
        whole = by_hand.all_of_it(environment, old, point, draft.target, led)
        commands = whole[3:] if repointed else whole[1:] if new else whole
    before = ""
    if led:
        before = led.previous if repointed else led.version
    return BackupPlan(
        environment=environment.name,
        title=f"Restore {environment.database.instance or 'the database'} to {point or 'an earlier moment'}, and use that.",
        findings=tuple(draft.findings),
        commands=tuple(commands),
        target=draft.target,
        point=point,
        old=old,
        new=new,
        led=led,
        service=draft.service,
        counted=draft.counted,
        confirmed=draft.confirmed,
        repointed=repointed,
        version_before=before,
    )
