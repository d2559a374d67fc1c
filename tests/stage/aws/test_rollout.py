"""Rolling updates, as AWS documents them."""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING, NamedTuple

import pytest
from botocore.exceptions import ClientError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rehearsal.aws.ecs.scheduler import Scheduler
from tests.stage.aws.cloud import (
    CRASHING,
    ERRING,
    GOOD,
    MISSING,
    NEXT,
    SLOW,
    UNHEALTHY,
    Cloud,
    living_tasks,
    revision_of,
)

if TYPE_CHECKING:
    from tests.stage.aws.cloud import Clients


def test_a_new_service_comes_up_and_its_deployment_completes(cloud: Cloud) -> None:
    cloud.start()
    begun = cloud.describe()
    (deployment,) = begun["deployments"]
    assert (deployment["status"], deployment["rolloutState"]) == ("PRIMARY", "IN_PROGRESS")
    assert deployment["rolloutStateReason"] == f"ECS deployment {deployment['id']} in progress."
    assert (begun["runningCount"], begun["pendingCount"]) == (0, 0)
    cloud.clock.sleep(10)
    assert (cloud.describe()["runningCount"], cloud.describe()["pendingCount"]) == (0, 2)
    cloud.clock.sleep(80)
    service = cloud.describe()
    (deployment,) = service["deployments"]
    assert deployment["rolloutState"] == "COMPLETED"
    assert deployment["rolloutStateReason"] == f"ECS deployment {deployment['id']} completed."
    assert (service["runningCount"], service["pendingCount"]) == (2, 0)
    assert deployment["createdAt"] < deployment["updatedAt"]


def test_an_update_replaces_the_tasks_and_both_revisions_serve_meanwhile(cloud: Cloud) -> None:
    cloud.create()
    cloud.update(NEXT)
    seen: set[frozenset[str]] = set()
    while not done(cloud, NEXT):
        seen.add(frozenset(target.version.name for target in cloud.serving()))
        cloud.clock.sleep(1)
    assert seen == {frozenset({"v40"}), frozenset({"v40", "v41"}), frozenset({"v41"})}
    assert {revision_of(task["taskDefinitionArn"]) for task in cloud.tasks()} == {NEXT}


def done(cloud: Cloud, revision: int) -> bool:
    service = cloud.describe()
    first = service["deployments"][0]
    return revision_of(first["taskDefinition"]) == revision and first["rolloutState"] == "COMPLETED"


def test_a_deployment_is_not_complete_while_old_tasks_drain(cloud: Cloud) -> None:
    cloud.create()
    cloud.update(NEXT)
    cloud.until(lambda: cloud.states() == ["draining", "draining", "healthy", "healthy"])
    service = cloud.describe()
    assert [d["status"] for d in service["deployments"]] == ["PRIMARY", "ACTIVE"]
    assert service["deployments"][0]["rolloutState"] == "IN_PROGRESS"
    assert service["runningCount"] == service["desiredCount"], "only the drain is left"
    cloud.until(lambda: done(cloud, NEXT), within=35)
    assert cloud.states() == ["healthy", "healthy"]


def test_the_same_revision_is_no_deployment_but_forcing_it_is(cloud: Cloud) -> None:
    cloud.create()
    before = cloud.primary.id
    assert cloud.update(GOOD)["deployments"][0]["id"] == before
    forced = cloud.update(forceNewDeployment=True)
    assert [revision_of(d["taskDefinition"]) for d in forced["deployments"]] == [GOOD, GOOD]
    assert forced["deployments"][0]["id"] != before
    old = {task["taskArn"] for task in cloud.tasks()}
    cloud.until(lambda: len(cloud.describe()["deployments"]) == 1)
    assert not old & {task["taskArn"] for task in cloud.tasks()}


def test_scaling_is_no_deployment(cloud: Cloud) -> None:
    cloud.create()
    before = cloud.describe()["deployments"][0]["id"]
    for count in (5, 1, 0, 3):
        cloud.update(desiredCount=count)
        cloud.until(lambda count=count: cloud.describe()["runningCount"] == count and cloud.living.steady)  # type: ignore[misc]
        (deployment,) = cloud.describe()["deployments"]
        assert (deployment["id"], deployment["desiredCount"]) == (before, count)
        assert deployment["rolloutState"] == "COMPLETED"


def test_an_update_during_a_rollout_takes_its_place(cloud: Cloud) -> None:
    cloud.create()
    cloud.update(UNHEALTHY)
    cloud.until(lambda: cloud.primary.running_count == 2)
    cloud.update(NEXT)
    service = cloud.describe()
    assert [d["status"] for d in service["deployments"]] == ["PRIMARY", "ACTIVE", "ACTIVE"]
    cloud.until(lambda: done(cloud, NEXT))
    assert len(cloud.describe()["deployments"]) == 1
    assert [each["status"] for each in cloud.history()] == ["SUCCESSFUL", "STOPPED", "SUCCESSFUL"]


