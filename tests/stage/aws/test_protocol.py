"""The stage speaks AWS's protocol: every answer fits botocore's model, and its waiters work unmodified."""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING, Any, Final

import boto3
import pytest
from botocore.exceptions import ClientError, WaiterError
from moto.server import ThreadedMotoServer

from tests.stage.aws.cloud import CRASHING, GOOD, MISSING, NEXT, REGION, SLOW, UNHEALTHY, Cloud, revision_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.stage.aws.cloud import Clients

_SCALARS: Final[dict[str, tuple[type, ...]]] = {
    "string": (str,),
    "integer": (int,),
    "long": (int,),
    "boolean": (bool,),
    "double": (int, float),
    "float": (int, float),
    "timestamp": (int, float),
}


def misfits(value: Any, shape: Any, path: str) -> Iterator[str]:
    """Where a raw JSON answer doesn't fit its shape in botocore's service model."""
    match shape.type_name:
        case "structure" if isinstance(value, dict):
            yield from (f"{path}.{name} is not a member" for name in set(value) - set(shape.members))
            yield from (f"{path}.{name} is missing" for name in set(shape.required_members) - set(value))
            for name in set(value) & set(shape.members):
                yield from misfits(value[name], shape.members[name], f"{path}.{name}")
        case "list" if isinstance(value, list):
            for each in value:
                yield from misfits(each, shape.member, f"{path}[]")
        case "map" if isinstance(value, dict):
            for each in value.values():
                yield from misfits(each, shape.value, f"{path}{{}}")
        case kind:
            if type(value) not in _SCALARS.get(kind, ()):
                yield f"{path} is {value!r}, not {kind}"
            if getattr(shape, "enum", None) and value not in shape.enum:
                yield f"{path} is {value!r}, not one of {shape.enum}"


@pytest.fixture
def inspected(cloud: Cloud) -> Iterator[set[str]]:
    """Holds every answer of ECS to botocore's model; yields the operations that have been inspected."""
    seen: set[str] = set()
    found: set[str] = set()
    model = cloud.aws.ecs.meta.service_model

    def inspect(response: dict[str, Any], operation_name: str = "", **_: Any) -> None:
        operation = model.operation_model(operation_name)
        if response["status_code"] >= 300:
            return
        seen.add(operation_name)
        shape = operation.output_shape
        found.update(misfits(json.loads(response["body"]), shape, shape.name))

    def before_parse(response_dict: dict[str, Any], operation_model: Any, **_: Any) -> None:
        inspect(response_dict, operation_model.name)

    events = cloud.aws.ecs.meta.events
    events.register("before-parse.ecs.*", before_parse)
    yield seen
    events.unregister("before-parse.ecs.*", before_parse)
    assert not found


def look_at_everything(cloud: Cloud) -> None:
    ecs = cloud.aws.ecs
    service = cloud.describe()
    cloud.tasks()
    cloud.tasks("STOPPED")
    for record in cloud.history():
        arns = [record["targetServiceRevision"]["arn"]]
        ecs.describe_service_revisions(serviceRevisionArns=arns)
    ecs.describe_clusters(clusters=["cluster"], include=["SETTINGS", "STATISTICS", "TAGS"])
    ecs.list_services(cluster="cluster")
    ecs.list_task_definitions(familyPrefix="app")
    ecs.describe_task_definition(taskDefinition=service["taskDefinition"])


@pytest.mark.parametrize("seed", range(3))
def test_every_answer_fits_botocores_model_over_a_long_random_walk(
    cloud: Cloud, inspected: set[str], seed: int
) -> None:
    dice = random.Random(seed)  # noqa: S311 - a walk must repeat
    ecs = cloud.aws.ecs
    breaker = {"enable": True, "rollback": dice.random() < 0.7}
    cloud.start(
        deploymentConfiguration={"deploymentCircuitBreaker": breaker}, tags=[{"key": "a", "value": "b"}]
    )
    for _ in range(25):
        look_at_everything(cloud)
        match dice.randrange(8):
            case 0 | 1:
                cloud.update(dice.choice([GOOD, NEXT, CRASHING, UNHEALTHY, SLOW, MISSING]))
            case 2:
                cloud.update(desiredCount=dice.randrange(5))
            case 3:
                cloud.update(forceNewDeployment=True)
            case 4:
                for task in cloud.tasks()[:1]:
                    ecs.stop_task(cluster="cluster", task=task["taskArn"])
            case 5:
                try:
                    arn = cloud.history()[0]["serviceDeploymentArn"]
                    ecs.stop_service_deployment(serviceDeploymentArn=arn)
                except ClientError as refused:
                    assert refused.response["Error"]["Code"] == "ConflictException"  # noqa: PT017
            case 6:
                arn = cloud.register("v40")
                ecs.deregister_task_definition(taskDefinition=arn)
            case _:
                pass
        cloud.clock.sleep(dice.uniform(0, 60))
        assert_consistent(cloud)
    ecs.delete_service(cluster="cluster", service="app", force=True)
    cloud.clock.sleep(600)
    look_at_everything_left(cloud)
    assert len(inspected) >= 16


