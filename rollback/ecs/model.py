"""An ECS service as a rollback sees it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Self

from rollback._text import quoted
from rollback.errors import RollbackError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from mypy_boto3_ecs.type_defs import DeploymentTypeDef, ServiceTypeDef, TaskTypeDef

_REFERENCE: Final = re.compile(
    r"(?:arn:aws[a-z-]*:ecs:[a-z0-9-]+:[0-9]{12}:task-definition/(?=.*:))?"
    r"(?:(?P<family>[A-Za-z0-9_][A-Za-z0-9_-]{0,254}):)?(?P<number>[1-9][0-9]{0,9})"
)
COPIED: Final = (
    "family",
    "taskRoleArn",
    "executionRoleArn",
    "networkMode",
    "containerDefinitions",
    "volumes",
    "placementConstraints",
    "requiresCompatibilities",
    "cpu",
    "memory",
    "pidMode",
    "ipcMode",
    "proxyConfiguration",
    "inferenceAccelerators",
    "ephemeralStorage",
    "runtimePlatform",
    "enableFaultInjection",
)
"""What RegisterTaskDefinition takes of what DescribeTaskDefinition gives."""


@dataclass(frozen=True, slots=True)
class Revision:
    """A task definition revision, as ``family:41``."""

    family: str
    number: int

    def __str__(self) -> str:
        return f"{self.family}:{self.number}"

    @classmethod
    def parse(cls, reference: str, *, family: str = "") -> Self:
        """Read ``41``, ``family:41`` or an ARN; `family` is that of a bare number.

        Raises:
            RollbackError: it is none of these.
        """
        match = _REFERENCE.fullmatch(reference.strip())
        if match is None or not (match["family"] or family):
            raise RollbackError(
                f"{quoted(reference)} is not a task definition revision.",
                remedy='Give its number ("41"), its name ("family:41") or its ARN.',
            )
        return cls(match["family"] or family, int(match["number"]))


@dataclass(frozen=True, slots=True)
class Deployment:
    """One entry of a service's ``deployments``.

    Attributes:
        status: ``PRIMARY`` for the newest, ``ACTIVE`` for one that is being replaced.
        state: the ``rolloutState``: ``IN_PROGRESS``, ``COMPLETED``, ``FAILED``, or empty where ECS
            doesn't say (services behind a Classic Load Balancer).
    """

    id: str
    status: str
    revision: Revision
    state: str
    reason: str
    desired: int
    running: int
    pending: int
    failed: int
    created_at: datetime

    @classmethod
    def of(cls, described: DeploymentTypeDef) -> Self:
        """Read it from a DescribeServices answer."""
        return cls(
            id=described["id"],
            status=described["status"],
            revision=Revision.parse(described["taskDefinition"]),
            state=described.get("rolloutState", ""),
            reason=described.get("rolloutStateReason", ""),
            desired=described.get("desiredCount", 0),
            running=described.get("runningCount", 0),
            pending=described.get("pendingCount", 0),
            failed=described.get("failedTasks", 0),
            created_at=described["createdAt"],
        )


@dataclass(frozen=True, slots=True)
class LoadBalanced:
    """What of the service a target group sends requests to."""

    target_group: str
    container: str
    port: int


@dataclass(frozen=True, slots=True)
class Service:
    """A service at one moment.

    Attributes:
        controller: ``ECS``, ``CODE_DEPLOY`` or ``EXTERNAL``.
        deployments: the PRIMARY one first.
        breaker: whether the deployment circuit breaker is on.
        service_deployment: the ARN of the service deployment that the PRIMARY deployment belongs to;
            empty where ECS doesn't say.
    """

    arn: str
    cluster: str
    name: str
    status: str
    controller: str
    desired: int
    running: int
    pending: int
    revision: Revision
    deployments: tuple[Deployment, ...]
    load_balancers: tuple[LoadBalanced, ...]
    breaker: bool
    service_deployment: str = ""

    @property
    def primary(self) -> Deployment | None:
        """The newest deployment; None under another deployment controller than ECS."""
        return next((d for d in self.deployments if d.status == "PRIMARY"), None)

    @property
    def in_progress(self) -> Deployment | None:
        """The deployment that ECS is still rolling out, if there is one."""
        primary = self.primary
        return primary if primary is not None and primary.state == "IN_PROGRESS" else None

    def deployment(self, deployment_id: str) -> Deployment | None:
        """The deployment of that id, while ECS still shows it."""
        return next((d for d in self.deployments if d.id == deployment_id), None)

    @property
    def runs(self) -> str:
        """Which revisions have running tasks now, as ``app:42 (2 tasks), app:41 (1 task)``."""
        parts = [
            f"{d.revision} ({d.running} task{'s' if d.running != 1 else ''})"
            for d in self.deployments
            if d.running
        ]
        return ", ".join(parts) or "no task at all"

    @classmethod
    def of(cls, described: ServiceTypeDef, *, cluster: str) -> Self:
        """Read it from a DescribeServices answer.

        Raises:
            RollbackError: it has no task definition, as under an EXTERNAL deployment controller.
        """
        deployments = [Deployment.of(d) for d in described.get("deployments", ())]
        breaker = described.get("deploymentConfiguration", {}).get("deploymentCircuitBreaker")
        return cls(
            arn=described["serviceArn"],
            cluster=cluster,
            name=described["serviceName"],
            status=described["status"],
            controller=described.get("deploymentController", {}).get("type", "ECS"),
            desired=described.get("desiredCount", 0),
            running=described.get("runningCount", 0),
            pending=described.get("pendingCount", 0),
            revision=_revision(described),
            deployments=tuple(sorted(deployments, key=lambda d: d.status != "PRIMARY")),
            load_balancers=tuple(
                LoadBalanced(entry["targetGroupArn"], entry["containerName"], entry["containerPort"])
                for entry in described.get("loadBalancers", ())
                if "targetGroupArn" in entry and "containerName" in entry and "containerPort" in entry
            ),
            breaker=bool(breaker and breaker.get("enable")),
            service_deployment=described.get("currentServiceDeployment", ""),
        )


def _revision(described: ServiceTypeDef) -> Revision:
    """The service's own, or that of its PRIMARY task set where another controller deploys it."""
    reference = described.get("taskDefinition", "")
    for task_set in described.get("taskSets", ()):
        if not reference and task_set.get("status") == "PRIMARY":
            reference = task_set.get("taskDefinition", "")
    if not reference:
        raise RollbackError(
            f"{described['serviceName']} has no task definition of its own, so ECS doesn't deploy it.",
            remedy="Roll back with the tool that owns its tasks.",
        )
    return Revision.parse(reference)


@dataclass(frozen=True, slots=True)
class StoppedTask:
    """A task that ECS gave up on, and why."""

    id: str
    code: str
    reason: str

    @classmethod
    def of(cls, described: TaskTypeDef) -> Self:
        """Read it from a DescribeTasks answer; the container's own reason completes the task's."""
        reason = described.get("stoppedReason", "no reason given")
        for container in described.get("containers", ()):
            if container.get("reason") and container["reason"] not in reason:
                reason = f"{reason} ({container['name']}: {container['reason']})"
            elif container.get("exitCode"):
                reason = f"{reason} ({container['name']}: exit code {container['exitCode']})"
        return cls(described["taskArn"].rpartition("/")[2], described.get("stopCode", ""), reason)


def distinct_reasons(stopped: Sequence[StoppedTask]) -> tuple[str, ...]:
    """Why tasks stopped, each reason once, the most frequent first."""
    counts: dict[str, int] = {}
    for task in stopped:
        counts[task.reason] = counts.get(task.reason, 0) + 1
    return tuple(sorted(counts, key=lambda reason: -counts[reason]))
