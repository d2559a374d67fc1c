"""One life of the stage's AWS: the clock it lives by, the same history for the same seed, and its end."""

from __future__ import annotations

import gc
import threading
import weakref
from typing import TYPE_CHECKING

import pytest
from moto import mock_aws
from moto.ecs.models import ecs_backends

from rehearsal.aws import install, timeline
from rehearsal.clock import VirtualClock
from tests.stage.aws.cloud import ACCOUNT, CRASHING, GOOD, NEXT, REGION, Cloud, living_tasks

if TYPE_CHECKING:
    from tests.stage.aws.cloud import Clients

BREAKER = {"deploymentCircuitBreaker": {"enable": True, "rollback": True}}


def history(aws: Clients, seed: int, *, step: float = 5.0) -> str:
    aws.ec2.describe_subnets()  # the network is made once, and takes its ids from the same dice
    cloud = Cloud(aws)
    cloud.open(seed=seed)
    cloud.create(deploymentConfiguration=BREAKER)
    cloud.update(CRASHING)
    for _ in range(round(200 / step)):
        cloud.clock.sleep(step)
    cloud.update(NEXT)
    cloud.clock.sleep(200)
    return cloud.diary()


def test_one_seed_is_one_history(aws: Clients) -> None:
    assert history(aws, 7) == history(aws, 7)
    assert history(aws, 7) != history(aws, 8)


def test_history_does_not_depend_on_how_often_one_looks(aws: Clients) -> None:
    assert history(aws, 3, step=50.0) == history(aws, 3, step=0.5)


def test_events_left_on_an_old_clock_do_not_happen(aws: Clients) -> None:
    cloud = Cloud(aws)
    cloud.open()
    cloud.start()
    old = cloud.clock
    cloud.open(seed=2)
    cloud.start()
    old.sleep(600)
    assert cloud.describe()["runningCount"] == 0
    assert living_tasks() == []
    cloud.clock.sleep(90)
    assert cloud.describe()["runningCount"] == 2


def test_attaching_works_before_moto_has_started(aws: Clients) -> None:
    clock = VirtualClock()
    install.attach(clock, seed=1)
    with mock_aws():
        aws.ecs.create_cluster(clusterName="c")
        aws.ecs.register_task_definition(
            family="f", containerDefinitions=[{"name": "a", "image": "nginx", "memory": 128}]
        )
        aws.ecs.create_service(cluster="c", serviceName="s", taskDefinition="f", desiredCount=0)
        clock.sleep(10)
        (service,) = aws.ecs.describe_services(cluster="c", services=["s"])["services"]
        assert service["deployments"][0]["rolloutState"] == "COMPLETED"


def test_what_was_planned_before_motos_own_reset_does_not_happen(aws: Clients) -> None:
    cloud = Cloud(aws)
    cloud.open()
    cloud.start()
    service = cloud.living
    ecs_backends.reset()
    cloud.clock.sleep(600)
    assert service.running_count == 0
    assert ecs_backends[ACCOUNT][REGION].tasks == {}


def test_without_a_clock_the_stage_says_what_to_do() -> None:
    with pytest.raises(RuntimeError, match=r"call rehearsal\.aws\.install\.attach first"):
        timeline.current()


def test_nothing_of_a_life_is_left_after_the_next_has_begun(aws: Clients) -> None:
    left: list[weakref.ref[object]] = []
    for seed in range(3):
        cloud = Cloud(aws)
        cloud.open(seed=seed)
        cloud.create()
        left += [weakref.ref(each) for each in (cloud.living, cloud.clock, *living_tasks())]
        del cloud
    install.detach()
    install.attach(VirtualClock(), seed=9)
    gc.collect()
    assert [each() for each in left if each() is not None] == []


def test_threads_may_look_and_act_while_time_passes(cloud: Cloud) -> None:
    cloud.create()
    failures: list[BaseException] = []

    def look() -> None:
        try:
            for _ in range(20):
                service = cloud.describe()
                assert [each["status"] for each in service["deployments"]].count("PRIMARY") == 1
                cloud.tasks()
                cloud.serving()
                cloud.health()
        except BaseException as failure:  # noqa: BLE001 - told to the main thread
            failures.append(failure)

    threads = [threading.Thread(target=look) for _ in range(2)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        cloud.update(NEXT if cloud.describe()["taskDefinition"].endswith(f":{GOOD}") else GOOD)
        cloud.clock.sleep(60)
    for thread in threads:
        thread.join()
    assert failures == []


def test_calls_are_answered_under_the_lock_of_the_clock(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise a server's thread could see a service half way through a step of the scheduler."""
    held: list[bool] = []
    backend = ecs_backends[ACCOUNT][REGION]
    look = backend.list_services

    def watch(*args: str, **kwargs: str) -> list[str]:
        held.append(cloud.clock.lock._is_owned())  # type: ignore[attr-defined]
        return look(*args, **kwargs)

    monkeypatch.setattr(backend, "list_services", watch)
    cloud.aws.ecs.list_services(cluster="cluster")
    assert held == [True]
