"""Tasks: moto's own, with a life on the stage's clock.

Source of the states and their order: Amazon ECS developer guide, "Amazon ECS task lifecycle".
"""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Any, Final

from rehearsal.aws import logs, timeline
from rehearsal.aws.moto_parts import Container, Task, ec2_backends
from rehearsal.world import database
from rehearsal.world.version import AppVersion, Behaviour

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from rehearsal.aws.ecs.backend import LivingEcsBackend
    from rehearsal.aws.ecs.launch import Pulled
    from rehearsal.aws.elbv2 import Target
    from rehearsal.aws.moto_parts import Cluster, TaskDefinition

STARTING: Final = ("PROVISIONING", "PENDING", "ACTIVATING")
"""What counts as pending."""


class LivingContainer(Container):  # type: ignore[misc]
    """A container of a living task."""

    def __init__(self, definition: TaskDefinition, container: dict[str, Any], task: LivingTask) -> None:
        super().__init__(definition)
        arn = task.task_arn.replace(":task/", ":container/")
        self.container_arn = f"{arn}/{timeline.current().uuid('ecs.container')}"
        self.task_arn = task.task_arn
        self.name = container["name"]
        self.image = container["image"]
        self.essential = bool(container.get("essential", True))
        self.image_digest: str | None = None
        self.runtime_id: str | None = None
        self.exitCode: int | None = None
        self.reason: str | None = None
        self.health_status = "UNKNOWN"
        self.cpu = str(container.get("cpu", 0))
        self.memory = _text(container.get("memory"))
        self.memory_reservation = _text(container.get("memoryReservation"))
        self.network_bindings: list[dict[str, Any]] = []