def test_old_tasks_that_do_not_run_yet_are_stopped_at_once(cloud: Cloud) -> None:
    cloud.create()
    cloud.update(NEXT)
    cloud.until(lambda: cloud.primary.pending_count == 2)
    cloud.update(GOOD)
    cloud.until(lambda: done(cloud, GOOD))
    assert "(service app) stopped 2 pending tasks." in cloud.events()


def test_at_a_full_house_the_sick_make_room(cloud: Cloud) -> None:
    """With all of maximumPercent in use, unhealthy tasks stop first so that a good revision can start."""
    cloud.create()
    cloud.update(UNHEALTHY)
    cloud.until(lambda: cloud.describe()["runningCount"] == 4)
    cloud.update(NEXT)
    cloud.until(lambda: done(cloud, NEXT), within=300)


def test_without_a_load_balancer_a_task_counts_after_forty_seconds(cloud: Cloud) -> None:
    cloud.start(balanced=False)
    cloud.until(lambda: cloud.describe()["runningCount"] == 2)
    took = cloud.until(lambda: done(cloud, GOOD))
    assert 36 <= took <= 45


def test_a_bad_revision_without_circuit_breaker_is_tried_forever(cloud: Cloud) -> None:
    cloud.create()
    for bad in (CRASHING, UNHEALTHY, MISSING):
        cloud.update(bad)
        cloud.clock.sleep(1800)
        first, second = cloud.describe()["deployments"]
        assert (first["rolloutState"], revision_of(first["taskDefinition"])) == ("IN_PROGRESS", bad)
        assert first["failedTasks"] > 3
        assert (revision_of(second["taskDefinition"]), second["runningCount"]) == (GOOD, 2)
        cloud.update(GOOD)
        cloud.until(lambda: done(cloud, GOOD))


def test_a_version_that_answers_errors_deploys_like_a_good_one(cloud: Cloud) -> None:
    cloud.create()
    cloud.update(ERRING)
    cloud.until(lambda: done(cloud, ERRING), within=150)


def test_a_slow_version_needs_a_grace_period(cloud: Cloud) -> None:
    cloud.create()
    cloud.update(SLOW)
    cloud.clock.sleep(900)
    assert not done(cloud, SLOW)
    cloud.update(healthCheckGracePeriodSeconds=120)
    assert cloud.describe()["healthCheckGracePeriodSeconds"] == 120
    cloud.until(lambda: done(cloud, SLOW), within=300)
    assert any("failed ELB health checks" in task["stoppedReason"] for task in cloud.tasks("STOPPED"))


def test_attempts_to_start_tasks_that_never_run_are_throttled(cloud: Cloud) -> None:
    cloud.create()
    cloud.update(MISSING)
    cloud.clock.sleep(3 * 3600)
    started = sorted(task.created_at for task in living_tasks() if task.definition.revision == MISSING)
    gaps = [(b - a).total_seconds() for a, b in itertools.pairwise(started)]
    assert max(gaps) <= 27 * 60 + 120
    assert any(gap > 15 * 60 for gap in gaps)
    assert any("is unable to consistently start tasks successfully" in event for event in cloud.events())
    cloud.update(NEXT)
    cloud.until(lambda: done(cloud, NEXT), within=180)


def test_tasks_that_reach_running_are_not_throttled(cloud: Cloud) -> None:
    cloud.create(desired=1)
    cloud.update(CRASHING)
    for failure in range(1, 6):
        cloud.until(lambda failure=failure: cloud.primary.failed_tasks >= failure, step=0.1)  # type: ignore[misc]
        batch = cloud.primary.batch
        cloud.until(lambda batch=batch: cloud.primary.batch > batch, within=4, step=0.1)  # type: ignore[misc]
    assert not any("consistently" in event for event in cloud.events())


def test_a_configuration_without_room_is_stuck_and_says_so(cloud: Cloud) -> None:
    cloud.create(desired=3, deploymentConfiguration={"maximumPercent": 125, "minimumHealthyPercent": 100})
    cloud.update(NEXT)
    cloud.clock.sleep(600)
    assert cloud.describe()["deployments"][0]["runningCount"] == 0
    assert (
        sum("was unable to stop or start tasks during a deployment" in each for each in cloud.events()) == 1
    )
    cloud.update(deploymentConfiguration={"maximumPercent": 200})
    assert cloud.describe()["deploymentConfiguration"]["minimumHealthyPercent"] == 100
    cloud.until(lambda: done(cloud, NEXT), within=240)


def test_both_percentages_at_a_hundred_are_refused(cloud: Cloud) -> None:
    with pytest.raises(ClientError, match="as this will block deployments"):
        cloud.start(deploymentConfiguration={"maximumPercent": 100, "minimumHealthyPercent": 100})


