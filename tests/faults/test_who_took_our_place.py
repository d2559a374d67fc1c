"""Whoever puts another deployment in our place, we say who it was, also when it was done between two polls."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from rehearsal import faults
from rehearsal.faults import Kind
from rehearsal.world.version import Behaviour
from rollback import ecs
from rollback.ecs import Outcome

from .ways import OLD, WAYS, Scene, scene

if TYPE_CHECKING:
    from pathlib import Path

SEEDS = range(6)


def crashing_target(played: Scene) -> ecs.Result:
    """A rollback whose target crashes at start, so that the circuit breaker takes it back."""
    plan = WAYS["plain"].plan(played)
    played.rebuild(41, Behaviour.CRASHES)
    return ecs.apply(played.environment, played.access, plan)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_circuit_breaker_is_named_however_fast_it_was(seed: int, tmp_path: Path) -> None:
    with scene(WAYS["plain"], tmp_path, seed=seed) as played:
        result = crashing_target(played)
        assert result.outcome is Outcome.REVERSED, result.sentence
        played.world.settle()
        assert played.world.look.primary_revision() == OLD


@pytest.mark.parametrize("seed", SEEDS)
def test_it_is_named_as_well_where_service_deployments_may_not_be_read(seed: int, tmp_path: Path) -> None:
    with scene(WAYS["plain"], tmp_path, seed=seed) as played:
        faults.inject(
            played.stage, faults.Fault(kind=Kind.ACCESS_DENIED, operation="ecs:DescribeServiceDeployments")
        )
        assert crashing_target(played).outcome is Outcome.REVERSED


@pytest.mark.parametrize("seed", SEEDS)
def test_somebody_who_stops_our_deployment_is_not_taken_for_the_circuit_breaker(
    seed: int, tmp_path: Path
) -> None:
    with scene(WAYS["plain"], tmp_path, seed=seed) as played:
        plan = WAYS["plain"].plan(played)
        played.world.later(10, played.stop_the_deployment)
        result = ecs.apply(played.environment, played.access, plan)
        assert result.outcome is Outcome.SUPERSEDED, result.sentence
        played.world.settle()
        assert played.world.look.primary_revision() == OLD
