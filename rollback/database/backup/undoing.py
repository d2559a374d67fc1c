"""Leading the application back to the instance that it used before a restore."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rollback import health
from rollback._text import printable
from rollback.database.backup import by_hand, pointing, reading, repointing, rows, saving
from rollback.database.backup.pointing import NoPointing
from rollback.database.backup.reporting import told
from rollback.database.backup.result import WAY, Outcome
from rollback.ecs import look
from rollback.ecs.checks import service_findings, where_findings
from rollback.errors import Outdated, Refused, RollbackError
from rollback.journal import Kind
from rollback.plan import Plan, Severity, ok, record, refusal, warning

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rollback.access import Access
    from rollback.database.backup.pointing import Pointing
    from rollback.database.backup.result import Result, SavedPoint
    from rollback.environment import Environment
    from rollback.plan import Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoPlan(Plan):
    """What going back would do.

    Attributes:
        saved: where it goes back to.
        led: the secret; None where it can't be told.
    """

    saved: SavedPoint
    led: Pointing | None


def plan_undo(environment: Environment, access: Access, saved: SavedPoint) -> UndoPlan:
    """The plan to lead the application back to the old instance; the restored one stays.

    Raises:
        JournalError: the saved point is of another environment.
        AwsError: AWS doesn't say.
    """
    saving.must_be_of(environment, saved)
    findings = [*where_findings(environment, access)]
    led: Pointing | None = None
    if not _refused(findings):
        service = look.service(environment, access)
        findings += service_findings(environment, service)
        try:
            led = pointing.pointing(environment, access, service.revision)
        except NoPointing as error:
            findings.append(refusal("secret", error.sentence, error.remedy))
        else:
            findings += _secret(environment, saved, led)
            findings += _instances(environment, access, saved, led)
    back = by_hand.put_back(environment, saved.secret, to=saved.version_before, away_from=saved.version_after)
    made = UndoPlan(
        environment=environment.name,
        title=f"Lead {environment.service} back from {saved.target} to {saved.instance}.",
        findings=tuple(findings),
        commands=() if _refused(findings) else (back, by_hand.start_anew(environment)),
        saved=saved,
        led=led,
    )
    record(access.journal, made, way=WAY, asked={"undo": True})
    return made


def undo(environment: Environment, access: Access, saved: SavedPoint) -> Result:
    """Lead the application back to the old instance, and wait for it. Doing it again does nothing.

    Raises:
        Refused: there is something against it; nothing has been changed.
        Outdated: somebody else has changed the secret; nothing has been changed.
        RollbackError: as `plan_undo`.
    """
    return apply_undo(environment, access, plan_undo(environment, access, saved))


def apply_undo(environment: Environment, access: Access, plan: UndoPlan) -> Result:
    """Do what a plan to go back says.

    Raises:
        Refused: it holds a refusal; nothing has been changed.
        Outdated: somebody else has changed the secret; nothing has been changed.
        AwsError: Secrets Manager can't be asked; nothing has been changed.
    """
    plan.must_be_applicable()
    began, saved = access.clock.monotonic(), plan.saved
    if plan.led is None:
        raise Refused("The plan has not seen the secret.", remedy="Make a new plan.")
    now = pointing.current(access, saved.secret)
    if now not in {saved.version_after, saved.version_before}:
        raise Outdated("Somebody has changed the application's secret since.", remedy="Plan again.")
    try:
        if now == saved.version_after:
            repointing.move(access, saved.secret, to=saved.version_before, away_from=saved.version_after)
        outcome, why = _begun(environment, access, saved)
    except KeyboardInterrupt:
        access.journal.record(
            Kind.INTERRUPTED,
            f"Interrupted on the way back from {saved.target} to {saved.instance}. Undoing again finishes it.",
            instance=saved.instance,
            target=saved.target,
        )
        raise
    return told(environment, access, outcome, saved=saved, began=began, why=why)


def _begun(environment: Environment, access: Access, saved: SavedPoint) -> tuple[Outcome, str]:
    try:
        old = reading.instance(access, saved.instance)
        left = repointing.start_anew(
            environment,
            access,
            host=old.host if old else "",
            why=f"The application is led back to {saved.instance}.",
        )
    except RollbackError as error:
        return Outcome.NOT_UNDONE, error.sentence
    if left:
        return Outcome.NOT_UNDONE, left
    bad = [each for each in health.answers(environment, access) if each.severity is Severity.REFUSAL]
    return (Outcome.NOT_UNDONE, bad[0].seen) if bad else (Outcome.UNDONE, "")


def _secret(environment: Environment, saved: SavedPoint, led: Pointing) -> Iterator[Finding]:
    if led.secret == saved.secret and led.version == saved.version_after:
        yield ok("secret", f"The secret leads to {saved.target}, by the version that the restore has made.")
    elif led.secret == saved.secret and led.version == saved.version_before:
        yield ok(
            "secret",
            f"The secret leads to {saved.instance} already; what is left is to start the tasks anew.",
        )
    else:
        yield refusal(
            "secret",
            "The application's secret isn't as the restore has left it: somebody has changed it since.",
            f"Find out why; then lead the application to {saved.instance} by hand.",
            by_hand.describe(environment, saved.instance),
        )
    if saved.version_before not in led.versions:
        yield refusal(
            "secret-version",
            "Secrets Manager no longer has the version of the secret that led to the old instance.",
            "Put the old host into the secret by hand.",
            by_hand.describe(environment, saved.instance),
        )


def _instances(
    environment: Environment, access: Access, saved: SavedPoint, led: Pointing
) -> Iterator[Finding]:
    old, new = reading.instance(access, saved.instance), reading.instance(access, saved.target)
    if old is None or not old.available:
        yield refusal(
            "old-instance",
            f"{saved.instance} is {printable(old.status) if old else 'not there any more'}.",
            "There is nothing to go back to: restore it from a backup.",
            by_hand.describe(environment, saved.instance),
        )
        return
    yield ok("old-instance", f"{saved.instance} is available.")
    if new is None or not new.host:
        return
    now = rows.counted(access, led.url_at(new.host, new.port), new.name)
    since = rows.missing(now.tables, saved.restored)
    if saved.restored and (total := sum(since.values())):
        yield warning(
            "rows",
            f"{total} rows were written to {new.name} since, and {saved.instance} doesn't have them: {rows.told(since)}.",
            f"Bring them over. {new.name} stays.",
        )
    else:
        yield ok("new-instance", f"{new.name} stays, with what was written to it.")


def _refused(findings: list[Finding]) -> bool:
    return any(each.severity is Severity.REFUSAL for each in findings)
