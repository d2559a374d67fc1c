"""Looking at the world after a rollback: has the target landed?"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rollback import health
from rollback.ecs import by_hand, look
from rollback.ecs.model import Revision
from rollback.plan import Finding, Verified, ok, refusal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rollback.access import Access
    from rollback.ecs.model import Service
    from rollback.environment import Environment


@dataclass(frozen=True, slots=True)
class Verification(Verified[Revision]):
    """What was seen afterwards.

    Attributes:
        target: the revision that should run.
        findings: what was looked at; a ``refusal`` is a proof that the target has not landed.
    """


def verify(
    environment: Environment, access: Access, target: Revision, *, expected_version: str = ""
) -> Verification:
    """Look at the deployments, the targets and the application itself.

    Args:
        environment: the place.
        access: the hands.
        target: the revision that should run.
        expected_version: what the application should answer; without it only that it answers.

    Raises:
        AwsError: AWS doesn't say.
    """
    service = look.service(environment, access)
    return Verification(
        target,
        (
            *_deployments(environment, service, target),
            *_targets(service, access),
            *health.answers(environment, access, expected_version),
        ),
    )


def _deployments(environment: Environment, service: Service, target: Revision) -> Iterator[Finding]:
    primary = service.primary
    again = by_hand.describe_deployments(environment)
    if primary is None or primary.revision != target:
        runs = primary.revision if primary else "no deployment of ECS's own"
        yield refusal(
            "primary-revision",
            f"The PRIMARY deployment is {runs}, not {target}.",
            "Plan the rollback again.",
            again,
        )
    else:
        yield ok("primary-revision", f"The PRIMARY deployment runs {target}.")
    others = [d for d in service.deployments if d is not primary and (d.running or d.pending)]
    unfinished = primary is not None and primary.state not in {"COMPLETED", ""}
    if others or unfinished or service.desired < 1 or service.running != service.desired:
        yield refusal(
            "steady",
            f"{service.name} is not steady: {service.running} of {service.desired} tasks run, {service.runs}.",
            "Wait for the deployment to end, then verify again.",
            again,
        )
    else:
        yield ok("steady", f"{service.running} of {service.desired} tasks run, all of {service.revision}.")


def _targets(service: Service, access: Access) -> Iterator[Finding]:
    if not service.load_balancers:
        return
    states = Counter(look.target_states(service, access).values())
    told = ", ".join(f"{count} {state}" for state, count in sorted(states.items())) or "none registered"
    if states["healthy"] >= max(1, service.desired) and set(states) == {"healthy"}:
        yield ok("targets", f"The load balancer's targets: {told}.")
    else:
        yield refusal(
            "targets",
            f"The load balancer's targets: {told}; {service.desired} healthy ones are wanted and no other.",
            "Look at the target group; draining ones still serve the old revision.",
        )
