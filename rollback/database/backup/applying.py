"""Doing what a restore's plan says: the instance, the comparison, the secret, the tasks, and the look afterwards.

Each step is recognised when it has been done: to go on after a crash is to plan and apply once more.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from rollback import health
from rollback.database.backup import pointing, reading, repointing, restoring, rows, saving
from rollback.database.backup.model import POINT_TAG
from rollback.database.backup.planning import plan as planned
from rollback.database.backup.reporting import told
from rollback.database.backup.result import Outcome, SavedPoint
from rollback.database.backup.settings import differences
from rollback.errors import Outdated, Refused, RollbackError
from rollback.journal import Kind
from rollback.plan import Severity

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rollback.access import Access
    from rollback.database.backup.model import Instance, Loss, Point
    from rollback.database.backup.planning import BackupPlan
    from rollback.database.backup.pointing import Pointing
    from rollback.database.backup.result import Result
    from rollback.database.backup.rows import Counted
    from rollback.environment import Environment


@dataclass(frozen=True, slots=True)
class _Work:
    """What a plan without refusals holds."""

    old: Instance
    point: Point
    led: Pointing
    counted: Counted
    confirmed: Loss


@dataclass(frozen=True, slots=True)
class Ended:
    """How it ended, and why.

    Attributes:
        missing: rows by table that the restored instance lacks; None where they weren't counted.
    """

    outcome: Outcome
    why: str = ""
    missing: Mapping[str, int] | None = field(default=None)


def apply(environment: Environment, access: Access, plan: BackupPlan) -> Result:
    """Restore to a new instance, compare it with the old one, and lead the application there.

    Before the application is led there, the restored instance has to have the old one's groups and settings, and no more
    rows may be missing than were confirmed; otherwise it ends there, the old instance still serves, and planning and applying
    again goes on with the same restored instance. The old instance is never touched. Once RDS may have been asked, every end
    is a `Result`. An interruption (Ctrl-C) is recorded in the journal and goes on to the caller.

    Raises:
        Refused: the plan holds a refusal; nothing has been changed.
        Outdated: the instances or the secret have changed since; nothing has been changed.
        RollbackError: AWS or the journal says no before anything was changed.
    """
    plan.must_be_applicable()
    began = access.clock.monotonic()
    work = _work(plan)
    _must_be_as_planned(access, plan, work)
    after = (
        work.led.version
        if plan.repointed
        else saving.version_id(work.led.secret, plan.version_before, plan.target)
    )
    saved = saving.save(
        access,
        SavedPoint(
            environment=environment.name,
            instance=work.old.name,
            target=plan.target,
            point=work.point,
            secret=work.led.secret,
            version_before=plan.version_before,
            version_after=after,
            confirmed=work.confirmed,
            rows=work.counted.tables,
            restored=plan.restored,
            at=access.clock.now(),
        ),
    )
    try:
        saved, ended = _steps(environment, access, plan, work, saved)
    except KeyboardInterrupt:
        access.journal.record(
            Kind.INTERRUPTED,
            f"Interrupted on the way from {saved.instance} to {saved.target}. Going on, or planning again, finds what is done.",
            instance=saved.instance,
            target=saved.target,
        )
        raise
    return told(
        environment, access, ended.outcome, saved=saved, began=began, why=ended.why, missing=ended.missing
    )


def go_on(
    environment: Environment, access: Access, saved: SavedPoint, *, confirmed: Loss | None = None
) -> Result:
    """Finish a restore that broke off, from wherever it did; doing it again does nothing.

    Args:
        environment: the place.
        access: the hands.
        saved: where it broke off, as the journal tells.
        confirmed: what may be lost, if that is more than was confirmed then.

    Raises:
        JournalError: it is of another environment.
        RollbackError: as `plan` and `apply`.
    """
    saving.must_be_of(environment, saved)
    made = planned(
        environment,
        access,
        to=saved.point.snapshot or saved.point.at,
        confirmed=confirmed or saved.confirmed,
        target=saved.target,
    )
    if made.repointed:
        made = replace(made, version_before=saved.version_before, restored=saved.restored)
    return apply(environment, access, made)


def _work(plan: BackupPlan) -> _Work:
    if not (plan.old and plan.point and plan.led and plan.counted and plan.confirmed):
        raise Refused("The plan has not seen all that a restore needs.", remedy="Make a new plan.")
    return _Work(plan.old, plan.point, plan.led, plan.counted, plan.confirmed)


def _must_be_as_planned(access: Access, plan: BackupPlan, work: _Work) -> None:
    """Look once more, so that nobody's work in the meantime is undone."""
    moved = ""
    if pointing.current(access, work.led.secret) != work.led.version:
        moved = "The application's secret"
    elif (old := reading.instance(access, work.old.name)) is None or old.settings != work.old.settings:
        moved = f"The instance {work.old.name}"
    elif _taken(plan.new, new := reading.instance(access, plan.target), work):
        moved = f"The instance {plan.target}" if new else f"The instance {plan.target}, which is gone,"
    if moved:
        raise Outdated(
            f"{moved} has changed since the plan was made.", remedy="Plan again. Nothing has been changed."
        )