def test_a_task_stopped_by_a_user_is_replaced(cloud: Cloud) -> None:
    cloud.create()
    victim = cloud.tasks()[0]["taskArn"]
    stopped = cloud.aws.ecs.stop_task(cluster="cluster", task=victim, reason="just so")["task"]
    assert (stopped["lastStatus"], stopped["desiredStatus"]) == ("DEACTIVATING", "STOPPED")
    assert cloud.describe()["runningCount"] == 1
    cloud.until(lambda: cloud.describe()["runningCount"] == 2)
    assert victim not in {task["taskArn"] for task in cloud.tasks()}
    cloud.until(lambda: cloud.living.steady)
    (task,) = cloud.tasks("STOPPED")
    assert (task["stopCode"], task["stoppedReason"]) == ("UserInitiated", "just so")
    assert cloud.describe()["deployments"][0]["failedTasks"] == 0


def test_a_deleted_service_drains_and_then_is_inactive(cloud: Cloud) -> None:
    cloud.create()
    with pytest.raises(ClientError, match="cannot be stopped while it is scaled above 0"):
        cloud.aws.ecs.delete_service(cluster="cluster", service="app")
    cloud.aws.ecs.delete_service(cluster="cluster", service="app", force=True)
    assert cloud.describe()["status"] == "DRAINING"
    assert cloud.aws.ecs.list_services(cluster="cluster")["serviceArns"] == []
    with pytest.raises(ClientError, match="Unable to Start a service that is still Draining"):
        cloud.start()
    with pytest.raises(ClientError, match="Service was not ACTIVE"):
        cloud.update(NEXT)
    cloud.until(lambda: cloud.describe()["status"] == "INACTIVE", within=60)
    cloud.create(NEXT)
    assert cloud.describe()["status"] == "ACTIVE"


class Plan(NamedTuple):
    """A service, and what is deployed to it, each for how many seconds."""

    desired: int
    fewest: int
    most: int
    balanced: bool
    releases: list[tuple[int, int]]
    seed: int


plans = st.builds(
    Plan,
    desired=st.integers(1, 7),
    fewest=st.integers(0, 100),
    most=st.integers(101, 250),
    balanced=st.booleans(),
    releases=st.lists(
        st.tuples(st.sampled_from([GOOD, NEXT, CRASHING, UNHEALTHY, MISSING, SLOW]), st.integers(1, 200)),
        min_size=1,
        max_size=4,
    ),
    seed=st.integers(0, 1000),
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(plan=plans)
def test_the_limits_of_a_rolling_update_hold_at_every_moment(aws: Clients, plan: Plan) -> None:
    """Never more tasks than maximumPercent, never fewer healthy ones than minimumHealthyPercent."""
    cloud = Cloud(aws)
    cloud.open(seed=plan.seed)
    configuration = {"maximumPercent": plan.most, "minimumHealthyPercent": plan.fewest}
    cloud.create(desired=plan.desired, balanced=plan.balanced, deploymentConfiguration=configuration)
    floor = math.ceil(plan.desired * plan.fewest / 100)
    ceiling = math.floor(plan.desired * plan.most / 100)
    for revision, seconds in plan.releases:
        cloud.update(revision)
        for _ in range(seconds):
            cloud.clock.sleep(1)
            service = cloud.living
            live = [task for each in service.deployments for task in each.live]
            assert len(live) <= ceiling
            assert sum(Scheduler.healthy(task) for task in live) >= floor
            assert [each.status for each in service.deployments].count("PRIMARY") == 1
            if service.steady:
                assert service.primary.rollout_state == "COMPLETED"
                assert service.running_count == service.desired_count == service.primary.running_count


def test_the_sick_make_room_even_when_nothing_is_healthy(cloud: Cloud) -> None:
    """Otherwise a service that is all bad, at its maximumPercent, could never be mended."""
    cloud.start(
        UNHEALTHY,
        healthCheckGracePeriodSeconds=10_000,
        deploymentConfiguration={"maximumPercent": 100, "minimumHealthyPercent": 50},
    )
    cloud.until(lambda: cloud.states() == ["unhealthy", "unhealthy"])
    cloud.update(NEXT)
    cloud.until(lambda: done(cloud, NEXT), within=240)


def test_scaling_down_stops_first_what_does_not_run_yet(cloud: Cloud) -> None:
    cloud.create()
    before = {task["taskArn"] for task in cloud.tasks()}
    cloud.update(desiredCount=4)
    cloud.until(lambda: cloud.primary.pending_count == 2)
    cloud.update(desiredCount=2)
    cloud.until(lambda: cloud.living.steady)
    assert {task["taskArn"] for task in cloud.tasks()} == before


def test_tasks_that_fail_together_are_one_attempt_for_the_throttle(cloud: Cloud) -> None:
    cloud.start(MISSING, desired=6)
    cloud.until(lambda: cloud.primary.batch == 2, within=120)
    assert cloud.primary.failed_starts == 1
