"""What a service is set up with: where its database is, and where the load balancer asks for its health."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from rehearsal.embedded import EmbeddedStage
from rehearsal.world import database
from rehearsal.world.database import Hosts
from rehearsal.world.version import AppVersion, Behaviour, Routes
from rehearsal.world.world import World

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from botocore.awsrequest import AWSResponse

    from rehearsal.blueprint import Blueprint
    from rehearsal.doors import Call
    from rollback.environment import Environment

V1 = AppVersion("v1")
ELSEWHERE = "db-new.internal"


def statuses(world: World, path: str | None = None) -> set[int]:
    return {answer.status for answer in world.look.ask(2 * world.look.desired_count(), path=path)}


def restart(world: World) -> None:
    """Replace every task by one of the same revision."""
    world.team.deploy(world.look.primary_revision(), force=True)
    world.settle()


def test_the_world_opens_with_the_settings_that_are_right(world: World, stage: EmbeddedStage) -> None:
    world.open_with(V1)
    settings = world.infrastructure.settings()
    assert settings.database_host == database.HOST
    assert settings.health_check_path == stage.blueprint.health_path
    assert statuses(world) == {200}


def test_a_task_keeps_the_database_that_it_was_told_of_when_it_started(world: World) -> None:
    world.open_with(V1)
    right = world.infrastructure.settings()
    world.infrastructure.apply(replace(right, database_host=ELSEWHERE))
    world.clock.sleep(600)
    assert statuses(world) == {200}
    restart(world)
    assert statuses(world) == {500}
    world.infrastructure.apply(right)
    world.clock.sleep(600)
    assert statuses(world) == {500}, "the tasks should go on with what they have read"
    restart(world)
    assert statuses(world) == {200}


def test_only_the_tasks_started_since_answer_errors(world: World) -> None:
    (revision,) = world.open_with(V1)
    world.infrastructure.apply(replace(world.infrastructure.settings(), database_host=ELSEWHERE))
    world.team.scale(world.look.desired_count() + 1)
    world.settle()
    answers = world.look.ask(world.look.desired_count())
    assert [answer.status for answer in answers].count(500) == 1
    assert world.look.running() == {revision: world.look.desired_count()}


def test_without_its_database_the_application_is_healthy_all_the_same(
    world: World, stage: EmbeddedStage
) -> None:
    world.open_with(V1)
    world.infrastructure.apply(replace(world.infrastructure.settings(), database_host=ELSEWHERE))
    restart(world)
    assert statuses(world, stage.blueprint.health_path) == {200}
    assert statuses(world, "/") == {500}
    assert world.look.targets() == {"healthy": world.look.desired_count()}
    assert world.look.history()[0][1] == "SUCCESSFUL"


def test_a_health_check_at_a_path_that_the_application_does_not_know_condemns_every_target(
    world: World, stage: EmbeddedStage
) -> None:
    world.open_with(V1)
    right, count = world.infrastructure.settings(), world.look.desired_count()
    world.infrastructure.apply(replace(right, health_check_path="/healthz"))
    assert statuses(world, "/healthz") == {404}
    world.clock.sleep(stage.blueprint.unhealthy_threshold * stage.blueprint.health_check_interval_seconds + 1)
    assert world.look.targets().get("healthy", 0) == 0
    assert statuses(world) == {200}, "a load balancer without healthy targets fails open"
    world.clock.sleep(stage.blueprint.grace_period_seconds)
    assert any("is unhealthy" in event and "404" in event for event in world.look.events())
    world.infrastructure.apply(right)
    world.settle()
    assert world.look.targets() == {"healthy": count}
    assert statuses(world) == {200}


def test_applying_what_is_set_already_calls_nothing_that_changes(world: World, stage: EmbeddedStage) -> None:
    world.open_with(V1)
    calls: list[str] = []

    def note(call: Call, proceed: Callable[[], AWSResponse]) -> AWSResponse:
        calls.append(call.operation)
        return proceed()

    stage.clients._door.interceptors.append(note)
    world.infrastructure.apply(world.infrastructure.settings())
    assert set(calls) == {"secretsmanager:GetSecretValue", "elbv2:DescribeTargetGroups"}


def test_an_application_knows_its_own_paths_and_no_other(world: World, environment: Environment) -> None:
    world.open_with(V1)
    assert statuses(world, environment.probe.path + "?and=query") == {200}
    assert statuses(world, "/") == {200}
    assert statuses(world, "/no/such/page") == {404}


def test_an_application_knows_the_paths_of_its_environment(
    environment: Environment, blueprint: Blueprint, tmp_path: Path
) -> None:
    named = replace(environment, probe=replace(environment.probe, path="/about"))
    stage = EmbeddedStage(
        named, blueprint.model_copy(update={"health_path": "/up"}), seed=0, directory=tmp_path
    )
    world = World(stage)
    world.open_with(V1)
    assert [statuses(world, path) for path in ("/about", "/up", "/")] == [{200}] * 3
    assert [statuses(world, path) for path in ("/version", "/health")] == [{404}] * 2
    assert world.look.targets() == {"healthy": world.look.desired_count()}
    world.close()
    stage.close()


@given(
    st.from_regex(r"[a-z0-9][a-z0-9.-]{0,60}", fullmatch=True), st.sampled_from(["/health", "/", "/version"])
)
def test_a_version_works_only_with_its_database_wherever_that_is_said_to_be(host: str, path: str) -> None:
    assert database.host_of(database.url(host)) == host
    reachable = Hosts().reachable(database.url(host))
    assert reachable == (host == database.HOST)
    expected = 200 if reachable or path == "/health" else 500
    assert V1.status(path, database=reachable) == expected


def test_what_is_no_address_leads_to_no_database() -> None:
    assert not Hosts().reachable("rehearsed")
    assert not Hosts().reachable("postgresql://[db.internal")
    assert Hosts().reachable(None)


def test_only_who_has_the_password_and_the_name_right_reaches_a_database() -> None:
    right = database.url()
    for wrong in (
        (f"{database.PASSWORD}@", "guessed@"),
        ("app:", "root:"),
        (":5432", ":5433"),
        ("/app", "/other"),
    ):
        assert not Hosts().reachable(right.replace(*wrong))


def test_a_host_has_a_database_from_when_it_is_registered_until_it_is_forgotten() -> None:
    hosts, restored = Hosts(), "shop-2.c1a2b3c4d5e6.us-east-1.rds.amazonaws.com"
    assert hosts.led_to(database.url(restored)) is None
    hosts.register(restored, "restored")
    assert hosts.led_to(database.url(restored)) == "restored"
    hosts.forget(restored)
    assert not hosts.reachable(database.url(restored))


def test_how_a_version_answers_follows_from_its_behaviour() -> None:
    routes = Routes("/up?full=1", ("/",))
    sick, wrong = AppVersion("a", Behaviour.UNHEALTHY, routes), AppVersion("b", Behaviour.ERRORS, routes)
    assert [sick.status(path, database=True) for path in ("/up", "/up?x", "/", "/health")] == [
        503,
        503,
        200,
        404,
    ]
    assert [wrong.status(path, database=True) for path in ("/up", "/")] == [200, 500]