def look_at_everything_left(cloud: Cloud) -> None:
    assert cloud.describe()["status"] == "INACTIVE"
    assert cloud.tasks() == []


def assert_consistent(cloud: Cloud) -> None:
    """The counts equal the tasks, and there is one PRIMARY deployment."""
    service = cloud.describe()
    tasks = cloud.tasks()
    assert service["runningCount"] == sum(task["lastStatus"] == "RUNNING" for task in tasks)
    assert service["pendingCount"] == sum(task["lastStatus"] != "RUNNING" for task in tasks)
    assert service["runningCount"] == sum(each["runningCount"] for each in service["deployments"])
    assert service["pendingCount"] == sum(each["pendingCount"] for each in service["deployments"])
    assert [each["status"] for each in service["deployments"]].count("PRIMARY") == 1
    primary = service["deployments"][0]
    assert primary["status"] == "PRIMARY"
    assert primary["taskDefinition"] == service["taskDefinition"]
    by_deployment = {each["id"]: each for each in service["deployments"]}
    for identity, each in by_deployment.items():
        started = [task for task in tasks if task["startedBy"] == identity]
        assert len(started) == each["runningCount"] + each["pendingCount"]


@pytest.fixture
def waiting(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> Cloud:
    """botocore's waiters sleep on the stage's clock."""
    monkeypatch.setattr("botocore.waiter.time.sleep", cloud.clock.sleep)
    return cloud


def test_botocores_waiters_work_unmodified(waiting: Cloud) -> None:
    cloud, ecs = waiting, waiting.aws.ecs
    cloud.start()
    ecs.get_waiter("services_stable").wait(cluster="cluster", services=["app"])
    assert cloud.describe()["runningCount"] == 2
    cloud.update(NEXT)
    cloud.clock.sleep(5)
    fresh = [task["taskArn"] for task in cloud.tasks(startedBy=cloud.primary.id)]
    ecs.get_waiter("tasks_running").wait(cluster="cluster", tasks=fresh)
    old = [task["taskArn"] for task in cloud.tasks() if task["taskArn"] not in fresh]
    ecs.get_waiter("tasks_stopped").wait(cluster="cluster", tasks=old)
    ecs.get_waiter("services_stable").wait(cluster="cluster", services=["app"])
    targets = [each["Target"] for each in cloud.health()]
    cloud.aws.elbv2.get_waiter("target_in_service").wait(TargetGroupArn=cloud.target_group, Targets=targets)
    ecs.delete_service(cluster="cluster", service="app", force=True)
    ecs.get_waiter("services_inactive").wait(cluster="cluster", services=["app"])
    assert cloud.describe()["status"] == "INACTIVE"


def test_services_stable_gives_up_on_a_bad_deployment_after_ten_minutes(waiting: Cloud) -> None:
    waiting.create()
    waiting.update(UNHEALTHY)
    begun = waiting.clock.monotonic()
    with pytest.raises(WaiterError, match="Max attempts exceeded"):
        waiting.aws.ecs.get_waiter("services_stable").wait(cluster="cluster", services=["app"])
    assert waiting.clock.monotonic() - begun == pytest.approx(39 * 15)


def test_services_stable_takes_a_breakers_reversal_for_a_success(waiting: Cloud) -> None:
    waiting.create(deploymentConfiguration={"deploymentCircuitBreaker": {"enable": True, "rollback": True}})
    waiting.update(CRASHING)
    waiting.aws.ecs.get_waiter("services_stable").wait(cluster="cluster", services=["app"])
    assert revision_of(waiting.describe()["taskDefinition"]) == GOOD


def test_over_http_the_same_state_is_seen(cloud: Cloud) -> None:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        session = boto3.Session("stage", "stage", region_name=REGION)
        over_http: Any = session.client("ecs", endpoint_url=f"http://{host}:{port}")
        cloud.create()
        over_http.update_service(cluster="cluster", service="app", taskDefinition=f"app:{NEXT}")
        assert revision_of(cloud.describe()["deployments"][0]["taskDefinition"]) == NEXT
        cloud.until(lambda: cloud.living.steady)
        seen = over_http.describe_services(cluster="cluster", services=["app"])["services"]
        assert seen == [cloud.describe()]
        listed = over_http.list_service_deployments(cluster="cluster", service="app")["serviceDeployments"]
        assert [each["status"] for each in listed] == ["SUCCESSFUL", "SUCCESSFUL"]
        balancer: Any = session.client("elbv2", endpoint_url=f"http://{host}:{port}")
        health = balancer.describe_target_health(TargetGroupArn=cloud.target_group)[
            "TargetHealthDescriptions"
        ]
        assert health == cloud.health()
    finally:
        server.stop()


def test_moto_itself_is_put_back(aws: Clients) -> None:
    cloud = Cloud(aws)
    cloud.open()
    cloud.create()
    from rehearsal.aws import install  # noqa: PLC0415 - only here

    install.detach()
    aws.ecs.create_cluster(clusterName="plain")
    assert aws.ecs.describe_clusters(clusters=["cluster"])["failures"]
    with pytest.raises(NotImplementedError):
        aws.ecs.list_service_deployments(service="app")
