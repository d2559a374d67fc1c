"""Waiting for a rollout: our own deployment's end, and nothing that merely looks like it.

The AWS waiter ``services-stable`` passes as soon as one deployment is left and running equals
desired, whatever revision that is, and knows no failure. This one follows one deployment by its id.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from rollback.ecs import look
from rollback.ecs.result import Outcome
from rollback.errors import AccessDenied, AwsError, CredentialsExpired
from rollback.journal import Kind

if TYPE_CHECKING:
    from rollback.access import Access
    from rollback.ecs.model import Deployment, Revision, Service
    from rollback.environment import Environment

CADENCE: Final = ((240.0, 5.0), (480.0, 7.5), (float("inf"), 15.0))
"""Until so many seconds after the start, poll every so many seconds: never more than 12 a minute."""

DETECTORS: Final = ("circuit breaker", "alarm")
"""What makes ECS give a deployment up: the ways of failure detection of the ECS developer guide."""


@dataclass(frozen=True, slots=True)
class Awaited:
    """The deployment that is waited for.

    Attributes:
        target: the revision it must bring up.
        deployment: its id; empty while ECS has yet to show it.
        replaced: the ids of the deployments that were there before.
    """

    target: Revision
    deployment: str
    replaced: frozenset[str]


@dataclass(frozen=True, slots=True)
class Watched:
    """What came of the waiting.

    Attributes:
        last: the service when it was last seen; None if it never was.
        error: why sight was lost, for `Outcome.LOST`.
    """

    outcome: Outcome
    deployment: str
    last: Service | None
    error: AwsError | None = None


def interval(elapsed: float) -> float:
    """Seconds until the next poll, `elapsed` seconds after the start: often at first, then less."""
    return next(pause for until, pause in CADENCE if elapsed < until)


def watch(
    environment: Environment, access: Access, awaited: Awaited, *, deadline_seconds: float | None = None
) -> Watched:
    """Look at the service until our deployment has ended, in whatever way, or the deadline passes.

    Args:
        environment: the place.
        access: the hands.
        awaited: our deployment.
        deadline_seconds: from now; without it, that of an emergency rollback.
    """
    clock = access.clock
    began = clock.monotonic()
    deadline = (
        environment.budgets.emergency.deadline_seconds if deadline_seconds is None else deadline_seconds
    )
    last: Service | None = None
    shown: tuple[int, ...] = ()
    lost: AwsError | None = None
    record = ""
    while True:
        try:
            with access.aws.tried_once():
                last = look.service(environment, access)
                awaited = adopted(awaited, last)
                shown = _shown(access, last, awaited, shown)
                outcome = judged(last, awaited)
                if last.primary is not None and last.primary.id == awaited.deployment:
                    record = last.service_deployment
                if outcome is Outcome.LANDED and draining(last, access):
                    outcome = None
                if outcome in {Outcome.FAILED, Outcome.SUPERSEDED}:
                    outcome = attributed(outcome, last, awaited, record, access)
            lost = None
            if outcome is not None:
                return Watched(outcome, awaited.deployment, last)
        except (CredentialsExpired, AccessDenied) as error:
            return Watched(Outcome.LOST, awaited.deployment, last, error)
        except AwsError as error:  # the next poll may see again
            access.journal.record(Kind.OBSERVATION, f"A look at the service failed: {error.sentence}")
            lost = error
        elapsed = clock.monotonic() - began
        if elapsed >= deadline:
            return Watched(Outcome.LOST if lost else Outcome.TIMED_OUT, awaited.deployment, last, lost)
        clock.sleep(min(interval(elapsed), deadline - elapsed))  # the last look is at the deadline


def adopted(awaited: Awaited, service: Service) -> Awaited:
    """Learn our deployment's id once ECS shows it: the new PRIMARY of our target."""
    primary = service.primary
    if awaited.deployment or primary is None or primary.id in awaited.replaced:
        return awaited
    if primary.revision != awaited.target:
        return awaited
    return Awaited(awaited.target, primary.id, awaited.replaced)


