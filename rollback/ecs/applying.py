"""Doing what an emergency rollback's plan says, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from rollback.ecs import by_hand, look
from rollback.ecs.model import COPIED, Revision
from rollback.ecs.reporting import told
from rollback.ecs.result import WAY, Outcome, SavedPoint
from rollback.ecs.watching import Awaited, Watched, watch
from rollback.errors import AwsError, Outdated, Refused, Unavailable
from rollback.journal import Kind
from rollback.plan import conclude

if TYPE_CHECKING:
    from rollback.access import Access
    from rollback.ecs.model import Service
    from rollback.ecs.planning import EcsPlan
    from rollback.ecs.result import Result
    from rollback.environment import Environment

TRIES: Final = 3
"""How often a change is asked for when AWS may not have heard it."""


def apply(environment: Environment, access: Access, plan: EcsPlan) -> Result:
    """Put the plan's target on the service, and wait until it has landed or can't any more.

    Every end after the first change is a `Result`, also the bad ones. An interruption (Ctrl-C) is
    recorded in the journal and goes on to the caller.

    Raises:
        Refused: the plan holds a refusal; nothing has been changed.
        Outdated: the service has moved since the plan was made; nothing has been changed.
        AwsError: AWS didn't answer before anything was changed.
    """
    plan.must_be_applicable()
    if plan.service is None or plan.target is None:
        raise Refused("The plan names no service and target.", remedy="Make a new plan.")
    before = _unmoved(environment, access, plan.service)
    saved = _saved(environment, access, plan, before, plan.target)
    began = access.clock.monotonic()
    target = plan.target
    try:
        target, watched = _changed(environment, access, plan, before)
    except KeyboardInterrupt:
        access.journal.record(
            Kind.INTERRUPTED,
            f"Interrupted on the way from {before.revision} to {target}. What ECS was asked for goes on by itself.",
            look=by_hand.describe_deployments(environment),
        )
        raise
    result = told(environment, access, watched, target=target, saved=saved, began=began)
    conclude(access.journal, result, way=WAY)
    return result


def _saved(
    environment: Environment, access: Access, plan: EcsPlan, before: Service, target: Revision
) -> SavedPoint:
    """Take down where the service is, and what is about to be asked for."""
    saved = SavedPoint(
        environment=environment.name,
        service=before.name,
        revision=before.revision,
        target=target,
        replaced=tuple(sorted(_replaced(before, plan))),
        copied=plan.copied,
    )
    access.journal.record(
        Kind.SAVED,
        f"{before.name} runs {before.runs}",
        way=WAY,
        environment=environment.name,
        service=before.name,
        revision=str(before.revision),
        target=str(target),
        replaced=list(saved.replaced),
        copied=saved.copied,
    )
    return saved


def _unmoved(environment: Environment, access: Access, planned: Service) -> Service:
    """The service now, which must be as it was when the plan was made."""
    now = look.service(environment, access)
    if _fingerprint(now) != _fingerprint(planned):
        raise Outdated(
            f"{planned.name} has changed since the plan was made: it ran {planned.runs} "
            f"for {planned.revision}, now {now.runs} for {now.revision}.",
            remedy="Make a new plan, and read it.",
        )
    return now


def _fingerprint(service: Service) -> tuple[object, ...]:
    primary = service.primary
    in_progress = service.in_progress is not None
    return (service.revision, service.desired, service.status, primary and primary.id, in_progress)


def _changed(
    environment: Environment, access: Access, plan: EcsPlan, before: Service
) -> tuple[Revision, Watched]:
    target = plan.target
    assert target is not None  # noqa: S101 - `apply` has seen to it
    replaced = _replaced(before, plan)
    try:
        if plan.copied:
            target = _copy(access, target)
        deployment = (
            _stop(access, plan.stops) if plan.stops else begin(environment, access, target, replaced=replaced)
        )
    except AwsError as error:
        last = _last(environment, access)
        if last is None:
            return target, Watched(Outcome.LOST, "", before, error)
        if last.primary is None or last.primary.id in replaced:
            return target, Watched(Outcome.NOT_STARTED, "", last, error)
        deployment = ""
    return target, watch(environment, access, Awaited(target, deployment, replaced))


def _replaced(before: Service, plan: EcsPlan) -> frozenset[str]:
    """The deployments that ours takes the place of; ECS may take up any other one when it is stopped."""
    stopped = before.in_progress
    if plan.stops and stopped is not None:
        return frozenset({stopped.id})
    return frozenset(d.id for d in before.deployments)


def _last(environment: Environment, access: Access) -> Service | None:
    try:
        return look.service(environment, access)
    except AwsError:
        return None


def begin(environment: Environment, access: Access, target: Revision, *, replaced: frozenset[str]) -> str:
    """Ask ECS for a deployment of `target` and return its id.

    When AWS failed or the answer was lost, the service is looked at before asking again, so that
    there is never a second deployment.

    Raises:
        AwsError: AWS refused, or kept failing.
    """
    for attempt in range(1, TRIES + 1):
        try:
            answer = access.aws.ecs.update_service(
                cluster=environment.cluster,
                service=environment.service,
                taskDefinition=str(target),
                forceNewDeployment=True,
            )
        except Unavailable:
            access.clock.sleep(2.0**attempt)
            primary = look.service(environment, access).primary
            if primary and primary.id not in replaced and primary.revision == target:
                access.journal.record(
                    Kind.DECISION, f"ECS did take the deployment {primary.id}; following it."
                )
                return primary.id
            if attempt == TRIES:
                raise
        else:
            deployments = answer["service"].get("deployments", ())
            return next((d["id"] for d in deployments if d["status"] == "PRIMARY"), "")
    raise AssertionError


def _stop(access: Access, service_deployment: str) -> str:
    """Have ECS roll its deployment in progress back; the id of what it starts shows later."""
    for attempt in range(1, TRIES + 1):
        try:
            access.aws.ecs.stop_service_deployment(
                serviceDeploymentArn=service_deployment, stopType="ROLLBACK"
            )
        except Unavailable:
            if attempt == TRIES:
                raise
            access.clock.sleep(2.0**attempt)
        except AwsError as error:
            if attempt == 1 or error.code != "ConflictException":
                raise
            access.journal.record(Kind.DECISION, "ECS is already stopping the deployment; following that.")
            break
        else:
            break
    return ""


def _copy(access: Access, target: Revision) -> Revision:
    """Register a copy of a deregistered revision, with its tags."""
    described = access.aws.ecs.describe_task_definition(taskDefinition=str(target), include=["TAGS"])
    definition: dict[str, Any] = dict(described["taskDefinition"])
    wanted: dict[str, Any] = {key: definition[key] for key in COPIED if definition.get(key)}
    if described.get("tags"):
        wanted["tags"] = described["tags"]
    registered = access.aws.ecs.register_task_definition(**wanted)["taskDefinition"]
    copy = Revision(registered["family"], registered["revision"])
    access.journal.record(Kind.DECISION, f"{target} was copied as {copy}.", copy=str(copy))
    return copy
