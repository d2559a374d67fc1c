"""Each call of a rollback, one after another, made to fail in each way that a call can fail."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import pytest

from rehearsal import faults
from rehearsal.faults import Kind
from rollback import ecs
from rollback.aws import is_read
from rollback.ecs import Outcome
from rollback.errors import RollbackError
from rollback.journal import Kind as Entry
from rollback.journal import read

from .ways import OLD, WAYS, Scene, Way, recorded, scene

if TYPE_CHECKING:
    from pathlib import Path

    from rehearsal.faults import Fault

LONG_ENOUGH = 900.0
KINDS = (
    Kind.THROTTLED,
    Kind.INTERNAL_ERROR,
    Kind.TIMEOUT_BEFORE,
    Kind.TIMEOUT_AFTER,
    Kind.ACCESS_DENIED,
    Kind.EXPIRED,
)

calls_of = cache(recorded)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test for each call that each way makes, so that new calls are covered by themselves."""
    if "call" in metafunc.fixturenames:
        metafunc.parametrize(
            ("way", "call"),
            [
                pytest.param(way, call, id=f"{name}-{call}")
                for name, way in WAYS.items()
                for call in _of_its_own(way)
            ],
        )


def _of_its_own(way: Way) -> list[faults.Recorded]:
    """All calls of the plain way, and of each other way those that it adds and those that change something."""
    plain = WAYS["plain"]
    shared = set() if way is plain else set(calls_of(plain))
    return [
        call for call in calls_of(way) if call not in shared or not is_read(call.operation.partition(":")[2])
    ]


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_a_failing_call_leaves_the_service_whole_and_a_sentence(
    way: Way, call: faults.Recorded, kind: Kind, tmp_path: Path
) -> None:
    """It ends in a sentence and a true journal, on the old or the new revision, never with two deployments."""
    fault = faults.Fault(kind=kind, operation=call.operation, occurrence=call.occurrence)
    with scene(way, tmp_path) as played:
        before = played.world.look.history()
        ended = _rolled_back(played, way, fault)
        after = played.world.look.history()
        assert len(after) - len(before) <= 1, "a second deployment was begun"
        asked = _mutating_calls(played)
        if isinstance(ended, RollbackError):
            _is_a_sentence(str(ended))
            assert asked == []
            assert after == before
        else:
            _is_a_sentence(ended.sentence)
            _tells_the_truth(played, ended, way)
            assert asked != [] or ended.outcome is Outcome.NOT_STARTED
        played.world.clock.sleep(LONG_ENOUGH)
        assert played.world.look.running().keys() <= {OLD, way.target, 41}


def _rolled_back(played: Scene, way: Way, fault: Fault) -> ecs.Result | RollbackError:
    faults.inject(played.stage, fault)
    try:
        return ecs.apply(played.environment, played.access, way.plan(played))
    except RollbackError as error:
        return error


def _is_a_sentence(said: str) -> None:
    assert said.endswith(".")
    assert "\n" not in said
    assert "Traceback" not in said


def _mutating_calls(played: Scene) -> list[str]:
    """What the journal says was asked for, in order."""
    return [
        entry.what
        for entry in read(played.access.journal.path)
        if entry.kind is Entry.CALL and not is_read(entry.what.partition(":")[2])
    ]


def _tells_the_truth(played: Scene, result: ecs.Result, way: Way) -> None:
    """What the result says is so in the world, and the journal's last word is the same."""
    look = played.world.look
    *_, last = read(played.access.journal.path)
    assert (last.kind, last.what) == (Entry.OUTCOME, result.sentence)
    if result.outcome is Outcome.LANDED:
        assert look.running() == {way.target: look.desired_count()}
        assert f":{way.target}" in result.sentence
    else:
        assert "Rolled back" not in result.sentence
        assert result.remedy
        assert f":{OLD}" in result.sentence or f":{result.target.number}" in result.sentence
    if result.outcome is Outcome.NOT_STARTED:
        assert look.primary_revision() == OLD
    if result.outcome is Outcome.LOST:
        assert look.primary_revision() in {OLD, way.target}
