"""A service and its deployments: moto's Service, with what the scheduler knows about it."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from rehearsal.aws import timeline
from rehearsal.aws.ecs import events, launch
from rehearsal.aws.ecs.breaker import Breaker
from rehearsal.aws.ecs.history import (
    RevisionSummary,
    ServiceDeployment,
    ServiceRevision,
    deployment_arn,
    revision_arn,
)
from rehearsal.aws.moto_parts import Service

if TYPE_CHECKING:
    from datetime import datetime

    from rehearsal.aws.ecs.tasks import LivingTask
    from rehearsal.aws.moto_parts import TaskDefinition

DEFAULTS: Final = {
    "deploymentCircuitBreaker": {"enable": False, "rollback": False},
    "maximumPercent": 200,
    "minimumHealthyPercent": 100,
    "strategy": "ROLLING",
    "bakeTimeInMinutes": 0,
}
"""The deploymentConfiguration of a service that was given none."""


@dataclass(slots=True, eq=False)
class Deployment:
    """One deployment of a service, as DescribeServices shows it; names as in the API.

    Attributes:
        tasks: its tasks that still serve or are to: not those that are STOPPING or beyond.
        record: its entry in the history. A rollback goes under the entry of what it rolls back.
        revision: what it deploys.
        batch: how many times the scheduler has started tasks for it.
        failed_batch: the latest of these in which a task failed to start.
        failed_starts: how many of these in a row have failed.
        held_until: the moment until which the scheduler starts no more tasks for it.
    """

    id: str
    status: str
    task_definition: str
    definition: TaskDefinition
    desired_count: int
    created_at: datetime
    updated_at: datetime
    launch_type: str | None
    platform_version: str | None
    platform_family: str | None
    network_configuration: dict[str, Any] | None
    rollout_state: str
    rollout_state_reason: str
    record: ServiceDeployment
    revision: ServiceRevision
    failed_tasks: int = 0
    tasks: list[LivingTask] = field(default_factory=list)
    batch: int = 0
    failed_batch: int = 0
    failed_starts: int = 0
    held_until: float = 0.0

    @property
    def running_count(self) -> int:
        """How many of its tasks are RUNNING."""
        return sum(task.running for task in self.tasks)

    @property
    def pending_count(self) -> int:
        """How many of its tasks are on their way to RUNNING."""
        return sum(task.starting for task in self.tasks)

    @property
    def live(self) -> list[LivingTask]:
        """Its tasks that are RUNNING or on their way there."""
        return [task for task in self.tasks if task.running or task.starting]

    def summary(self) -> RevisionSummary:
        """Its numbers, as a service revision's."""
        arn = self.revision.service_revision_arn
        return RevisionSummary(arn, self.desired_count, self.running_count, self.pending_count)

    def touch(self) -> None:
        """Note that it has changed."""
        self.updated_at = timeline.current().now()