def judged(service: Service, awaited: Awaited) -> Outcome | None:
    """How our deployment ended, going by one look at the service; None while it goes on."""
    primary = service.primary
    if primary is None:
        return Outcome.SUPERSEDED
    if not awaited.deployment:
        foreign = primary.id not in awaited.replaced
        return Outcome.SUPERSEDED if foreign else None
    if primary.id != awaited.deployment:
        ours = service.deployment(awaited.deployment)
        return Outcome.REVERSED if _says_so(primary, ours) else Outcome.SUPERSEDED
    if primary.revision != awaited.target:
        return Outcome.SUPERSEDED
    if primary.state == "FAILED":
        return Outcome.FAILED
    return Outcome.LANDED if _steady(service, primary) else None


def _steady(service: Service, ours: Deployment) -> bool:
    others = any(d.running or d.pending for d in service.deployments if d.id != ours.id)
    return (
        ours.state in {"COMPLETED", ""}
        and service.desired >= 1
        and ours.running == service.running == service.desired
        and not service.pending
        and not others
    )


def _says_so(primary: Deployment, ours: Deployment | None) -> bool:
    """Whether ECS says, while it is at it, that it itself put `primary` in our place.

    It does in the rolloutStateReason of the deployment that it gave up and of the one that it started
    instead. Somebody's StopServiceDeployment also leaves ours FAILED, with another reason.
    """
    reasons = f"{primary.reason} {ours.reason if ours else ''}".lower()
    return any(detector in reasons for detector in DETECTORS)


def attributed(outcome: Outcome, service: Service, awaited: Awaited, record: str, access: Access) -> Outcome:
    """The outcome by who brought it about, where one look at the service doesn't show it.

    ECS can be done with putting another deployment in our place between two polls, and its reasons no
    longer say why. Or it has given ours up and not yet begun to go back. The service deployment tells:
    its status begins with ROLLBACK, and its failure detection shows TRIGGERED unless it was somebody's
    StopServiceDeployment (DescribeServiceDeployments). Where it can't be read, a deployment that ECS had
    before tells as much: somebody else's would be a new one.

    Args:
        outcome: `Outcome.FAILED` or `Outcome.SUPERSEDED`.
        service: as it was last seen.
        awaited: our deployment.
        record: the ARN of our service deployment; empty if it was never seen.
        access: the hands.
    """
    had_before = service.primary is not None and service.primary.id in awaited.replaced
    unsure = Outcome.REVERSED if had_before else outcome
    if not record:
        return unsure
    try:
        answer = access.aws.ecs.describe_service_deployments(serviceDeploymentArns=[record])
    except AwsError:  # what has happened is known; only who did it is not
        return unsure
    for deployment in answer["serviceDeployments"]:
        detections = (deployment.get("deploymentCircuitBreaker", {}), deployment.get("alarms", {}))
        if deployment["status"].startswith("ROLLBACK"):
            triggered = any(detection.get("status") == "TRIGGERED" for detection in detections)
            return Outcome.REVERSED if triggered else Outcome.SUPERSEDED
    return outcome


def draining(service: Service, access: Access) -> bool:
    """Whether a target that is being deregistered may still serve the old revision."""
    return "draining" in look.target_states(service, access).values()


def _shown(access: Access, service: Service, awaited: Awaited, before: tuple[int, ...]) -> tuple[int, ...]:
    """Record the task counts when they have changed since `before`."""
    ours = service.deployment(awaited.deployment)
    running, pending, failed = (ours.running, ours.pending, ours.failed) if ours else (0, 0, 0)
    others = sum(d.running for d in service.deployments if d.id != awaited.deployment)
    counts = (running, pending, failed, others)
    if counts != before:
        access.journal.record(
            Kind.OBSERVATION,
            f"{awaited.target}: {running} of {service.desired} running, {pending} pending, {failed} failed; "
            f"{others} of other revisions still running",
            running=running,
            pending=pending,
            failed=failed,
            others=others,
            desired=service.desired,
        )
    return counts
