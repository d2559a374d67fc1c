"""Reading a service and its tasks from ECS and its load balancer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rollback.ecs.model import Service, StoppedTask
from rollback.errors import AwsError

if TYPE_CHECKING:
    from rollback.access import Access
    from rollback.environment import Environment


class ServiceMissing(AwsError):
    """The environment's service or cluster isn't there."""


def service(environment: Environment, access: Access) -> Service:
    """The environment's service as it is now.

    Raises:
        ServiceMissing: there is no such cluster or service.
        AwsError: AWS doesn't say.
    """
    operation = "ecs:DescribeServices"
    missing = f"There is no service {environment.service} in the cluster {environment.cluster}"
    remedy = f"Compare the names of {environment.name} in environments.toml with `aws ecs list-services`."
    try:
        answer = access.aws.ecs.describe_services(cluster=environment.cluster, services=[environment.service])
    except AwsError as error:
        if error.code == "ClusterNotFoundException":
            raise ServiceMissing(
                f"{missing}: the cluster isn't there.", operation=operation, code=error.code, remedy=remedy
            ) from error
        raise
    for described in answer["services"]:
        return Service.of(described, cluster=environment.cluster)
    raise ServiceMissing(f"{missing}.", operation=operation, code="MISSING", remedy=remedy)


def target_states(service: Service, access: Access) -> dict[str, str]:
    """The health of every target of the service's target groups, by ``address:port``.

    The states are those of DescribeTargetHealth: ``initial``, ``healthy``, ``unhealthy``,
    ``draining`` and so on.
    """
    states: dict[str, str] = {}
    for entry in service.load_balancers:
        answer = access.aws.elbv2.describe_target_health(TargetGroupArn=entry.target_group)
        for described in answer["TargetHealthDescriptions"]:
            target = described["Target"]
            states[f"{target['Id']}:{target.get('Port', entry.port)}"] = described["TargetHealth"]["State"]
    return states


def stopped_tasks(service: Service, deployment_id: str, access: Access) -> tuple[StoppedTask, ...]:
    """The tasks of a deployment that have stopped within about the last hour, newest first.

    ECS keeps stopped tasks for at least an hour (ListTasks). What can't be read is left out, since
    this only explains an outcome that is already known.
    """
    try:
        listed = access.aws.ecs.list_tasks(
            cluster=service.cluster, serviceName=service.name, desiredStatus="STOPPED", maxResults=100
        )
        if not listed["taskArns"]:
            return ()
        described = access.aws.ecs.describe_tasks(cluster=service.cluster, tasks=listed["taskArns"])
    except AwsError:
        return ()
    ours = [task for task in described["tasks"] if task.get("startedBy") == deployment_id]
    ours.sort(key=lambda task: str(task.get("stoppedAt", "")), reverse=True)
    return tuple(StoppedTask.of(task) for task in ours)
