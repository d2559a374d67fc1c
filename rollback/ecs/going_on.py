"""Finishing a rollback that broke off: by what ECS has, and never with a second deployment of the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rollback.ecs import look
from rollback.ecs.applying import apply
from rollback.ecs.model import COPIED, Revision
from rollback.ecs.planning import plan
from rollback.ecs.reporting import told
from rollback.ecs.result import WAY
from rollback.ecs.watching import Awaited, watch
from rollback.errors import JournalError, Outdated
from rollback.journal import Kind
from rollback.plan import conclude

if TYPE_CHECKING:
    from rollback.access import Access
    from rollback.ecs.result import Result, SavedPoint
    from rollback.environment import Environment


def go_on(environment: Environment, access: Access, saved: SavedPoint) -> Result:
    """Finish a rollback from wherever it broke off.

    Where ECS has taken the deployment, that is followed; where it has not, the rollback is planned and applied again.

    Raises:
        JournalError: the saved point doesn't say what was to land.
        Outdated: somebody else has deployed since; nothing has been changed.
        Refused: there is something against it; nothing has been changed.
        AwsError: AWS didn't answer before anything was changed.
    """
    if saved.target is None:
        raise JournalError(
            "The journal doesn't say which revision was to land.", remedy="Plan the rollback anew."
        )
    service = look.service(environment, access)
    target = saved.copy or (_copy_made(environment, access, saved) if saved.copied else None) or saved.target
    primary = service.primary
    taken = primary is not None and primary.id not in saved.replaced
    if primary is None or not taken:
        return _again(environment, access, saved, target)
    if primary.revision != target:
        raise Outdated(
            f"{primary.revision} was deployed on {service.name} since the rollback broke off, by somebody or by ECS "
            f"itself: it runs {service.runs}.",
            remedy="Look at the service's events, and plan the rollback anew if it is still needed.",
        )
    # Only what is newer than ours would be somebody else's; ECS may still show what ours replaces.
    others = {d.id for d in service.deployments} - {primary.id}
    awaited = Awaited(target, primary.id, frozenset({*saved.replaced, *others}))
    return _followed(environment, access, saved, awaited)


def _again(environment: Environment, access: Access, saved: SavedPoint, target: Revision) -> Result:
    access.journal.record(
        Kind.DECISION, f"ECS has not taken the deployment of {target}; planning the rollback again."
    )
    return apply(environment, access, plan(environment, access, to=str(target), register_copy=saved.copied))


def _followed(environment: Environment, access: Access, saved: SavedPoint, awaited: Awaited) -> Result:
    access.journal.record(Kind.DECISION, f"ECS did take the deployment {awaited.deployment}; following it.")
    began = access.clock.monotonic()
    watched = watch(environment, access, awaited)
    result = told(environment, access, watched, target=awaited.target, saved=saved, began=began)
    conclude(access.journal, result, way=WAY)
    return result


def _copy_made(environment: Environment, access: Access, saved: SavedPoint) -> Revision | None:
    """The copy that was registered when nobody saw the answer: the newest revision, if it is the target's like."""
    newest = access.aws.ecs.list_task_definitions(
        familyPrefix=environment.family, status="ACTIVE", sort="DESC", maxResults=1
    )["taskDefinitionArns"]
    if not newest or Revision.parse(newest[0]).number <= saved.revision.number:
        return None
    of_target, of_newest = (
        dict(access.aws.ecs.describe_task_definition(taskDefinition=name)["taskDefinition"])
        for name in (str(saved.target), newest[0])
    )
    if any(of_target.get(key) != of_newest.get(key) for key in COPIED):
        return None
    return Revision.parse(newest[0])
