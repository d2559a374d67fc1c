"""A small account on the stage: one cluster, one load balancer, one service, and images of every behaviour."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import boto3
from moto.ecs.models import ecs_backends

from rehearsal.aws import ecr, elbv2, install
from rehearsal.aws.pace import ORDINARY, Pace
from rehearsal.clock import VirtualClock
from rehearsal.insulation import INSULATED, load_moto
from rehearsal.world.version import AppVersion, Behaviour

if TYPE_CHECKING:
    from collections.abc import Callable

    from rehearsal.aws.ecs.service import Deployment, LivingService
    from rehearsal.aws.ecs.tasks import LivingTask

REGION: Final = "eu-west-1"
ACCOUNT: Final = "123456789012"
FIRST: Final = 40
"""The revision of the first task definition; see `RELEASES`."""

RELEASES: Final = (
    AppVersion("v40"),
    AppVersion("v41"),
    AppVersion("v42", Behaviour.CRASHES),
    AppVersion("v43", Behaviour.UNHEALTHY),
    AppVersion("v44", Behaviour.SLOW),
    AppVersion("v45", Behaviour.ERRORS),
)
GOOD, NEXT, CRASHING, UNHEALTHY, SLOW, ERRING, MISSING = range(40, 47)
"""The revisions; the image of the last was never pushed."""

SERVICES: Final = ("ecs", "elbv2", "ecr", "ec2", "iam", "logs", "secretsmanager", "ssm")


def image(tag: str) -> str:
    """The reference of an image of the application."""
    return f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/app:{tag}"


class Clients:
    """One client a service, for all tests: making them is what takes time."""

    def __init__(self) -> None:
        load_moto()
        session = boto3.Session(
            aws_access_key_id="stage",
            aws_secret_access_key="stage",  # noqa: S106 - opens nothing
            region_name=REGION,
        )
        self.ecs: Any
        self.elbv2: Any
        self.ecr: Any
        self.ec2: Any
        self.iam: Any
        self.logs: Any
        self.secretsmanager: Any
        self.ssm: Any
        for name in SERVICES:
            setattr(self, name, session.client(name, config=INSULATED))


@dataclass
class Cloud:
    """The account, and the clock it lives by."""

    aws: Clients
    clock: VirtualClock = field(default_factory=VirtualClock)
    target_group: str = ""
    subnets: list[str] = field(default_factory=list)

    def open(self, *, seed: int = 1, pace: Pace = ORDINARY, delay: int = 30) -> None:
        """Set up everything but the service."""
        self.clock = VirtualClock()
        install.attach(self.clock, seed=seed, pace=pace)
        self.subnets = [each["SubnetId"] for each in self.aws.ec2.describe_subnets()["Subnets"][:2]]
        vpc = self.aws.ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
        balancer = self.aws.elbv2.create_load_balancer(Name="app", Subnets=self.subnets)
        self.target_group = self.aws.elbv2.create_target_group(
            Name="app",
            Protocol="HTTP",
            Port=8080,
            VpcId=vpc,
            TargetType="ip",
            HealthCheckIntervalSeconds=10,
            HealthCheckTimeoutSeconds=5,
            HealthyThresholdCount=2,
            UnhealthyThresholdCount=2,
            HealthCheckPath="/health",
        )["TargetGroups"][0]["TargetGroupArn"]
        self.aws.elbv2.modify_target_group_attributes(
            TargetGroupArn=self.target_group,
            Attributes=[{"Key": "deregistration_delay.timeout_seconds", "Value": str(delay)}],
        )
        self.aws.elbv2.create_listener(
            LoadBalancerArn=balancer["LoadBalancers"][0]["LoadBalancerArn"],
            Protocol="HTTP",
            Port=80,
            DefaultActions=[{"Type": "forward", "TargetGroupArn": self.target_group}],
        )
        self.aws.ecs.create_cluster(clusterName="cluster")
        self.aws.ecr.create_repository(repositoryName="app")
        install.begin_numbering(ACCOUNT, REGION, "app", FIRST)
        for version in RELEASES:
            ecr.push(self.aws.ecr, "app", version)
            self.register(version.name)
        self.register("v46")

    def register(self, tag: str, **container: Any) -> str:
        """Register a task definition that runs the image with this tag; returns its ARN."""
        given = {name: container.pop(name) for name in list(container) if name.endswith("RoleArn")}
        answer = self.aws.ecs.register_task_definition(
            family="app",
            networkMode="awsvpc",
            requiresCompatibilities=["FARGATE"],
            cpu="256",
            memory="512",
            containerDefinitions=[
                {"name": "app", "image": image(tag), "portMappings": [{"containerPort": 8080}], **container}
            ],
            **given,
        )
        arn: str = answer["taskDefinition"]["taskDefinitionArn"]
        return arn

    def create(self, revision: int = GOOD, *, desired: int = 2, balanced: bool = True, **given: Any) -> None:
        """Create the service, and let it come up."""
        self.start(revision, desired=desired, balanced=balanced, **given)
        self.until(lambda: self.primary.rollout_state == "COMPLETED")

    def start(self, revision: int = GOOD, *, desired: int = 2, balanced: bool = True, **given: Any) -> None:
        """Create the service."""
        if balanced:
            given["loadBalancers"] = [
                {"targetGroupArn": self.target_group, "containerName": "app", "containerPort": 8080}
            ]
        self.aws.ecs.create_service(
            cluster="cluster",
            serviceName="app",
            taskDefinition=f"app:{revision}",
            desiredCount=desired,
            launchType="FARGATE",
            networkConfiguration={"awsvpcConfiguration": {"subnets": self.subnets}},
            **given,
        )

    def update(self, revision: int | None = None, **given: Any) -> Any:
        """Update the service."""
        if revision is not None:
            given["taskDefinition"] = f"app:{revision}"
        return self.aws.ecs.update_service(cluster="cluster", service="app", **given)["service"]

    def until(self, reached: Callable[[], bool], within: float = 3600, step: float = 1.0) -> float:
        """Let time pass until `reached`; returns the seconds it took."""
        begun = self.clock.monotonic()
        while not reached():
            assert self.clock.monotonic() - begun < within, self.describe()
            self.clock.sleep(step)
        return self.clock.monotonic() - begun

    # What can be seen from outside

    def describe(self) -> Any:
        """The service, as DescribeServices shows it."""
        return self.aws.ecs.describe_services(cluster="cluster", services=["app"])["services"][0]

    def tasks(self, status: str = "RUNNING", **filters: Any) -> list[Any]:
        """Tasks, as DescribeTasks shows them."""
        arns = self.aws.ecs.list_tasks(cluster="cluster", desiredStatus=status, **filters)["taskArns"]
        return list(self.aws.ecs.describe_tasks(cluster="cluster", tasks=arns)["tasks"]) if arns else []

    def events(self) -> list[str]:
        """The service's event messages, the newest first."""
        return [event["message"] for event in self.describe()["events"]]

    def health(self) -> list[Any]:
        """The target group's targets."""
        answer = self.aws.elbv2.describe_target_health(TargetGroupArn=self.target_group)
        return list(answer["TargetHealthDescriptions"])

    def states(self) -> list[str]:
        """The states of the target group's targets, sorted."""
        return sorted(each["TargetHealth"]["State"] for each in self.health())

    def serving(self) -> list[elbv2.ServingTarget]:
        """Where the load balancer may send requests."""
        return elbv2.serving_targets(ACCOUNT, REGION, self.target_group)

    def history(self) -> list[Any]:
        """The service deployments, the newest first, described in full."""
        listed = self.aws.ecs.list_service_deployments(cluster="cluster", service="app")["serviceDeployments"]
        arns = [each["serviceDeploymentArn"] for each in listed]
        return list(
            self.aws.ecs.describe_service_deployments(serviceDeploymentArns=arns)["serviceDeployments"]
        )

    # What is inside

    @property
    def living(self) -> LivingService:
        """The service itself."""
        service: LivingService = ecs_backends[ACCOUNT][REGION].services["cluster:app"]  # type: ignore[assignment]
        return service

    @property
    def primary(self) -> Deployment:
        """Its PRIMARY deployment."""
        return self.living.primary

    def diary(self) -> str:
        """Everything that can be told of the service, to compare one history with another."""
        tasks = [*self.tasks(), *self.tasks("STOPPED")]
        return json.dumps(
            [self.describe(), tasks, self.history(), self.health()], default=str, sort_keys=True
        )


def revision_of(arn: str) -> int:
    """The revision in a task definition's ARN."""
    return int(arn.rsplit(":", 1)[-1])


def living_tasks() -> list[LivingTask]:
    """All tasks the stage remembers."""
    return list(ecs_backends[ACCOUNT][REGION].living_tasks())  # type: ignore[attr-defined]
