"""What a drill leaves behind is seen in the field where it is, and what each deployment makes anew is not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from rehearsal.drill import differences, photograph
from rehearsal.world.version import AppVersion
from rehearsal.world.world import World

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rehearsal.embedded import EmbeddedStage


@pytest.fixture
def world(stage: EmbeddedStage) -> Iterator[World]:
    """A service that runs the second of two versions."""
    made = World(stage)
    made.open_with(AppVersion("v1"), AppVersion("v2"))
    yield made
    made.close()


def tagged(world: World, stage: EmbeddedStage) -> None:
    name = {"cluster": stage.environment.cluster, "services": [stage.environment.service]}
    [described] = stage.clients.ecs.describe_services(**name)["services"]  # type: ignore[arg-type]
    stage.clients.ecs.tag_resource(
        resourceArn=described["serviceArn"], tags=[{"key": "drilled", "value": "yes"}]
    )
    world.settle()


def scaled(world: World, _: EmbeddedStage) -> None:
    world.team.scale(1)
    world.settle()


def without_breaker(world: World, _: EmbeddedStage) -> None:
    world.team.set_circuit_breaker(enable=False, rollback=False)
    world.settle()


def left_on_the_earlier(world: World, _: EmbeddedStage) -> None:
    world.team.deploy(world.look.primary_revision() - 1)
    world.settle()


def deregistered(world: World, _: EmbeddedStage) -> None:
    world.damage.deregister(world.look.primary_revision() - 1)


LEFT: dict[str, tuple[Callable[[World, EmbeddedStage], None], tuple[str, ...]]] = {
    "a tag": (tagged, ("service.tags[0].key",)),
    "another desired count": (scaled, ("service.desiredCount", "service.runningCount", "targets.healthy")),
    "another deployment configuration": (
        without_breaker,
        ("service.deploymentConfiguration.deploymentCircuitBreaker.enable",),
    ),
    "the earlier revision": (
        left_on_the_earlier,
        ("service.taskDefinition", "deployments[0].taskDefinition", "application.answers", "tasks."),
    ),
    "a revision less": (deregistered, ("active revisions",)),
}


@pytest.mark.parametrize("what", LEFT)
def test_what_is_left_behind_is_named(stage: EmbeddedStage, world: World, what: str) -> None:
    change, fields = LEFT[what]
    access = stage.access()
    before = photograph(stage.environment, access)
    change(world, stage)
    told = differences(before, photograph(stage.environment, access))
    for field in fields:
        assert any(each.startswith(field) for each in told), told


def test_a_deployment_of_the_same_leaves_no_trace(stage: EmbeddedStage, world: World) -> None:
    access = stage.access()
    before = photograph(stage.environment, access)
    world.team.deploy(world.look.primary_revision(), force=True)
    world.settle()
    stage.clock.sleep(600)
    assert differences(before, photograph(stage.environment, access)) == ()
