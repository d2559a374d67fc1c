"""The deployment circuit breaker, as AWS documents it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rehearsal.aws import ecr
from rehearsal.aws.ecs.breaker import Breaker
from rehearsal.aws.pace import Pace, Span
from rehearsal.world.version import AppVersion
from tests.stage.aws.cloud import CRASHING, GOOD, MISSING, NEXT, SLOW, UNHEALTHY, Cloud, revision_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.stage.aws.cloud import Clients

ROLLBACK: Final = {"deploymentCircuitBreaker": {"enable": True, "rollback": True}}
NO_ROLLBACK: Final = {"deploymentCircuitBreaker": {"enable": True, "rollback": False}}


@pytest.mark.parametrize(
    ("desired", "threshold"), [(0, 3), (1, 3), (6, 3), (7, 4), (25, 13), (400, 200), (800, 200)]
)
def test_by_default_half_the_desired_count_rounded_up_between_3_and_200(desired: int, threshold: int) -> None:
    """The table in "How the Amazon ECS deployment circuit breaker detects failures"."""
    assert Breaker.of(ROLLBACK).threshold(desired) == threshold


@pytest.mark.parametrize(
    ("kind", "value", "desired", "threshold"),
    [
        ("COUNT", 7, 2, 7),
        ("UNBOUNDED_PERCENT", 50, 2, 1),
        ("UNBOUNDED_PERCENT", 25, 1000, 250),
        ("BOUNDED_PERCENT", 100, 8, 8),
    ],
)
def test_the_threshold_can_be_set(kind: str, value: int, desired: int, threshold: int) -> None:
    breaker: dict[str, Any] = {
        "enable": True,
        "rollback": True,
        "thresholdConfiguration": {"type": kind, "value": value},
    }
    assert Breaker.of({"deploymentCircuitBreaker": breaker}).threshold(desired) == threshold


@given(st.integers(0, 10**6))
def test_the_default_threshold_is_never_out_of_bounds(desired: int) -> None:
    assert 3 <= Breaker.of(ROLLBACK).threshold(desired) <= 200


def failing(cloud: Cloud) -> Callable[[], bool]:
    """Until the deployment that is PRIMARY now has failed, watching that it failed at the threshold exactly."""
    deployment = cloud.primary

    def watch() -> bool:
        if deployment.rollout_state == "FAILED":
            assert deployment.failed_tasks == deployment.record.threshold
            return True
        assert deployment.failed_tasks < deployment.record.threshold
        return False

    return watch


@pytest.mark.parametrize("bad", [CRASHING, UNHEALTHY, MISSING])
@pytest.mark.parametrize("desired", [1, 2, 9])
def test_a_bad_deployment_fails_at_the_threshold_and_the_service_goes_back(
    cloud: Cloud, bad: int, desired: int
) -> None:
    cloud.create(desired=desired, deploymentConfiguration=ROLLBACK)
    good = cloud.describe()["deployments"][0]["id"]
    cloud.update(bad)
    failed = cloud.describe()["deployments"][0]["id"]
    cloud.until(failing(cloud), step=0.01)
    first, *others = cloud.describe()["deployments"]
    assert (first["id"], revision_of(first["taskDefinition"])) == (good, GOOD)
    assert first["rolloutState"] == "IN_PROGRESS"
    assert (
        first["rolloutStateReason"] == f"ECS deployment circuit breaker: rolling back to deploymentId {good}."
    )
    assert {d["id"]: d["rolloutStateReason"] for d in others} == {
        failed: "ECS deployment circuit breaker: tasks failed to start."
    }
    assert cloud.history()[0]["status"] == "ROLLBACK_IN_PROGRESS"
    cloud.until(lambda: len(cloud.describe()["deployments"]) == 1)
    assert cloud.describe()["deployments"][0]["rolloutState"] == "COMPLETED"
    assert revision_of(cloud.describe()["taskDefinition"]) == GOOD
    newest = cloud.history()[0]
    assert newest["status"] == "ROLLBACK_SUCCESSFUL"
    assert "circuit breaker threshold was exceeded" in newest["rollback"]["reason"]
    assert newest["deploymentCircuitBreaker"]["status"] == "TRIGGERED"
    assert (
        newest["deploymentCircuitBreaker"]["failureCount"] == newest["deploymentCircuitBreaker"]["threshold"]
    )
    events = cloud.events()
    assert f"(service app) (deployment {failed}) deployment failed: tasks failed to start." in events
    assert f"(service app) rolling back to deployment {good}." in events
    assert events[:2] == [
        "(service app) has reached a steady state.",
        f"(service app) (deployment {good}) deployment completed.",
    ]


def test_the_tasks_of_the_good_deployment_are_kept_in_a_rollback(cloud: Cloud) -> None:
    cloud.create(deploymentConfiguration=ROLLBACK)
    before = {task["taskArn"] for task in cloud.tasks()}
    cloud.update(CRASHING)
    cloud.until(lambda: cloud.history()[0]["status"] == "ROLLBACK_SUCCESSFUL")
    assert {task["taskArn"] for task in cloud.tasks()} == before


def test_without_rollback_the_deployment_stays_failed_and_starts_nothing(cloud: Cloud) -> None:
    cloud.create(deploymentConfiguration=NO_ROLLBACK)
    cloud.update(CRASHING)
    cloud.until(lambda: cloud.primary.rollout_state == "FAILED")
    started = cloud.primary.batch
    cloud.clock.sleep(1800)
    first, second = cloud.describe()["deployments"]
    assert (revision_of(first["taskDefinition"]), first["rolloutState"]) == (CRASHING, "FAILED")
    assert cloud.primary.batch == started
    assert (revision_of(second["taskDefinition"]), second["runningCount"]) == (GOOD, 2)
    assert cloud.history()[0]["status"] == "STOPPED"
    cloud.update(NEXT)
    cloud.until(lambda: len(cloud.describe()["deployments"]) == 1, within=240)


def test_with_nothing_to_go_back_to_it_stays_failed(cloud: Cloud) -> None:
    cloud.start(CRASHING, deploymentConfiguration=ROLLBACK)
    cloud.until(lambda: cloud.primary.rollout_state == "FAILED")
    cloud.clock.sleep(1800)
    (only,) = cloud.describe()["deployments"]
    assert only["rolloutState"] == "FAILED"
    assert cloud.history()[0]["status"] == "ROLLBACK_FAILED"


def test_a_rollback_that_fails_itself_is_not_rolled_back(cloud: Cloud) -> None:
    """The image of the good revision is gone, so its tasks can't be replaced."""
    cloud.create(deploymentConfiguration={**ROLLBACK, "minimumHealthyPercent": 0})
    cloud.aws.ecr.batch_delete_image(repositoryName="app", imageIds=[{"imageTag": "v40"}])
    cloud.update(CRASHING)
    cloud.until(lambda: cloud.history()[0]["status"] == "ROLLBACK_FAILED")
    assert cloud.describe()["deployments"][0]["rolloutState"] == "FAILED"
    assert revision_of(cloud.describe()["taskDefinition"]) == GOOD