class LivingTask(Task):  # type: ignore[misc]
    """A task whose state the clock changes, not how often it is described.

    Attributes:
        app_version: what its first container runs; None until it is pulled.
        variables: the environment that its first container was started with, which it keeps.
        security_groups: the ids of the security groups it was started in; empty if none were asked for.
        targets: where it is registered with load balancers, by the ARN of the target group.
        batch: which attempt of its deployment to start tasks it belongs to.
        was_healthy: whether it has ever counted as healthy.
        unfit: whether the load balancer's health checks have condemned it.
        settled: whether it has run long enough to count as healthy without a load balancer.
    """

    def __init__(self, *, cluster: Cluster, definition: TaskDefinition, backend: LivingEcsBackend,
                 service: str, deployment: str, batch: int, launch_type: str | None,
                 network: dict[str, Any] | None, platform_version: str | None,
                 container_instance_arn: str | None) -> None:  # fmt: skip
        now = timeline.current()
        super().__init__(
            cluster,
            definition,
            container_instance_arn,
            {},
            backend,
            f"service:{service}",
            launch_type=launch_type or "",
            started_by=deployment,
            networking_configuration=network,
            platform_version=platform_version,
        )
        self._status: str = "PROVISIONING"
        self.security_groups: tuple[str, ...] = tuple(
            (network or {}).get("awsvpcConfiguration", {}).get("securityGroups", ())
        )
        self.id = now.dice("ecs.task").getrandbits(128).to_bytes(16, "big").hex()
        self.definition = definition
        self.batch = batch
        self.app_version: AppVersion | None = None
        self.variables: Mapping[str, str] = {}
        self.targets: dict[str, Target] = {}
        self.was_healthy = self.unfit = self.settled = False
        self.containers = [
            LivingContainer(definition, each, self) for each in definition.container_definitions
        ]
        self.overrides = {
            "containerOverrides": [{"name": each.name} for each in self.containers],
            "inferenceAcceleratorOverrides": [],
        }
        self.cpu, self.memory = _text(definition.cpu), _text(definition.memory)
        self.platform_family = "Linux" if launch_type == "FARGATE" else None
        self.platform_version = (
            ("1.4.0" if platform_version in {None, "LATEST"} else platform_version)
            if (launch_type == "FARGATE")
            else None
        )
        self.launch_type = launch_type
        self.health_status = "UNKNOWN"
        self.version = 1
        self.stopped_reason: str | None = None
        self.stop_code: str | None = None
        self.created_at = now.now()
        self.connectivity: str | None = None
        self.connectivity_at: datetime | None = None
        self.pull_started_at: datetime | None = None
        self.pull_stopped_at: datetime | None = None
        self.started_at: datetime | None = None
        self.stopping_at: datetime | None = None
        self.stopped_at: datetime | None = None
        self.execution_stopped_at: datetime | None = None
        self.containers_started = self.running_since = 0.0
        self.ip = self._settle_in_subnet()

    @property
    def status(self) -> str:
        """The last status."""
        return self._status

    @status.setter
    def status(self, value: str) -> None:
        self._status = value

    @property
    def starting(self) -> bool:
        """Whether it is on its way to RUNNING."""
        return self._status in STARTING and self.desired_status == "RUNNING"

    @property
    def running(self) -> bool:
        """Whether it is RUNNING."""
        return self._status == "RUNNING"

    @property
    def serving(self) -> bool:
        """Whether its containers run, so that it answers requests."""
        return self._status in {"RUNNING", "DEACTIVATING"} or (
            self._status == "ACTIVATING" and self.app_version is not None
        )

    @property
    def behaviour(self) -> Behaviour:
        """How its application behaves."""
        return self.app_version.behaviour if self.app_version else Behaviour.HEALTHY

    def ready_at(self) -> float:
        """The moment from which it answers health checks as it always will."""
        slow = timeline.current().pace.slow_start if self.behaviour is Behaviour.SLOW else 0.0
        return self.containers_started + slow

    def answers(self, moment: float, path: str) -> int | None:
        """The status of its answer to a GET of `path` at `moment`; None where it refuses the connection."""
        if self.app_version is None or moment < self.ready_at():
            return None
        return self.app_version.status(path, database=timeline.current().hosts.reachable(self.database))

    @property
    def database(self) -> str | None:
        """Where it was told that its database is when it was started; None where it was told nothing."""
        return self.variables.get(database.VARIABLE)

    def _settle_in_subnet(self) -> str | None:
        """Give the network interface that moto made an address of its own subnet."""
        if not self.attachments:
            return None
        attachment = self.attachments[0]
        details = {each["name"]: each for each in attachment["details"]}
        eni = ec2_backends[self._account_id][self.region_name].enis[details["networkInterfaceId"]["value"]]
        block = ipaddress.ip_network(eni.subnet.cidr_block)
        taken = {task.ip for task in self._backend.living_tasks()}
        dice = timeline.current().dice("ecs.address")
        while True:
            ip = str(block[dice.randrange(4, block.num_addresses - 1)])
            if ip not in taken:
                break
        eni.private_ip_address = details["privateIPv4Address"]["value"] = ip
        eni.private_ip_addresses[0]["PrivateIpAddress"] = ip
        attachment["status"] = "PRECREATED"
        self.availability_zone = eni.subnet.availability_zone
        for container in self.containers:
            container.network_interfaces = [{"attachmentId": attachment["id"], "privateIpv4Address": ip}]
        return ip

    def runs(self, pulled: Pulled) -> None:
        """Start the containers from what has been pulled."""
        now = timeline.current()
        for container in self.containers:
            container.image_digest = pulled.images[container.name].digest
            container.runtime_id = f"{self.id}-{now.dice('ecs.runtime').randrange(10**9, 10**10)}"
        first = self.containers[0].name
        self.app_version, self.variables = pulled.images[first].version, pulled.variables[first]
        self.containers_started = now.moment()
        version = self.app_version
        logs.write(
            self,
            f"CRITICAL {version.name} can't start: the settings are incomplete"
            if version.behaviour is Behaviour.CRASHES
            else f"INFO {version.name} is listening",
        )

    def detach(self) -> None:
        """Give the network interface back."""
        enis = ec2_backends[self._account_id][self.region_name].enis
        for attachment in self.attachments:
            attachment["status"] = "DELETED"
            for detail in attachment["details"]:
                if detail["name"] == "networkInterfaceId":
                    enis.pop(detail["value"], None)


def _text(value: object) -> str | None:
    return None if value is None else str(value)
