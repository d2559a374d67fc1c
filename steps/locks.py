"""The sentences about who works on the infrastructure's state besides us, and about its lock."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pytest_bdd import given, parsers, then, when

if TYPE_CHECKING:
    from rehearsal.embedded import EmbeddedStage
    from rehearsal.notes import Notes
    from rehearsal.restorer import Restorer
    from rehearsal.state_keeper import StateKeeper, Stored
    from rehearsal.world.world import World
    from rollback.environment import Environment

HOUR = 3600.0


@pytest.fixture
def keeper(stage: EmbeddedStage, world: World, environment: Environment) -> StateKeeper:
    """The bucket of the state, and those who work on it besides us."""
    from rehearsal.state_keeper import StateKeeper  # noqa: PLC0415 - it imports moto, which only a stage may do first

    return StateKeeper(stage, world, environment)


@pytest.fixture
def stored(keeper: StateKeeper) -> Stored:
    """The state as it was when the engineer on call sat down."""
    return keeper.stored


@given(parsers.parse("the pipeline has held the lock of the state for {seconds:d} seconds"))
def pipeline_holds(keeper: StateKeeper, seconds: int) -> None:
    keeper.held(seconds=seconds)


@given("somebody's Terraform died with the lock of the state, five hours ago")
def died_with_the_lock(keeper: StateKeeper) -> None:
    keeper.held(seconds=5 * HOUR)


@when("we try to unlock the state without having looked")
def try_to_unlock(restorer: Restorer, keeper: StateKeeper) -> None:
    restorer.try_to_unlock(keeper.lock, knowingly=False)


@when("we try to unlock the state by another id")
def try_to_unlock_another(restorer: Restorer) -> None:
    restorer.try_to_unlock("00000000-0000-0000-0000-000000000000", knowingly=True)


@when("we unlock the state by its id, knowingly")
def unlock(restorer: Restorer) -> None:
    restorer.unlock()


@then("we are told who holds it, since when and what for")
def told_who(notes: Notes) -> None:
    from rehearsal.state_keeper import PIPELINE  # noqa: PLC0415 - it imports moto

    told = notes.refused.sentence
    assert PIPELINE in told
    assert "OperationTypeApply" in told
    assert " since 2026-" in told


@then("the lock is still theirs")
def lock_still_theirs(keeper: StateKeeper) -> None:
    assert keeper.stored.lock == keeper.lock


@then("nobody holds the lock of the state")
def nobody_holds(keeper: StateKeeper) -> None:
    assert not keeper.stored.lock


@then("the state is as it was, and nobody holds its lock")
def state_unchanged(keeper: StateKeeper, stored: Stored) -> None:
    assert keeper.stored == stored
    assert not stored.lock