def test_rollback_goes_to_the_last_that_completed_not_to_the_one_before(cloud: Cloud) -> None:
    cloud.create(deploymentConfiguration=ROLLBACK)
    cloud.update(NEXT)
    cloud.until(lambda: cloud.primary.running_count == 2)
    cloud.update(CRASHING)
    cloud.until(lambda: cloud.history()[0]["status"] == "ROLLBACK_SUCCESSFUL")
    assert revision_of(cloud.describe()["taskDefinition"]) == GOOD


def one_healthy_one_not(cloud: Cloud) -> None:
    """Start a deployment whose tasks fail at first, and are well when the image has been mended."""
    cloud.update(MISSING)
    cloud.until(lambda: cloud.primary.failed_tasks == 2)
    ecr.push(cloud.aws.ecr, "app", AppVersion("v46"))


@pytest.mark.parametrize(("resets", "failed"), [(True, 0), (False, 2)])
def test_a_healthy_task_resets_the_count_unless_told_not_to(cloud: Cloud, resets: bool, failed: int) -> None:  # noqa: FBT001
    breaker = {"enable": True, "rollback": True, "resetOnHealthyTask": resets}
    cloud.create(deploymentConfiguration={"deploymentCircuitBreaker": breaker})
    one_healthy_one_not(cloud)
    cloud.until(lambda: cloud.primary.rollout_state == "COMPLETED")
    assert cloud.describe()["deployments"][0]["failedTasks"] == failed


