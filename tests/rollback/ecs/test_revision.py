from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rollback.ecs.model import Revision, Service, StoppedTask, distinct_reasons
from rollback.errors import RollbackError
from tests.rollback.builders import ACCOUNT, NOON, REGION, app, deployment, service

if TYPE_CHECKING:
    from mypy_boto3_ecs.type_defs import ServiceTypeDef

families = st.from_regex(r"\A[A-Za-z0-9_][A-Za-z0-9_-]{0,40}\Z")
numbers = st.integers(min_value=1, max_value=9_999_999_999)
ARN = f"arn:aws:ecs:{REGION}:{ACCOUNT}:task-definition/"


@given(family=families, number=numbers)
def test_a_revision_is_read_back_from_its_name_its_arn_and_its_number(family: str, number: int) -> None:
    revision = Revision(family, number)
    assert Revision.parse(str(revision)) == revision
    assert Revision.parse(f"{ARN}{revision}", family="other") == revision
    assert Revision.parse(f" {number}\n", family=family) == revision


@pytest.mark.parametrize("partition", ["aws-cn", "aws-us-gov"])
def test_other_partitions_have_revisions_too(partition: str) -> None:
    assert Revision.parse(f"arn:{partition}:ecs:{REGION}:{ACCOUNT}:task-definition/app:41") == app(41)


@pytest.mark.parametrize(
    "garbage",
    [
        "",
        " ",
        "app",
        "app:",
        ":41",
        "0",
        "041",
        "-41",
        "-f:41",
        "--force:41",
        "+41",
        "4.1",
        "41;ls",
        "app:41\nother:40",
        "app:41:40",
        "app name:41",
        "\u0664\u0661",
        "app:4\u0661",
        "99999999999",
        "x" * 256 + ":41",
        f"{ARN}41",
        f"{ARN}-app:41",
        f"arn:aws:ecs:{REGION}:123:task-definition/app:41",
        f"arn:aws:ecs:{REGION}:{ACCOUNT}:service/app:41",
    ],
)
def test_garbage_is_refused_in_one_sentence(garbage: str) -> None:
    with pytest.raises(RollbackError) as caught:
        Revision.parse(garbage, family="app")
    assert str(caught.value).endswith(
        'is not a task definition revision. Give its number ("41"), its name ("family:41") or its ARN.'
    )
    assert "\n" not in str(caught.value)


@given(st.text(max_size=20))
def test_whatever_is_read_is_a_name_that_aws_would_take(text: str) -> None:
    try:
        revision = Revision.parse(text, family="app")
    except RollbackError:
        return
    assert Revision.parse(str(revision)) == revision
    assert str(revision).isascii()
    assert not str(revision).startswith("-")


def test_a_bare_number_without_a_family_is_refused() -> None:
    with pytest.raises(RollbackError, match="is not a task definition revision"):
        Revision.parse("41")


def described(**changes: Any) -> ServiceTypeDef:
    made: Any = {
        "serviceArn": f"arn:aws:ecs:{REGION}:{ACCOUNT}:service/cluster/service",
        "serviceName": "service",
        "status": "ACTIVE",
        "taskDefinition": f"{ARN}app:42",
        "desiredCount": 2,
        "runningCount": 1,
        "pendingCount": 1,
        "deployments": [
            {"id": "old", "status": "ACTIVE", "taskDefinition": f"{ARN}app:41", "createdAt": NOON},
            {
                "id": "new",
                "status": "PRIMARY",
                "taskDefinition": f"{ARN}app:42",
                "rolloutState": "IN_PROGRESS",
                "runningCount": 1,
                "createdAt": NOON,
            },
        ],
        "deploymentConfiguration": {"deploymentCircuitBreaker": {"enable": True, "rollback": True}},
        "loadBalancers": [
            {"targetGroupArn": "arn:tg", "containerName": "front", "containerPort": 8080},
            {"loadBalancerName": "classic", "containerName": "front", "containerPort": 8080},
        ],
        **changes,
    }
    return made  # type: ignore[no-any-return]


def test_a_service_is_read_with_its_primary_deployment_first() -> None:
    read = Service.of(described(), cluster="cluster")
    assert (read.revision, read.controller, read.breaker) == (app(42), "ECS", True)
    assert [d.id for d in read.deployments] == ["new", "old"]
    assert read.primary is read.in_progress is read.deployments[0]
    assert [entry.target_group for entry in read.load_balancers] == ["arn:tg"]
    assert read.runs == "app:42 (1 task)"


def test_a_service_of_another_controller_runs_what_its_primary_task_set_runs() -> None:
    task_sets = [
        {"status": "ACTIVE", "taskDefinition": f"{ARN}app:40"},
        {"status": "PRIMARY", "taskDefinition": f"{ARN}app:41"},
    ]
    external = described(
        taskDefinition="", deployments=[], taskSets=task_sets, deploymentController={"type": "EXTERNAL"}
    )
    read = Service.of(external, cluster="cluster")
    assert (read.revision, read.primary, read.runs) == (app(41), None, "no task at all")


def test_a_service_without_any_task_definition_is_a_sentence() -> None:
    nothing: Any = described(deployments=[], deploymentController={"type": "EXTERNAL"})
    del nothing["taskDefinition"]
    with pytest.raises(
        RollbackError, match=r"service has no task definition of its own, .* Roll back with the tool"
    ):
        Service.of(nothing, cluster="cluster")


def test_what_runs_is_told_by_revision() -> None:
    both = service(deployment(42, running=1), deployment(41, status="ACTIVE", running=2))
    assert both.runs == "app:42 (1 task), app:41 (2 tasks)"


def test_a_stopped_task_is_explained_by_its_containers_too() -> None:
    task: Any = {
        "taskArn": f"arn:aws:ecs:{REGION}:{ACCOUNT}:task/cluster/abc",
        "stopCode": "EssentialContainerExited",
        "stoppedReason": "Essential container in task exited",
        "containers": [{"name": "app", "exitCode": 1}, {"name": "proxy", "reason": "OutOfMemoryError"}],
    }
    stopped = StoppedTask.of(task)
    assert (stopped.id, stopped.code) == ("abc", "EssentialContainerExited")
    assert stopped.reason == "Essential container in task exited (app: exit code 1) (proxy: OutOfMemoryError)"


def test_reasons_are_told_once_the_most_frequent_first() -> None:
    tasks = [StoppedTask(str(n), "", reason) for n, reason in enumerate(["rare", "often", "often"])]
    assert distinct_reasons(tasks) == ("often", "rare")
