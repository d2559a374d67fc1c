"""What is told of a backend's objects, looked up once: the same as when moto looks each time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from moto.core import serialize

from rehearsal.aws import members
from tests.stage.aws.cloud import GOOD, NEXT

if TYPE_CHECKING:
    import pytest

    from tests.stage.aws.cloud import Cloud


def told(cloud: Cloud) -> list[dict[str, Any]]:
    ecs, service = cloud.aws.ecs, {"cluster": "cluster", "service": "app"}
    deployments = ecs.list_service_deployments(**service)["serviceDeployments"]
    tasks = ecs.list_tasks(cluster="cluster")["taskArns"]
    answers = [
        ecs.describe_services(cluster="cluster", services=["app", "another"]),
        ecs.describe_tasks(cluster="cluster", tasks=tasks),
        ecs.describe_task_definition(taskDefinition=f"app:{NEXT}"),
        ecs.describe_service_deployments(
            serviceDeploymentArns=[each["serviceDeploymentArn"] for each in deployments]
        ),
        cloud.aws.elbv2.describe_load_balancers(),
        cloud.aws.elbv2.describe_target_groups(),
        cloud.aws.elbv2.describe_target_health(TargetGroupArn=cloud.target_group),
        cloud.aws.ecr.describe_images(repositoryName="app"),
        cloud.aws.ec2.describe_subnets(),
        cloud.aws.iam.list_users(),
    ]
    return [{name: each for name, each in answer.items() if name != "ResponseMetadata"} for answer in answers]


def test_what_is_looked_up_once_is_what_moto_finds_each_time(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    cloud.create(GOOD)
    cloud.update(NEXT)
    remembered = [told(cloud), told(cloud)]
    monkeypatch.setattr(serialize.ResponseSerializer, "get_value", members._by_moto)
    assert remembered == [told(cloud)] * 2