def test_a_slow_start_within_its_grace_period_is_no_failure(cloud: Cloud) -> None:
    cloud.create(deploymentConfiguration=ROLLBACK, healthCheckGracePeriodSeconds=120)
    cloud.update(SLOW)
    cloud.until(lambda: cloud.primary.rollout_state == "COMPLETED")
    assert revision_of(cloud.describe()["taskDefinition"]) == SLOW


def test_a_task_that_stops_after_it_was_healthy_is_no_failure(cloud: Cloud) -> None:
    cloud.create(deploymentConfiguration=ROLLBACK)
    for task in cloud.tasks():
        cloud.aws.ecs.stop_task(cluster="cluster", task=task["taskArn"])
    cloud.until(lambda: cloud.living.steady)
    assert cloud.describe()["deployments"][0]["failedTasks"] == 0


def test_without_a_load_balancer_a_crash_within_forty_seconds_is_a_failure(cloud: Cloud) -> None:
    cloud.create(balanced=False, deploymentConfiguration=ROLLBACK)
    cloud.update(CRASHING)
    cloud.until(lambda: cloud.history()[0]["status"] == "ROLLBACK_SUCCESSFUL", within=300)


def test_a_missing_role_launches_nothing_and_counts_as_failed(cloud: Cloud) -> None:
    cloud.create(deploymentConfiguration=ROLLBACK)
    role = "arn:aws:iam::123456789012:role/gone"
    arn = cloud.register("v41", executionRoleArn=role)
    before = len(cloud.tasks("STOPPED"))
    cloud.update(revision_of(arn))
    cloud.until(lambda: cloud.history()[0]["status"] == "ROLLBACK_SUCCESSFUL")
    assert len(cloud.tasks("STOPPED")) == before
    assert any(f"ECS was unable to assume the role '{role}'" in event for event in cloud.events())


def test_a_task_that_was_healthy_once_is_no_failure_when_it_exits(aws: Clients) -> None:
    """Source: re:Post, "ECS deployment circuit breaker doesn't roll back": such tasks are not counted."""
    cloud = Cloud(aws)
    cloud.open(pace=Pace(crash=Span(60, 60)))
    one_by_one = {"maximumPercent": 125, "minimumHealthyPercent": 100}
    breaker = {"enable": True, "rollback": True, "resetOnHealthyTask": False}
    cloud.create(desired=4, deploymentConfiguration={**one_by_one, "deploymentCircuitBreaker": breaker})
    cloud.update(CRASHING)
    cloud.clock.sleep(1200)
    exits = [task for task in cloud.tasks("STOPPED") if task["stopCode"] == "EssentialContainerExited"]
    assert len(exits) > 3
    first = cloud.describe()["deployments"][0]
    assert (first["rolloutState"], first["failedTasks"]) == ("IN_PROGRESS", 0)


def test_a_rollback_counts_its_own_failures_only(cloud: Cloud) -> None:
    breaker = {"enable": True, "rollback": True, "resetOnHealthyTask": False}
    cloud.create(deploymentConfiguration={"deploymentCircuitBreaker": breaker})
    one_healthy_one_not(cloud)
    cloud.until(lambda: cloud.primary.rollout_state == "COMPLETED")
    assert cloud.primary.failed_tasks == 2
    cloud.update(CRASHING)
    cloud.until(lambda: cloud.history()[0]["status"] == "ROLLBACK_IN_PROGRESS", step=0.1)
    assert cloud.describe()["deployments"][0]["failedTasks"] == 0


def test_a_rollback_restores_the_load_balancer_and_the_network(cloud: Cloud) -> None:
    cloud.create(deploymentConfiguration=ROLLBACK)
    before = cloud.describe()
    cloud.update(
        CRASHING,
        loadBalancers=[],
        networkConfiguration={"awsvpcConfiguration": {"subnets": cloud.subnets[:1]}},
    )
    assert cloud.describe()["loadBalancers"] == []
    cloud.until(lambda: cloud.history()[0]["status"] == "ROLLBACK_SUCCESSFUL")
    after = cloud.describe()
    for name in ("loadBalancers", "networkConfiguration"):
        assert after[name] == before[name]
