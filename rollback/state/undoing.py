"""Putting back what a restore has replaced, by the same way: as it was, even if it was damaged or deleted."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from rollback.ecs.checks import where_findings
from rollback.plan import Severity, ok, refusal, warning
from rollback.state import by_hand, checks, digest, locks, planning, writing
from rollback.state.applying import apply
from rollback.state.planning import StatePlan
from rollback.state.result import Before, Was, Way, Writing
from rollback.state.saving import must_be_of, saved_point
from rollback.state.writing import Place
from rollback.terraform.files import new_place

if TYPE_CHECKING:
    from rollback.access import Access
    from rollback.environment import Environment
    from rollback.plan import Finding
    from rollback.state.result import Result, SavedPoint
    from rollback.state.writing import Seen

__all__ = ["plan_undo", "saved_point", "undo"]


def plan_undo(environment: Environment, access: Access, saved: SavedPoint) -> StatePlan:
    """The plan to go back to what was there before a restore; it may hold refusals, like any other.

    Raises:
        JournalError: the saved point is of another environment.
        AwsError, RollbackError: as `plan`.
    """
    must_be_of(environment, saved)
    if saved.before.was is Was.WHOLE:
        # It was in force, so nothing of it has to be asked for by name once more.
        return planning.plan(
            environment, access, choice=saved.before.version, few_resources=True, other_lineage=True
        )
    title = f"Put the state of {environment.name} back as it was: {saved.before.was}."
    empty = StatePlan(
        environment=environment.name, title=title, findings=(), commands=(), choice=saved.before.version
    )
    findings = [*where_findings(environment, access)]
    if not _refused(findings):
        findings += checks.versioning(environment, access)
    if _refused(findings):
        return planning.concluded(access, replace(empty, findings=tuple(findings)))
    return planning.concluded(
        access, _looked(environment, access, saved, replace(empty, findings=tuple(findings)))
    )


def undo(environment: Environment, access: Access, saved: SavedPoint) -> Result:
    """Put back what was there before a restore.

    Raises:
        Refused: there is something against it; nothing has been changed.
        RollbackError: as `plan_undo` and `apply`.
    """
    return apply(environment, access, plan_undo(environment, access, saved))


def _looked(environment: Environment, access: Access, saved: SavedPoint, empty: StatePlan) -> StatePlan:
    seen = writing.look(environment, access, saved)
    findings = [
        *empty.findings,
        _still_ours(seen),
        *checks.locks(environment, locks.held(environment, access), access.clock.now()),
    ]
    if seen.place is Place.BEFORE:
        return replace(empty, findings=tuple(findings), done=True)
    if _refused(findings):
        return replace(empty, findings=tuple(findings))
    before, wanted = _before(environment, access, seen), _writing(environment, access, saved)
    return replace(
        empty,
        findings=tuple(findings),
        commands=by_hand.put_back(environment, before, wanted),
        before=before,
        writing=wanted,
    )


def _still_ours(seen: Seen) -> Finding:
    match seen.place:
        case Place.BEFORE:
            return ok("in-force", "It is as it was already.")
        case Place.OURS:
            return warning(
                "current-state",
                "Terraform can't work with what would be put back.",
                "Do it only if the restored state is worse; the next restore can be made from any version.",
            )
        case Place.OTHER:
            return refusal(
                "current-state",
                "The state has changed since the restore: putting back what was there before it would lose that.",
                "Restore a version by name instead.",
            )


def _before(environment: Environment, access: Access, seen: Seen) -> Before:
    file = ""
    if seen.content is not None:
        file = planning.keep(new_place(access) / by_hand.BEFORE, seen.content)
    return Before(
        was=Was.WHOLE if seen.state else Was.DELETED,
        version=seen.version.id if seen.version else "",
        etag=seen.version.etag if seen.version else "",
        serial=seen.state.serial if seen.state else 0,
        digest=digest.read(environment, access).md5,
        file=file,
    )


def _writing(environment: Environment, access: Access, saved: SavedPoint) -> Writing:
    """What was there, byte for byte."""
    if saved.before.was is not Was.DAMAGED:
        return Writing(way=Way.DELETE)
    content = writing.fetch_by_id(environment, access, saved.before.version)
    return Writing(
        way=Way.WRITE,
        chosen=saved.before.version,
        file=planning.keep(new_place(access) / by_hand.READY, content),
        sha256=planning.sha256(content),
    )


def _refused(findings: list[Finding]) -> bool:
    return any(finding.severity is Severity.REFUSAL for finding in findings)
