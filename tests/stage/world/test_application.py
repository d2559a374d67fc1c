"""What users get over HTTP while a service is deployed, as the tasks behind the load balancer have it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest
import requests

from rehearsal.world.front import front
from rehearsal.world.version import AppVersion, Behaviour

if TYPE_CHECKING:
    from rehearsal.embedded import EmbeddedStage
    from rehearsal.world.look import Answer
    from rehearsal.world.world import World
    from rollback.access import Access
    from rollback.environment import Environment

V1, V2 = AppVersion("v1"), AppVersion("v2")


def versions(answers: list[Answer]) -> Counter[str | None]:
    return Counter(answer.version for answer in answers)


def deploy(world: World, version: AppVersion) -> None:
    world.team.deploy(world.team.release(version))


def test_requests_go_round_robin_to_every_task(
    world: World, access: Access, environment: Environment
) -> None:
    world.open_with(V1)
    url = environment.url + environment.probe.path
    tasks = Counter(access.http.get(url).json()["task"] for _ in range(2 * world.look.desired_count()))
    assert set(tasks.values()) == {2}
    assert len(tasks) == world.look.desired_count()


def test_both_versions_answer_during_a_rollout_and_no_request_fails(world: World) -> None:
    world.open_with(V1)
    deploy(world, V2)
    answers = world.watch()
    world.settle()
    assert {answer.status for answer in answers} == {200}
    assert answers[0].version == "v1"
    assert answers[-1].version == "v2"
    first, last = (
        next(n for n, a in enumerate(answers) if a.version == "v2"),
        max(n for n, a in enumerate(answers) if a.version == "v1"),
    )
    assert first < last, "there was no moment at which both versions answered"


def test_the_watch_sees_what_a_connection_sees(world: World) -> None:
    world.open_with(V1)
    deploy(world, V2)
    for _ in range(20):
        world.clock.sleep(5)
        seen = [world.look.at_once() for _ in range(world.look.desired_count() * 2)]
        asked = world.look.ask(world.look.desired_count() * 2)
        assert versions(seen).keys() == versions(asked).keys()


def test_a_draining_task_still_serves_until_its_delay_is_over(world: World) -> None:
    world.open_with(V1)
    deploy(world, V2)
    while not world.look.targets().get("draining"):
        world.clock.sleep(1)
    while world.look.targets().get("draining"):
        assert "v1" in versions(world.look.ask(4 * world.look.desired_count()))
        world.clock.sleep(5)
    assert versions(world.look.ask(10)) == {"v2": 10}


def test_a_version_with_errors_passes_its_health_check_and_fails_its_users(
    world: World, stage: EmbeddedStage
) -> None:
    world.open_with(V1)
    deploy(world, AppVersion("bad", Behaviour.ERRORS))
    world.settle()
    assert {answer.status for answer in world.look.ask(5)} == {500}
    assert {answer.status for answer in world.look.ask(5, path=stage.blueprint.health_path)} == {200}
    assert world.look.targets() == {"healthy": world.look.desired_count()}


def test_users_never_see_a_version_that_fails_its_health_check(world: World, stage: EmbeddedStage) -> None:
    world.open_with(V1)
    deploy(world, AppVersion("sick", Behaviour.UNHEALTHY))
    answers = world.watch()
    world.settle()
    assert versions(answers).keys() == {"v1"}
    assert world.look.ask(path=stage.blueprint.health_path)[0].status == 200


def test_a_service_that_is_all_unhealthy_is_asked_all_the_same(world: World, stage: EmbeddedStage) -> None:
    """A load balancer fails open, and the health path says what is wrong."""
    world.team.create_service(world.team.release(AppVersion("sick", Behaviour.UNHEALTHY)))
    while not world.look.targets().get("unhealthy"):
        world.clock.sleep(1)
    assert world.look.ask()[0].status == 200
    assert world.look.ask(path=stage.blueprint.health_path)[0].status == 503


def test_without_targets_the_load_balancer_itself_answers_503(
    world: World, access: Access, environment: Environment
) -> None:
    response = access.http.get(environment.url)
    assert response.status_code == 503
    assert response.headers["Server"] == "awselb/2.0"
    assert "503 Service Temporarily Unavailable" in response.text
    world.open_with(V1)
    assert world.look.ask()[0].status == 200
    world.team.scale(0)
    world.settle()
    assert world.look.ask()[0].status == 503


def test_targets_that_are_still_starting_are_not_asked(world: World) -> None:
    world.team.create_service(world.team.release(V1))
    statuses = [answer.status for answer in _until_registered(world)]
    assert set(statuses) == {503}


def _until_registered(world: World) -> list[Answer]:
    answers = []
    while not world.look.targets().get("healthy"):
        answers += world.look.ask()
        world.clock.sleep(1)
    return answers


def test_the_load_balancer_answers_at_its_own_name_too(world: World, access: Access) -> None:
    world.open_with(V1)
    assert access.http.get(f"http://{world.foundation.load_balancer}/").json()["version"] == "v1"


def test_it_is_real_http_on_loopback(world: World, stage: EmbeddedStage) -> None:
    """Anything that speaks HTTP can ask, if it names the host."""
    world.open_with(V1)
    world.look.ask()
    response = requests.get(
        f"http://127.0.0.1:{front().port}/any/path?and=query", headers={"Host": stage.hostname}, timeout=10
    )
    assert response.json()["version"] == "v1"
    stranger = requests.get(f"http://127.0.0.1:{front().port}/", timeout=10)
    assert stranger.status_code == 421


@pytest.mark.parametrize(
    "url", ["https://example.com/", "http://169.254.169.254/latest", "http://localhost:1/"]
)
def test_any_other_host_is_refused(access: Access, url: str) -> None:
    with pytest.raises(requests.ConnectionError, match="Nothing on the stage answers at"):
        access.http.get(url, timeout=1)


def test_before_there_is_a_load_balancer_nobody_answers(access: Access, environment: Environment) -> None:
    with pytest.raises(requests.ConnectionError, match="Nothing on the stage answers at"):
        access.http.get(environment.url)


def test_a_request_of_the_operator_takes_time_and_is_in_the_journal(
    world: World, access: Access, environment: Environment
) -> None:
    world.open_with(V1)
    before = access.clock.monotonic()
    access.http.get(environment.url)
    assert access.clock.monotonic() == pytest.approx(before + 0.1)
    assert f"GET {environment.url}" in access.journal.path.read_text(encoding="utf-8")
