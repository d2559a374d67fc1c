"""What ECS says about a service, in its own words.

Source: Amazon ECS developer guide, "Amazon ECS service event messages"; messages that the guide doesn't
list are worded as AWS is seen to word them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from rehearsal.aws import timeline

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

KEPT: Final = 100
"""How many of the latest events DescribeServices shows."""

STEADY: Final = "has reached a steady state."
IMPAIRED: Final = (
    "is unable to consistently start tasks successfully. "
    "For more information, see the Troubleshooting section of the Amazon ECS Developer Guide."
)
STUCK: Final = (
    "was unable to stop or start tasks during a deployment because of the service deployment "
    "configuration. Update the minimumHealthyPercent or maximumPercent value and try again."
)
UNPLACED: Final = "was unable to place a task because no container instance met all of its requirements."


@dataclass(frozen=True, slots=True)
class ServiceEvent:
    """One event of a service, as DescribeServices shows it."""

    id: str
    created_at: datetime
    message: str


def record(events: list[ServiceEvent], service: str, message: str) -> None:
    """Put an event of `service` on top of `events`, and forget what is older than the last hundred."""
    now = timeline.current()
    text = f"(service {service}) {message}"
    events.insert(0, ServiceEvent(now.uuid("ecs.event"), now.now(), text))
    del events[KEPT:]


def _tasks(ids: Sequence[str]) -> str:
    return " ".join(f"(task {task})" for task in ids)


def started(ids: Sequence[str], replaced: int = 0) -> str:
    """Tasks have been started, some of them for unhealthy ones."""
    unhealthy = f" Amazon ECS replaced {replaced} tasks due to an unhealthy status." if replaced else ""
    return f"has started {len(ids)} tasks: {_tasks(ids)}.{unhealthy}"


def stopped_running(ids: Sequence[str]) -> str:
    """Running tasks have been stopped."""
    return f"has stopped {len(ids)} running tasks: {_tasks(ids)}."


def stopped_pending(count: int) -> str:
    """Tasks that did not run yet have been stopped."""
    return f"stopped {count} pending tasks."


def registered(count: int, target_group: str) -> str:
    """Targets have been registered."""
    return f"registered {count} targets in (target-group {target_group})"


def deregistered(count: int, target_group: str) -> str:
    """Targets have been deregistered."""
    return f"deregistered {count} targets in (target-group {target_group})"


def draining(count: int) -> str:
    """Tasks are losing their connections before they are stopped."""
    return f"has begun draining connections on {count} tasks."


def unhealthy(task: str, port: int, target_group: str, reason: str) -> str:
    """The load balancer has found a task unhealthy; the form for Fargate."""
    return (
        f"(task {task}) (port {port}) is unhealthy in (target-group {target_group}) due to (reason {reason})."
    )


def not_launched(role: str) -> str:
    """A task was not launched, since its role can't be assumed."""
    return (
        f"failed to launch a task with (error ECS was unable to assume the role '{role}' that was provided "
        "for this task. Please verify that the role being passed has the proper trust relationship and "
        "permissions and that your IAM user has permissions to pass this role.)."
    )


def completed(deployment: str) -> str:
    """A deployment is over, and well."""
    return f"(deployment {deployment}) deployment completed."


def failed(deployment: str) -> str:
    """The circuit breaker has given a deployment up."""
    return f"(deployment {deployment}) deployment failed: tasks failed to start."


def rolling_back(deployment: str) -> str:
    """The service goes back to a deployment that had completed."""
    return f"rolling back to deployment {deployment}."