class LivingService(Service):  # type: ignore[misc]
    """A service whose deployments, counts and events follow from its tasks.

    Attributes:
        deployments: the newest first; the first is the PRIMARY.
        last_completed: the last deployment that completed, to which the circuit breaker rolls back.
        history: its service deployments, the newest first.
        revisions: its service revisions, by ARN.
        steady: whether it has reached a steady state and nothing has happened since.
        stuck: whether it has said that its deployment configuration leaves no room.
        wakes: the moment at which the scheduler will look at it next, or None.
    """

    def __init__(self, **given: Any) -> None:
        configuration = given.pop("deployment_configuration", None) or {}
        grace = given.pop("health_check_grace_period_seconds", None)
        self.deployments: list[Deployment] = []
        super().__init__(**given)
        now = timeline.current()
        self.deployment_configuration: dict[str, Any] = {**DEFAULTS, **configuration}
        self.health_check_grace_period_seconds = grace
        if grace is None and self.load_balancers:
            self.health_check_grace_period_seconds = 0
        self.created_at = now.now()
        self.created_by = f"arn:aws:iam::{self._account_id}:root"
        fargate = self.launch_type == "FARGATE"
        self.platform_family = "Linux" if fargate else None
        self.platform_version = (given["platform_version"] or "LATEST") if fargate else None
        self.network_configuration = given["network_configuration"]
        self.placement_constraints: list[Any] = []
        self.placement_strategy: list[Any] = []
        self.enable_ecs_managed_tags = False
        self.enable_execute_command = False
        self.availability_zone_rebalancing = "DISABLED"
        self.deployments = []
        self.events: list[events.ServiceEvent] = []
        self.last_completed: Deployment | None = None
        self.history: list[ServiceDeployment] = []
        self.revisions: dict[str, ServiceRevision] = {}
        self.steady = self.stuck = False
        self.wakes: float | None = None

    # moto's constructor sets counts; here they follow from the tasks.
    @property
    def running_count(self) -> int:
        """How many tasks of all deployments are RUNNING."""
        return sum(deployment.running_count for deployment in self.deployments)

    @running_count.setter
    def running_count(self, value: int) -> None:
        pass

    @property
    def pending_count(self) -> int:
        """How many tasks of all deployments are on their way to RUNNING."""
        return sum(deployment.pending_count for deployment in self.deployments)

    @pending_count.setter
    def pending_count(self, value: int) -> None:
        pass

    @property
    def primary(self) -> Deployment:
        """The deployment that the service is to be on."""
        return self.deployments[0]

    @property
    def breaker(self) -> Breaker:
        """Its circuit breaker."""
        return Breaker.of(self.deployment_configuration)

    @property
    def fewest_healthy(self) -> int:
        """How many tasks must stay healthy during a deployment: a percentage, rounded up."""
        percent: int = self.deployment_configuration["minimumHealthyPercent"]
        return math.ceil(int(self.desired_count) * percent / 100)

    @property
    def most(self) -> int:
        """How many tasks may be RUNNING or on their way there: a percentage, rounded down."""
        percent: int = self.deployment_configuration["maximumPercent"]
        return int(self.desired_count) * percent // 100

    @property
    def current_service_deployment(self) -> str | None:
        """The ARN of the latest service deployment."""
        return self.history[0].service_deployment_arn if self.history else None

    @property
    def current_service_revisions(self) -> list[RevisionSummary]:
        """The revisions that its tasks are of."""
        return [each.summary() for each in self.deployments if each.status == "PRIMARY" or each.tasks]

    def says(self, message: str) -> None:
        """Put a message into its event stream."""
        events.record(self.events, self.name, message)

    def deploy(self, definition: TaskDefinition) -> Deployment:
        """Begin a new deployment, which takes the place of the one before."""
        now = timeline.current()
        revision = self._revise(definition)
        record = ServiceDeployment(
            service_deployment_arn=deployment_arn(self.arn),
            service_arn=self.arn,
            cluster_arn=self.cluster_arn,
            created_at=now.now(),
            updated_at=now.now(),
            revision=revision,
            source_service_revisions=[each.summary() for each in self.deployments if each.tasks],
            target_service_revision=RevisionSummary(revision.service_revision_arn, self.desired_count, 0, 0),
            deployment_configuration=dict(self.deployment_configuration),
            threshold=self.breaker.threshold(self.desired_count),
        )
        identity = f"ecs-svc/{now.digits('ecs.deployment')}"
        deployment = Deployment(
            id=identity,
            status="PRIMARY",
            task_definition=definition.arn,
            definition=definition,
            desired_count=self.desired_count,
            created_at=now.now(),
            updated_at=now.now(),
            launch_type=self.launch_type,
            platform_version="1.4.0" if self.platform_version == "LATEST" else self.platform_version,
            platform_family=self.platform_family,
            network_configuration=self.network_configuration,
            rollout_state="IN_PROGRESS",
            rollout_state_reason=f"ECS deployment {identity} in progress.",
            record=record,
            revision=revision,
        )
        self.history.insert(0, record)
        self.promote(deployment)
        return deployment

    def promote(self, deployment: Deployment) -> None:
        """Make `deployment` the PRIMARY one."""
        for other in self.deployments:
            other.status = "ACTIVE"
        if deployment in self.deployments:
            self.deployments.remove(deployment)
        deployment.status = "PRIMARY"
        self.deployments.insert(0, deployment)
        self.task_definition = deployment.task_definition
        self.steady = self.stuck = False

    def _revise(self, definition: TaskDefinition) -> ServiceRevision:
        revision = ServiceRevision(
            service_revision_arn=revision_arn(self.arn),
            service_arn=self.arn,
            cluster_arn=self.cluster_arn,
            task_definition=definition.arn,
            launch_type=self.launch_type,
            platform_version="1.4.0" if self.platform_version == "LATEST" else self.platform_version,
            platform_family=self.platform_family,
            load_balancers=list(self.load_balancers),
            service_registries=list(self.service_registries),
            network_configuration=self.network_configuration,
            created_at=timeline.current().now(),
            images={each["name"]: each["image"] for each in definition.container_definitions},
            digests=launch.resolve_digests(self._account_id, self.region_name, definition),
        )
        self.revisions[revision.service_revision_arn] = revision
        return revision
