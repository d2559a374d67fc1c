"""A stage with its world and an operator, for as long as a measurement lasts."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

from rehearsal.blueprint import Blueprint
from rehearsal.notes import Notes
from rehearsal.operator import Operator
from rehearsal.stage import stage_factory
from rehearsal.world.version import Behaviour
from rollback.environment import load

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rehearsal.embedded import EmbeddedStage
    from rehearsal.world.incidents import Incidents
    from rehearsal.world.world import World
    from rollback.environment import Environment

CHECKOUT: Final = Path(__file__).parent.parent
"""What is measured: this checkout, with its own environments."""

QUICK: Final = {
    "health_check_interval_seconds": 5,
    "healthy_threshold": 2,
    "deregistration_delay_seconds": 0,
}


@dataclass(frozen=True, slots=True)
class Setting:
    """What a measurement plays with.

    Attributes:
        environment: the environment that is rehearsed.
        stage: the stage, open.
        world: its service, not yet created.
        incidents: what happens to the service.
        operator: the engineer on call.
    """

    environment: Environment
    stage: EmbeddedStage
    world: World
    incidents: Incidents
    operator: Operator

    @property
    def now(self) -> float:
        """The virtual second."""
        return self.stage.clock.monotonic()


@contextmanager
def opened(name: str = "production", *, seed: int = 0, quick: bool = False) -> Iterator[Setting]:
    """Open a stage for the environment `name`, and close it again.

    Args:
        name: the environment.
        seed: what its course of events is drawn from.
        quick: have targets healthy and drained within seconds, so that there are few polls.
    """
    environments = load(CHECKOUT / "environments.toml")
    environment = environments.get(name)
    section = {**environments.section(environment, "rehearsal"), **(QUICK if quick else {})}
    blueprint = Blueprint.read(section, file=str(environments.path), key=name)
    factory = stage_factory("embedded")
    # They import moto, which only a stage may do first.
    from rehearsal.world.incidents import Incidents  # noqa: PLC0415
    from rehearsal.world.world import World  # noqa: PLC0415

    with ExitStack() as closing:
        directory = Path(closing.enter_context(tempfile.TemporaryDirectory()))
        stage = cast("EmbeddedStage", factory(environment, blueprint, seed=seed, directory=directory))
        closing.callback(stage.close)
        world = World(stage)
        closing.callback(world.close)
        operator = Operator(environment, stage.access(), Notes())
        yield Setting(environment, stage, world, Incidents(stage, world), operator)


def the_plain_way(on: Setting) -> None:
    """The chapter's first scenario: 40 and 41 have worked, 42 is bad, back to 41, looked at again."""
    on.incidents.worked_with(40, 41)
    on.incidents.deployed(42, Behaviour.ERRORS)
    on.operator.roll_back()
    assert on.operator.result.landed, on.operator.result.sentence
    assert on.operator.verify().landed


def play_the_plain_way() -> None:
    """One rehearsal of it, from the opening of the stage to its close."""
    with opened() as on:
        the_plain_way(on)
