"""What happens to the service of a scenario, each as it happens in a team's life."""

from __future__ import annotations

from datetime import timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING, Final

from rehearsal import faults
from rehearsal.world.version import AppVersion, Behaviour
from rollback.lease import Holder, Purpose

if TYPE_CHECKING:
    from collections.abc import Callable

    from botocore.awsrequest import AWSResponse
    from mypy_boto3_ecs.literals import DeploymentControllerTypeType

    from rehearsal.doors import Call
    from rehearsal.embedded import EmbeddedStage
    from rehearsal.world.world import World

UNDER_WAY: Final = 60.0
"""How long ago a deployment that is still in progress began, in seconds."""
OTHER_PORT: Final = 9090
PARAMETER: Final = "/settings/feature-flags"


def built(revision: int, behaviour: Behaviour = Behaviour.HEALTHY) -> AppVersion:
    """The version that a revision runs: 41 runs v41."""
    return AppVersion(f"v{revision}", behaviour)


class Misnumbered(ValueError):
    """The scenario names another revision than the one that AWS numbers next."""


class Incidents:
    """What the team, others, and AWS do, in a scenario's words."""

    def __init__(self, stage: EmbeddedStage, world: World) -> None:
        self._stage = stage
        self._world = world

    def worked_with(self, *revisions: int) -> None:
        """The service was created and has run these revisions, one after another."""
        opened = self._world.open_with(*(built(revision) for revision in revisions))
        if opened != list(revisions):
            raise Misnumbered(
                f"The service worked with {opened} instead of {list(revisions)}: see first_revision."
            )

    def released(
        self, revision: int, behaviour: Behaviour, *, port: int | None = None, parameter: str = ""
    ) -> None:
        """A revision was built and registered, and not deployed."""
        secrets = {"FEATURE_FLAGS": parameter} if parameter else None
        registered = self._world.team.release(built(revision, behaviour), port=port, secrets=secrets)
        if registered != revision:
            raise Misnumbered(f"The next revision is {registered}, not {revision}.")

    def logs_clock(self, *, ahead: float) -> None:
        """The clock of CloudWatch Logs is so many seconds ahead of everybody else's, or behind, as it always was."""
        clock, by = self._stage.clock, timedelta(seconds=ahead)
        self._world.damage.move_logs_clock(ahead)

        def dated(call: Call, proceed: Callable[[], AWSResponse]) -> AWSResponse:
            answer = proceed()
            if call.operation.startswith("logs:"):
                answer.headers["date"] = format_datetime(clock.now() + by, usegmt=True)
            return answer

        self._stage.operator.interceptors.append(dated)

    def deployed(self, revision: int, behaviour: Behaviour) -> None:
        """A revision was released and deployed, and whatever ECS made of it is over."""
        self.released(revision, behaviour)
        self._world.team.deploy(revision)
        self._world.settle()

    def being_deployed(self, revision: int, behaviour: Behaviour) -> None:
        """A revision was released, and its deployment began a minute ago."""
        self.released(revision, behaviour)
        self._world.team.deploy(revision)
        self._world.clock.sleep(UNDER_WAY)

    def deployed_on_another_port(self, revision: int) -> None:
        """A revision was deployed that listens on another port, and the load balancer with it."""
        self.released(revision, Behaviour.ERRORS, port=OTHER_PORT)
        self._world.team.deploy_on_port(revision, OTHER_PORT)
        self._world.settle()

    def reads_a_parameter(self, revision: int) -> None:
        """A revision was deployed that reads an SSM parameter."""
        self._world.damage.put_parameter(PARAMETER)
        self.released(revision, Behaviour.HEALTHY, parameter=PARAMETER)
        self._world.team.deploy(revision)
        self._world.settle()

    def rebuilt(self, revision: int, behaviour: Behaviour) -> None:
        """The image of a revision was overwritten: its tag was pushed again."""
        self._world.damage.move_tag(f"v{revision}", built(revision, behaviour))

    def gone(self, what: str) -> None:
        """Something that the service's revisions need was deleted."""
        damage = self._world.damage
        deletions: dict[str, Callable[[], None]] = {
            "the secret": damage.delete_secret,
            "the log group": damage.delete_log_group,
            "the execution role": damage.delete_execution_role,
            "the parameter": lambda: damage.delete_parameter(PARAMETER),
        }
        deletions[what]()

    def image_gone(self, revision: int) -> None:
        """The image of a revision was deleted from the registry."""
        self._world.damage.delete_image(built(revision))

    def rolled_back_by_somebody(self, revision: int) -> None:
        """Somebody rolled the service back, and it settled."""
        self._world.team.deploy(revision, force=True)
        self._world.settle()

    def redeployed_by_force(self) -> None:
        """Somebody forced a new deployment of what the service runs."""
        self._world.team.deploy(self._world.look.primary_revision(), force=True)
        self._world.settle()

    def deployed_by(self, controller: DeploymentControllerTypeType, revision: int) -> None:
        """The service was created anew under another deployment controller."""
        self._world.team.delete_service()
        self._world.clock.sleep(5 * 60)
        self._world.team.create_service(revision, controller=controller)

    def another_deploys(self, revision: int, *, in_seconds: float = 0.0) -> None:
        """Another operator deploys a revision, now or while we roll back."""
        if in_seconds:
            self._world.later(in_seconds, lambda: self._world.team.deploy(revision, force=True))
        else:
            self._world.team.deploy(revision, force=True)

    def taken_over_for_an_incident(self, *, in_seconds: float) -> None:
        """Somebody takes the lease of the environment for an incident, away from a drill."""
        stage, environment = self._stage, self._stage.environment

        def take() -> None:
            now, seconds = stage.clock.now(), environment.lease.seconds
            holder = Holder(
                owner=f"arn:aws:iam::{environment.account}:user/on-call",
                host="elsewhere",
                purpose=Purpose.INCIDENT,
                since=now,
                expires=now + timedelta(seconds=seconds),
                seconds=seconds,
                nonce="of-the-incident",
            )
            stage.clients.s3.put_object(
                Bucket=environment.state_bucket, Key=environment.lease.key, Body=holder.to_json()
            )

        self._world.later(in_seconds, take)

    def alarm_rings(self, name: str) -> None:
        """An alarm on what the service makes of its processors is in the state ALARM."""
        clients, environment = self._stage.clients, self._stage.environment
        clients.cloudwatch.put_metric_alarm(
            AlarmName=name,
            Namespace="AWS/ECS",
            MetricName="CPUUtilization",
            Dimensions=[
                {"Name": "ClusterName", "Value": environment.cluster},
                {"Name": "ServiceName", "Value": environment.service},
            ],
            Statistic="Average",
            Period=60,
            EvaluationPeriods=1,
            Threshold=90,
            ComparisonOperator="GreaterThanThreshold",
        )
        clients.cloudwatch.set_alarm_state(
            AlarmName=name, StateValue="ALARM", StateReason="It is 97 percent."
        )

    def waited_with_the_aws_waiter(self, revision: int) -> bool:
        """Somebody rolled back as the page says, with the AWS waiter; whether it reported success."""
        self._world.team.deploy(revision, force=True)
        return self._world.team.stable()

    def throttled_now_and_then(self) -> None:
        """AWS refuses some of our calls for their rate, and takes them when they are repeated."""
        for operation, times in (
            ("ecs:ListServiceDeployments", 1),
            ("ecr:DescribeImages", 3),
            ("ecs:UpdateService", 2),
        ):
            faults.inject(
                self._stage, faults.Fault(kind=faults.Kind.THROTTLED, operation=operation, times=times)
            )
        faults.inject(
            self._stage,
            faults.Fault(kind=faults.Kind.THROTTLED, operation="ecs:DescribeServices", occurrence=4, times=3),
        )

    def credentials_expire(self, in_seconds: float) -> None:
        """Our credentials are good for only so long."""
        at = self._world.clock.monotonic() + in_seconds
        faults.inject(self._stage, faults.Fault(kind=faults.Kind.EXPIRED, from_second=at))

    def interrupted(self, in_seconds: float) -> None:
        """We press Ctrl-C while we wait."""

        def press() -> None:
            raise KeyboardInterrupt

        self._world.clock.call_in(in_seconds, press)
