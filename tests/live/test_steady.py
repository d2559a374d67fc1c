"""Where a drill does not begin, each by the one thing that is wrong."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from rehearsal.drill.steady import must_be_steady
from rehearsal.world.version import AppVersion
from rehearsal.world.world import World
from rollback.aws import is_read
from rollback.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from botocore.awsrequest import AWSResponse

    from rehearsal.doors import Call
    from rehearsal.embedded import EmbeddedStage
    from rollback.access import Access


@pytest.fixture
def world(stage: EmbeddedStage) -> Iterator[World]:
    """A service that runs the second of two versions, and is steady."""
    made = World(stage)
    made.open_with(AppVersion("v1"), AppVersion("v2"))
    yield made
    made.close()


def service(stage: EmbeddedStage) -> dict[str, Any]:
    where = stage.environment
    [found] = stage.clients.ecs.describe_services(cluster=where.cluster, services=[where.service])["services"]
    return dict(found)


def stray_target(_: World, stage: EmbeddedStage) -> None:
    """Somebody has registered an address at which nobody listens."""
    group = service(stage)["loadBalancers"][0]["targetGroupArn"]
    stage.clients.elbv2.register_targets(TargetGroupArn=group, Targets=[{"Id": "10.99.99.99", "Port": 8080}])


def alarm(stage: EmbeddedStage, name: str, *, state: str = "ALARM", **about: Any) -> None:
    stage.clients.cloudwatch.put_metric_alarm(
        AlarmName=name,
        ComparisonOperator="GreaterThanThreshold",
        EvaluationPeriods=1,
        Threshold=1,
        **about,
    )
    stage.clients.cloudwatch.set_alarm_state(AlarmName=name, StateValue=state, StateReason="rehearsed")


def metric(name: str, **dimensions: str) -> dict[str, Any]:
    named = [{"Name": key, "Value": value} for key, value in dimensions.items()]
    return {"Namespace": "AWS/ApplicationELB", "MetricName": name, "Dimensions": named}


def by_service(_: World, stage: EmbeddedStage) -> None:
    where = stage.environment
    about = metric("CPUUtilization", ClusterName=where.cluster, ServiceName=where.service)
    alarm(stage, "busy", Period=60, Statistic="Average", **about)


def by_target_group(_: World, stage: EmbeddedStage) -> None:
    group = service(stage)["loadBalancers"][0]["targetGroupArn"].rpartition(":")[2]
    alarm(
        stage, "errors", Period=60, Statistic="Sum", **metric("HTTPCode_Target_5XX_Count", TargetGroup=group)
    )


def by_metric_of_an_expression(_: World, stage: EmbeddedStage) -> None:
    group = service(stage)["loadBalancers"][0]["targetGroupArn"].rpartition(":")[2]
    stat = {"Metric": metric("RequestCount", TargetGroup=group), "Period": 60, "Stat": "Sum"}
    alarm(stage, "rate", Metrics=[{"Id": "m", "MetricStat": stat, "ReturnData": True}])


def watched(world: World, stage: EmbeddedStage, name: str) -> None:
    """The deployments of the service are to be stopped by that alarm."""
    where = stage.environment
    stage.clients.ecs.update_service(
        cluster=where.cluster,
        service=where.service,
        deploymentConfiguration={"alarms": {"alarmNames": [name], "enable": True, "rollback": True}},
    )
    world.settle()


@contextmanager
def composite(access: Access, name: str) -> Iterator[None]:
    """An alarm over others rings, which has no dimensions; moto has none, and AWS tells of it only if asked to."""
    asked: list[Any] = []

    def note(params: dict[str, Any], **_: object) -> None:
        asked.append(params.get("AlarmTypes", []))

    def add(parsed: dict[str, Any], **_: object) -> None:
        if "CompositeAlarm" in asked[-1]:
            parsed.setdefault("CompositeAlarms", []).append({"AlarmName": name, "AlarmRule": "TRUE"})

    events = access.aws.cloudwatch.meta.events
    hooks: dict[str, Callable[..., None]] = {
        "before-parameter-build.cloudwatch.DescribeAlarms": note,
        "after-call.cloudwatch.DescribeAlarms": add,
    }
    for event, hook in hooks.items():
        events.register(event, hook)
    yield
    for event, hook in hooks.items():
        events.unregister(event, hook)


WRONG: dict[str, tuple[Callable[[World, EmbeddedStage], None], str]] = {
    "an unhealthy target": (stray_target, "the load balancer has targets that are not healthy: 1 "),
    "an alarm of the service": (by_service, "the alarm busy rings"),
    "an alarm of its target group": (by_target_group, "the alarm errors rings"),
    "an alarm of an expression": (by_metric_of_an_expression, "the alarm rate rings"),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_drill_does_not_begin(stage: EmbeddedStage, world: World, what: str) -> None:
    happens, sentence = WRONG[what]
    access = stage.access()
    assert must_be_steady(stage.environment, access).in_progress is None
    happens(world, stage)
    asked: list[str] = []

    def note(call: Call, proceed: Callable[[], AWSResponse]) -> AWSResponse:
        asked.append(call.operation.partition(":")[2])
        return proceed()

    stage.operator.interceptors.append(note)
    with pytest.raises(Refused) as refused:
        must_be_steady(stage.environment, access)
    assert sentence in refused.value.sentence
    assert all(map(is_read, asked))


def test_a_composite_alarm_that_watches_its_deployments_keeps_a_drill_from_beginning(
    stage: EmbeddedStage, world: World
) -> None:
    access = stage.access()
    watched(world, stage, "all-of-it")
    with composite(access, "theirs"):
        must_be_steady(stage.environment, access)
    with composite(access, "all-of-it"), pytest.raises(Refused, match="the alarm all-of-it rings"):
        must_be_steady(stage.environment, access)


def test_alarms_of_others_and_silent_ones_keep_nobody_from_it(stage: EmbeddedStage, world: World) -> None:
    where = stage.environment
    alarm(stage, "theirs", Period=60, Statistic="Sum", **metric("Errors", ServiceName="another"))
    about = metric("CPUUtilization", ClusterName=where.cluster, ServiceName=where.service)
    alarm(stage, "silent", state="OK", Period=60, Statistic="Average", **about)
    assert must_be_steady(where, stage.access()).revision.number == world.look.primary_revision()