def _taken(before: Instance | None, now: Instance | None, work: _Work) -> bool:
    """Whether the name of the restored instance has gone to somebody else's, or ours has gone."""
    if now is None:
        return before is not None
    return now.tags.get(POINT_TAG) != work.point.mark


def _steps(
    environment: Environment, access: Access, plan: BackupPlan, work: _Work, saved: SavedPoint
) -> tuple[SavedPoint, Ended]:
    if not plan.repointed:
        came = restoring.restored(environment, access, work.old, work.point, plan.target)
        if came.instance is None:
            return saved, Ended(came.outcome, came.why)
        if other := differences(work.old, came.instance):
            return saved, Ended(Outcome.DIFFERENT, f"{'; '.join(map(str, other))}.")
        now, ended = _compared(access, work, came.instance)
        if ended:
            return saved, ended
        saved = saving.save(access, replace(saved, restored=now.tables))
        try:
            repointing.lead(access, work.led, came.instance, saved.version_after)
        except RollbackError as error:
            return saved, Ended(Outcome.NOT_REPOINTED, error.sentence)
    return saved, _begun(environment, access, work, saved)


def _compared(access: Access, work: _Work, new: Instance) -> tuple[Counted, Ended | None]:
    """The rows of the restored instance; and why it must not be used yet, if that is so."""
    old = rows.counted(access, work.led.url_at(work.old.host, work.old.port), work.old.name)
    now = rows.counted(access, work.led.url_at(new.host, new.port), new.name)
    if problem := old.problem or now.problem:
        if work.confirmed.uncounted:
            return now, None
        return now, Ended(Outcome.UNCONFIRMED, f"The rows can't be compared. {problem}")
    lost = rows.missing(old.tables, now.tables)
    if work.confirmed.covers(sum(lost.values())):
        return now, None
    return now, Ended(Outcome.UNCONFIRMED, missing=lost)


def _begun(environment: Environment, access: Access, work: _Work, saved: SavedPoint) -> Ended:
    """Have the tasks started anew, and look what came of all of it."""
    try:
        new = reading.instance(access, saved.target)
        left = repointing.start_anew(
            environment,
            access,
            host=new.host if new else "",
            why=f"The application is led to {saved.target}.",
        )
    except RollbackError as error:
        return Ended(Outcome.NOT_ROLLED_OUT, error.sentence)
    if left:
        return Ended(Outcome.NOT_ROLLED_OUT, left)
    return _looked(environment, access, work, saved)


def _looked(environment: Environment, access: Access, work: _Work, saved: SavedPoint) -> Ended:
    bad = [each for each in health.answers(environment, access) if each.severity is Severity.REFUSAL]
    if bad:
        return Ended(Outcome.NOT_PROVEN, bad[0].seen)
    lost = _lost(access, work, saved)
    if lost is not None and not work.confirmed.covers(sum(lost.values())):
        return Ended(Outcome.LOST_MORE, missing=lost)
    return Ended(Outcome.RESTORED, missing=lost)


def _lost(access: Access, work: _Work, saved: SavedPoint) -> Mapping[str, int] | None:
    """What the old instance holds now that no old task writes to it any more, and the restored one did not."""
    old = rows.counted(access, work.led.url_at(work.old.host, work.old.port), work.old.name)
    return None if old.problem or not saved.restored else rows.missing(old.tables, saved.restored)
