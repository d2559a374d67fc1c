"""Applying exactly the plan that was saved, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rollback.ecs.checks import account_findings
from rollback.errors import AwsError, Outdated, Refused
from rollback.journal import Kind
from rollback.plan import Severity, conclude, of_severity
from rollback.process import Stopped
from rollback.revert.following import applied
from rollback.revert.result import Outcome as Followed
from rollback.terraform import checks, files, reporting, stored
from rollback.terraform.complaints import StalePlan, StateLocked
from rollback.terraform.events import Done, read_done
from rollback.terraform.explaining import explain
from rollback.terraform.planning import digest_of
from rollback.terraform.reporting import Left, Underway
from rollback.terraform.result import WAY, Outcome, Result, SavedPoint

if TYPE_CHECKING:
    from pathlib import Path

    from rollback.access import Access
    from rollback.environment import Environment
    from rollback.git import Commit
    from rollback.process import Completed
    from rollback.state.lock_model import HeldLock
    from rollback.terraform.planning import TerraformPlan
    from rollback.terraform.program import Program
    from rollback.terraform.stored import StateMark

LONGEST_SECONDS: Final = 7200.0
"""How long an apply may take, in real seconds; stopping one halfway is worse than waiting for it."""
_AGAIN: Final = "Make a new plan, and read it. Nothing has been changed."


def apply(environment: Environment, access: Access, plan: TerraformPlan) -> Result:
    """Apply what was planned, and see the application recover.

    Every end after Terraform has begun is a `Result`, also the bad ones. An interruption (Ctrl-C) is recorded in the
    journal and goes on to the caller. What the plan has kept on disk is removed, unless it may be applied after all.

    Raises:
        Refused: the plan holds a refusal, or somebody holds the lock; nothing has been changed.
        Outdated: the state has moved since the plan was made; nothing has been changed.
        TerraformError, AwsError: something didn't answer before anything was changed.
    """
    plan.must_be_applicable()
    began = access.clock.monotonic()
    if plan.commit is None or plan.tip is None or plan.state is None or plan.program is None:
        raise Refused("The plan has not seen commit and state.", remedy="Make a new plan.")
    if plan.environment != environment.name:
        raise Refused(f"The plan is for {plan.environment}.", remedy=f"Make one for {environment.name}.")
    saved = _saved(environment, plan, plan.commit, plan.tip, plan.state)
    if plan.nothing_to_do:
        return _concluded(access, reporting.nothing(access, plan.commit, saved, began=began))
    if plan.workspace is None:
        raise Outdated("The plan has kept nothing to apply.", remedy=_AGAIN)
    way = Underway(environment, access, plan.workspace, saved, began)
    try:
        _unmoved(environment, access, plan, plan.state, plan.program)
        _record(access, saved)
        result = _applied(way, str(plan.file))
    except (Outdated, KeyboardInterrupt):
        plan.discard()
        raise
    if result.outcome is not Outcome.LOCKED:
        plan.discard()
    return _concluded(access, result)


def _unmoved(
    environment: Environment, access: Access, plan: TerraformPlan, mark: StateMark, program: Program
) -> None:
    """See that the plan is whole, and that the state is the one it was made from and nobody's."""
    for finding in of_severity(account_findings(environment, access), Severity.REFUSAL):
        raise Refused(finding.seen, remedy=finding.remedy)
    if plan.file is None or not plan.digest or digest_of(plan.file) != plan.digest:
        raise Outdated("The saved plan is no longer there, or not the one that was read.", remedy=_AGAIN)
    now = stored.look(environment, access)
    if now != mark:
        raise Outdated(
            f"The state has moved since the plan was made: its serial was {mark.serial}, and is {now.serial} now.",
            remedy=_AGAIN,
        )
    for finding in of_severity(checks.locks(environment, access, program), Severity.REFUSAL):
        raise Refused(finding.seen, remedy=finding.remedy)


def _applied(way: Underway, file: str) -> Result:
    words = ("apply", "-input=false", "-json", "-lock-timeout=0s", file)
    try:
        completed = way.workspace.attempt(way.access, *words, seconds=LONGEST_SECONDS)
    except Stopped as error:
        return reporting.lost(way, error.sentence, Left(_left_behind(way), _locks(way)))
    except KeyboardInterrupt:
        way.access.journal.record(
            Kind.INTERRUPTED,
            f"Interrupted while the infrastructure of {way.commit.short} was applied: part of it may be, and "
            "Terraform may have left its lock. The next plan tells what is left to do, and who holds the lock.",
            state=str(_left_behind(way) or ""),
        )
        raise
    done = read_done(completed.text)
    state = _left_behind(way)
    if completed.code or state:
        return _failed(way, completed, done, state)
    return _recovered(way, done)


def _failed(way: Underway, completed: Completed, done: Done, state: Path | None) -> Result:
    error = explain(completed, way.workspace.program, doing="apply")
    if not done.begun and state is None:
        if isinstance(error, StalePlan):
            raise Outdated(error.sentence, remedy=error.remedy)
        if isinstance(error, StateLocked):
            return reporting.locked(way, error)
    return reporting.failed(way, error, done, Left(state, _locks(way)))


def _locks(way: Underway) -> tuple[HeldLock, ...]:
    """Who holds the state now; nobody, as far as can be told, where AWS doesn't say."""
    from rollback.state.locks import held  # noqa: PLC0415 - rollback.state plans with this package

    try:
        return held(way.environment, way.access)
    except AwsError:
        return ()


def _left_behind(way: Underway) -> Path | None:
    """Move a state that Terraform could not store to where nothing removes it."""
    found = way.workspace.directory / files.ERRORED
    if not found.exists():
        return None
    kept = files.room(way.access, "errored") / f"{way.workspace.place.name}.tfstate"
    with files.on_disk():
        found.chmod(0o600)
        found.replace(kept)
    return kept


def _recovered(way: Underway, done: Done) -> Result:
    """See whether the application is well with it."""
    until = way.began + way.environment.budgets.infrastructure.deadline_seconds
    try:
        followed = applied(way.environment, way.access, until=until)
    except AwsError as error:
        return reporting.unseen(way, done, error)
    if followed.outcome is not Followed.LANDED:
        return reporting.broken(way, done, followed)
    return reporting.landed(way, done, restarted=followed.restarted)


def _saved(
    environment: Environment, plan: TerraformPlan, commit: Commit, tip: Commit, mark: StateMark
) -> SavedPoint:
    return SavedPoint(
        environment=environment.name,
        branch=environment.branch,
        before=plan.wish.before or tip.sha,
        commit=commit.sha,
        version_id=mark.version_id,
        serial=mark.serial,
        lineage=mark.lineage,
    )


def _record(access: Access, saved: SavedPoint) -> None:
    access.journal.record(
        Kind.SAVED,
        f"The infrastructure of {saved.environment} is that of {saved.before[:10]}, its state has serial {saved.serial}",
        way=WAY,
        environment=saved.environment,
        branch=saved.branch,
        before=saved.before,
        commit=saved.commit,
        state_version=saved.version_id,
        serial=saved.serial,
        lineage=saved.lineage,
    )


def _concluded(access: Access, result: Result) -> Result:
    conclude(access.journal, result, way=WAY)
    return result
