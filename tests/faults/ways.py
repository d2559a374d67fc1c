"""The ways of rolling back whose every call is made to fail."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

from rehearsal import faults
from rehearsal.blueprint import Blueprint
from rehearsal.embedded import EmbeddedStage
from rehearsal.world.incidents import Incidents
from rehearsal.world.version import Behaviour
from rehearsal.world.world import World
from rollback import ecs
from rollback.environment import load

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rollback.access import Access
    from rollback.environment import Environment

ENVIRONMENTS: Final = load(Path(__file__).parents[2] / "environments.toml")
OLD: Final = 42
QUICK: Final = {
    # One task and short intervals: the same calls in the same order, with fewer polls.
    "desired_count": 1,
    "health_check_interval_seconds": 5,
    "healthy_threshold": 2,
    "deregistration_delay_seconds": 5,
}


@dataclass(frozen=True, slots=True)
class Scene:
    """A service that runs revision 42 and is about to be rolled back."""

    environment: Environment
    stage: EmbeddedStage
    world: World
    access: Access

    def rebuild(self, revision: int, behaviour: Behaviour) -> None:
        """Push another image to the tag that a revision names."""
        Incidents(self.stage, self.world).rebuilt(revision, behaviour)

    def stop_the_deployment(self) -> None:
        """Stop the service deployment that is rolling out, as another operator would."""
        ecs_client, name = self.stage.clients.ecs, self.environment
        rolling_out = ecs_client.list_service_deployments(cluster=name.cluster, service=name.service)
        newest = rolling_out["serviceDeployments"][0]["serviceDeploymentArn"]
        ecs_client.stop_service_deployment(serviceDeploymentArn=newest, stopType="ROLLBACK")


@dataclass(frozen=True, slots=True)
class Way:
    """A way of rolling back.

    Attributes:
        prepare: what has happened before.
        to: the revision that is asked for; empty to have it chosen.
        copy: whether a deregistered target may be copied.
        target: the revision that should run in the end.
    """

    prepare: Callable[[Incidents, World], None]
    target: int
    to: str = ""
    copy: bool = False

    def plan(self, scene: Scene) -> ecs.EcsPlan:
        """Make the plan of this way."""
        return ecs.plan(scene.environment, scene.access, to=self.to, register_copy=self.copy)


def _bad(incidents: Incidents, _: World) -> None:
    incidents.deployed(OLD, Behaviour.ERRORS)


def _in_progress(incidents: Incidents, world: World) -> None:
    world.team.set_circuit_breaker(enable=False, rollback=False)
    incidents.being_deployed(OLD, Behaviour.CRASHES)


def _deregistered(incidents: Incidents, world: World) -> None:
    incidents.deployed(OLD, Behaviour.ERRORS)
    world.damage.deregister(41)


WAYS: Final = {
    "plain": Way(_bad, target=41),
    "stopping a deployment in progress": Way(_in_progress, target=41),
    "copying a deregistered revision": Way(_deregistered, target=43, to="41", copy=True),
}


@contextmanager
def scene(way: Way, directory: Path, *, seed: int = 0) -> Iterator[Scene]:
    """The stage of one way, up to the moment when the operator sits down."""
    environment = ENVIRONMENTS.default
    table = {**ENVIRONMENTS.section(environment, "rehearsal"), **QUICK}
    blueprint = Blueprint.read(table, file="environments.toml", key="rehearsal")
    stage = EmbeddedStage(environment, blueprint, seed=seed, directory=directory)
    try:
        world = World(stage)
        incidents = Incidents(stage, world)
        incidents.worked_with(40, 41)
        way.prepare(incidents, world)
        yield Scene(environment, stage, world, stage.access())
        world.close()
    finally:
        stage.close()


def recorded(way: Way) -> list[faults.Recorded]:
    """Every call that the way makes when nothing goes wrong."""
    with TemporaryDirectory() as directory, scene(way, Path(directory)) as played:
        calls = faults.record(played.stage)
        result = ecs.apply(played.environment, played.access, way.plan(played))
        assert result.landed, result.sentence
        return calls
