"""The health of targets, draining, and where the load balancer sends requests."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError
from moto.elbv2.models import elbv2_backends

from tests.stage.aws.cloud import ACCOUNT, GOOD, NEXT, REGION, SLOW, UNHEALTHY, Cloud


def only(cloud: Cloud) -> dict[str, Any]:
    (target,) = cloud.health()
    health: dict[str, Any] = target["TargetHealth"]
    return health


def test_a_target_is_healthy_after_the_threshold_of_checks(cloud: Cloud) -> None:
    """2 checks, 10 seconds apart, after the registration."""
    cloud.start(desired=1)
    cloud.until(lambda: bool(cloud.health()), step=0.1)
    assert only(cloud) == {
        "State": "initial",
        "Reason": "Elb.RegistrationInProgress",
        "Description": "Target registration is in progress",
    }
    cloud.clock.sleep(5)
    assert only(cloud)["Reason"] == "Elb.InitialHealthChecking"
    cloud.clock.sleep(14)
    assert only(cloud)["State"] == "initial"
    cloud.clock.sleep(6)
    assert only(cloud) == {"State": "healthy"}


def test_a_target_that_answers_errors_is_unhealthy(cloud: Cloud) -> None:
    cloud.start(UNHEALTHY, desired=1, healthCheckGracePeriodSeconds=10_000)
    cloud.clock.sleep(60)
    assert only(cloud) == {
        "State": "unhealthy",
        "Reason": "Target.ResponseCodeMismatch",
        "Description": "Health checks failed with these codes: [503]",
    }


def test_a_target_that_refuses_connections_is_unhealthy_until_it_listens(cloud: Cloud) -> None:
    cloud.start(SLOW, desired=1, healthCheckGracePeriodSeconds=10_000)
    cloud.clock.sleep(60)
    assert only(cloud)["Reason"] == "Target.FailedHealthChecks"
    cloud.until(lambda: only(cloud)["State"] == "healthy", within=80)


def test_a_target_where_nothing_listens_times_out(cloud: Cloud) -> None:
    target = {"Id": "172.31.0.77", "Port": 80}
    cloud.aws.elbv2.register_targets(TargetGroupArn=cloud.target_group, Targets=[target])
    cloud.clock.sleep(60)
    assert only(cloud)["Reason"] == "Target.Timeout"
    assert cloud.serving() == []
    cloud.aws.elbv2.deregister_targets(TargetGroupArn=cloud.target_group, Targets=[target])
    assert only(cloud)["State"] == "draining"
    cloud.clock.sleep(31)
    assert cloud.health() == []
    asked = cloud.aws.elbv2.describe_target_health(TargetGroupArn=cloud.target_group, Targets=[target])
    (unused,) = asked["TargetHealthDescriptions"]
    assert (unused["TargetHealth"]["State"], unused["TargetHealth"]["Reason"]) == (
        "unused",
        "Target.NotRegistered",
    )
    with pytest.raises(ClientError):
        cloud.aws.elbv2.deregister_targets(TargetGroupArn=cloud.target_group, Targets=[target])


def test_a_draining_target_serves_until_its_delay_is_over(cloud: Cloud) -> None:
    cloud.create()
    cloud.update(desiredCount=0)
    cloud.until(lambda: cloud.states() == ["draining", "draining"], step=0.1)
    begun = cloud.clock.monotonic()
    reasons = {each["TargetHealth"]["Reason"] for each in cloud.health()}
    assert reasons == {"Target.DeregistrationInProgress"}
    assert [target.state for target in cloud.serving()] == ["draining", "draining"]
    cloud.until(lambda: not cloud.health(), step=0.1)
    assert cloud.clock.monotonic() - begun == pytest.approx(30, abs=0.3)
    assert cloud.serving() == []


def test_only_healthy_targets_are_routed_to_while_there_is_one(cloud: Cloud) -> None:
    cloud.create(healthCheckGracePeriodSeconds=10_000)
    cloud.update(UNHEALTHY)
    cloud.until(lambda: cloud.states() == ["healthy", "healthy", "unhealthy", "unhealthy"])
    assert {target.version.name for target in cloud.serving()} == {"v40"}


def test_the_load_balancer_fails_open_when_no_target_is_healthy(cloud: Cloud) -> None:
    cloud.start(UNHEALTHY, healthCheckGracePeriodSeconds=10_000)
    cloud.until(lambda: cloud.states() == ["unhealthy", "unhealthy"])
    assert [(target.state, target.version.name, target.port) for target in cloud.serving()] == [
        ("unhealthy", "v43", 8080)
    ] * 2


def test_a_crashed_task_serves_no_more(cloud: Cloud) -> None:
    cloud.create()
    task = cloud.serving()[0].task
    assert task.serving
    cloud.update(desiredCount=1)
    cloud.until(lambda: len(cloud.health()) == 1)
    cloud.clock.sleep(60)
    assert [target.task.serving for target in cloud.serving()] == [True]


def test_a_health_check_port_that_no_longer_fits_makes_targets_unhealthy(cloud: Cloud) -> None:
    cloud.create(healthCheckGracePeriodSeconds=10_000)
    cloud.aws.elbv2.modify_target_group(TargetGroupArn=cloud.target_group, HealthCheckPort="9090")
    cloud.until(lambda: cloud.states() == ["unhealthy", "unhealthy"], within=60)
    assert {each["HealthCheckPort"] for each in cloud.health()} == {"9090"}
    cloud.aws.elbv2.modify_target_group(TargetGroupArn=cloud.target_group, HealthCheckPort="traffic-port")
    cloud.until(lambda: cloud.states() == ["healthy", "healthy"], within=60)


def test_a_changed_health_check_takes_the_place_of_the_one_before(cloud: Cloud) -> None:
    cloud.start(desired=1)
    cloud.until(lambda: bool(cloud.health()), step=0.1)
    cloud.aws.elbv2.modify_target_group(TargetGroupArn=cloud.target_group, HealthCheckIntervalSeconds=120)
    cloud.clock.sleep(100)
    assert only(cloud)["State"] == "initial", "by the old interval it would be healthy by now"
    cloud.until(lambda: only(cloud)["State"] == "healthy", within=60)


def test_a_group_that_loses_its_load_balancer_serves_nobody(cloud: Cloud) -> None:
    cloud.create()
    assert cloud.serving()
    elbv2_backends[ACCOUNT][REGION].target_groups[cloud.target_group].load_balancer_arns.clear()
    assert cloud.serving() == []
    assert cloud.states() == ["unused", "unused"]


def test_the_matcher_decides_what_is_healthy(cloud: Cloud) -> None:
    cloud.aws.elbv2.modify_target_group(
        TargetGroupArn=cloud.target_group, Matcher={"HttpCode": "200-299,503"}
    )
    cloud.create(UNHEALTHY)
    cloud.aws.elbv2.modify_target_group(TargetGroupArn=cloud.target_group, Matcher={"HttpCode": "204"})
    cloud.until(lambda: "unhealthy" in cloud.states(), within=60)


def test_a_task_that_turns_unhealthy_is_replaced_a_new_one_first(cloud: Cloud) -> None:
    cloud.create()
    cloud.aws.elbv2.modify_target_group(TargetGroupArn=cloud.target_group, Matcher={"HttpCode": "204"})
    cloud.until(lambda: any("due to an unhealthy status" in event for event in cloud.events()), within=60)
    message = next(event for event in cloud.events() if "due to an unhealthy status" in event)
    assert "has started 2 tasks" in message or "has started 1 tasks" in message
    assert message.endswith("tasks due to an unhealthy status.")
    cloud.aws.elbv2.modify_target_group(TargetGroupArn=cloud.target_group, Matcher={"HttpCode": "200"})
    cloud.until(lambda: cloud.living.steady, within=240)
    assert cloud.describe()["deployments"][0]["failedTasks"] == 0, "the deployment had completed"


def test_a_group_without_a_load_balancer_routes_nothing(cloud: Cloud) -> None:
    vpc = cloud.aws.ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    group = cloud.aws.elbv2.create_target_group(
        Name="idle", Protocol="HTTP", Port=80, VpcId=vpc, TargetType="ip"
    )["TargetGroups"][0]["TargetGroupArn"]
    cloud.aws.elbv2.register_targets(TargetGroupArn=group, Targets=[{"Id": "172.31.0.9"}])
    (target,) = cloud.aws.elbv2.describe_target_health(TargetGroupArn=group)["TargetHealthDescriptions"]
    assert target["TargetHealth"]["Reason"] == "Target.NotInUse"
    balancer = {"targetGroupArn": group, "containerName": "app", "containerPort": 8080}
    with pytest.raises(ClientError, match="does not have an associated load balancer"):
        cloud.start(loadBalancers=[balancer], balanced=False)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"targetGroupArn": "arn:aws:elasticloadbalancing:eu-west-1:1:targetgroup/x/y"}, "does not exist"),
        ({"containerName": "web"}, "The container web does not exist in the task definition"),
        ({"containerPort": 80}, "The container app did not have a container port 80 defined"),
    ],
)
def test_a_load_balancer_that_does_not_fit_is_refused(
    cloud: Cloud, change: dict[str, Any], complaint: str
) -> None:
    balancer = {"targetGroupArn": cloud.target_group, "containerName": "app", "containerPort": 8080}
    with pytest.raises(ClientError, match=complaint):
        cloud.start(balanced=False, loadBalancers=[{**balancer, **change}])


def test_a_revision_whose_port_no_longer_fits_is_refused(cloud: Cloud) -> None:
    cloud.create()
    other = cloud.register("v41", portMappings=[{"containerPort": 9090}])
    with pytest.raises(ClientError, match="did not have a container port 8080 defined"):
        cloud.aws.ecs.update_service(cluster="cluster", service="app", taskDefinition=other)
    assert cloud.describe()["taskDefinition"].endswith(f":{GOOD}")


def test_events_tell_of_registration_and_draining_in_awss_words(cloud: Cloud) -> None:
    cloud.create(desired=1)
    cloud.update(NEXT)
    cloud.until(lambda: len(cloud.describe()["deployments"]) == 1)
    group = f"(target-group {cloud.target_group})"
    old, new = (task for task in (cloud.tasks("STOPPED")[0], cloud.tasks()[0]))
    ids = [task["taskArn"].rsplit("/", 1)[-1] for task in (old, new)]
    first, *_ = [d["id"] for d in cloud.describe()["deployments"]]
    told = [event.removeprefix("(service app) ") for event in cloud.events()]
    assert told[:8] == [
        "has reached a steady state.",
        f"(deployment {first}) deployment completed.",
        f"has stopped 1 running tasks: (task {ids[0]}).",
        "has begun draining connections on 1 tasks.",
        f"deregistered 1 targets in {group}",
        f"registered 1 targets in {group}",
        f"has started 1 tasks: (task {ids[1]}).",
        "has reached a steady state.",
    ]


def test_a_hundred_events_are_kept_the_newest_first(cloud: Cloud) -> None:
    cloud.create()
    cloud.update(UNHEALTHY)
    cloud.clock.sleep(3600)
    events = cloud.describe()["events"]
    assert len(events) == 100
    times = [event["createdAt"] for event in events]
    assert times == sorted(times, reverse=True)
    assert len({event["id"] for event in events}) == 100
