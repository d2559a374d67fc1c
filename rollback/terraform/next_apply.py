"""After an emergency rollback: whether the next apply of the infrastructure would bring the bad revision back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rollback._text import quoted
from rollback.ecs import look
from rollback.ecs.model import Revision
from rollback.errors import AwsError, RollbackError
from rollback.git import Copy
from rollback.plan import Finding, ok, warning
from rollback.terraform.planning import planned_by
from rollback.terraform.program import find
from rollback.terraform.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rollback.access import Access
    from rollback.environment import Environment
    from rollback.git import Commit
    from rollback.terraform.planfile import PlannedService

_KEEP = (
    "Before anybody merges or applies, have the infrastructure name the revision that runs, or leave it to the "
    "deployments (lifecycle ignore_changes = [task_definition])."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NextApply:
    """What the next apply of the branch would do to the service.

    Attributes:
        commit: the branch's newest commit, which would be applied.
        runs: the revision that the service runs.
        brings: the revision that it would run then; None where the infrastructure leaves it alone, or it isn't known.
        address: the resource that says so, or nothing.
        finding: the same for a person; a warning where another revision than the one that runs would come.
    """

    commit: Commit
    runs: Revision
    brings: Revision | None
    address: str
    finding: Finding

    @property
    def changes_revision(self) -> bool:
        """Whether another revision than the one that runs would or may come."""
        return self.finding.severity != "ok"


def next_apply(environment: Environment, access: Access) -> NextApply:
    """Plan the branch's newest commit, and see which revision of the task definition it brings.

    Nothing is changed and no lock is taken.

    Raises:
        TerraformError: Terraform can't plan it.
        GitError, AwsError: the remote or AWS doesn't say.
    """
    runs = look.service(environment, access).revision
    copy = Copy.fetched(environment.repository, access)
    tip = copy.tip(environment.branch)
    program = find(environment, access)
    with Workspace.of(environment, access, program, copy, tip) as workspace:
        services = planned_by(workspace, access).services
    return _told(environment, access, tip, runs, _ours(environment, services))


def _ours(environment: Environment, services: Iterable[PlannedService]) -> PlannedService | None:
    """The one that plans the environment's service; of those without a name, the first."""
    found = [each for each in services if each.name in {environment.service, ""}]
    found.sort(key=lambda each: not each.name)
    return found[0] if found else None


def _told(
    environment: Environment, access: Access, tip: Commit, runs: Revision, planned: PlannedService | None
) -> NextApply:
    if planned is None or not (planned.task_definition or planned.unknown):
        seen = f"The infrastructure of {tip.short} leaves the revision of {environment.service} to the deployments."
        return NextApply(
            commit=tip,
            runs=runs,
            brings=None,
            address=planned.address if planned else "",
            finding=ok("next-apply", seen),
        )
    if planned.unknown:
        finding = warning(
            "next-apply",
            f"The next apply, of {tip.short}, would register a new revision and put it in the place of {runs}.",
            _KEEP,
        )
        return NextApply(commit=tip, runs=runs, brings=None, address=planned.address, finding=finding)
    brings = _revision(access, planned.task_definition)
    if brings is None:
        finding = warning(
            "next-apply",
            f"The next apply, of {tip.short}, would put {quoted(planned.task_definition)} in the place of {runs}, and "
            "which revision that is can't be told.",
            _KEEP,
        )
    elif brings == runs:
        finding = ok("next-apply", f"The next apply, of {tip.short}, keeps {runs}.")
    else:
        finding = warning(
            "next-apply", f"The next apply, of {tip.short}, would put {brings} in the place of {runs}.", _KEEP
        )
    return NextApply(commit=tip, runs=runs, brings=brings, address=planned.address, finding=finding)


def _revision(access: Access, reference: str) -> Revision | None:
    """The revision that is meant; of a bare family, its newest active one, as ECS has it (UpdateService)."""
    try:
        return Revision.parse(reference)
    except RollbackError:
        pass
    try:
        found = access.aws.ecs.describe_task_definition(taskDefinition=reference)["taskDefinition"]
    except AwsError:
        return None
    return Revision(found["family"], found["revision"])
