"""Each call of a restore of the database, made to fail in each way: one database serves, and a second run finishes."""

from __future__ import annotations

import itertools
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

import pytest
from botocore.exceptions import ReadTimeoutError

from rehearsal import faults
from rehearsal.faults import Fault, Kind, Recorded
from rollback.aws import is_read
from rollback.database import backup
from rollback.database.backup import Outcome
from rollback.errors import RollbackError
from rollback.journal import read
from tests.rollback.database.restoring import opened

if TYPE_CHECKING:
    from collections.abc import Callable

    from botocore.awsrequest import AWSResponse

    from rehearsal.doors import Call
    from tests.rollback.database.restoring import Scene

KILLED_BEFORE, KILLED_AFTER = "killed before the effect", "killed after the effect"
POLLS: Final = 1
"""How many calls of an operation are cut at; those that follow are the same poll."""
NOT_LED: Final = {
    Outcome.NOT_STARTED,
    Outcome.STILL_RESTORING,
    Outcome.FAILED,
    Outcome.DIFFERENT,
    Outcome.UNCONFIRMED,
    Outcome.NOT_REPOINTED,
}


@cache
def recorded() -> tuple[tuple[Recorded, ...], tuple[Recorded, ...]]:
    """Every call of applying and of undoing when nothing goes wrong, each from its own beginning."""
    with TemporaryDirectory() as directory, opened(Path(directory)) as scene:
        made = scene.plan()
        calls = faults.record(scene.stage)
        result = scene.apply(made)
        assert result.landed, result.sentence
        applied = _some(calls)
        assert result.saved
        back = backup.plan_undo(scene.environment, scene.access, result.saved)
        begin = len(calls)
        assert backup.apply_undo(scene.environment, scene.access, back).landed
        return applied, _some(calls[begin:])


def _some(calls: list[Recorded]) -> tuple[Recorded, ...]:
    firsts: dict[str, int] = {}
    for call in calls:
        firsts.setdefault(call.operation, call.occurrence)
    return tuple(call for call in calls if call.occurrence - firsts[call.operation] < POLLS)


def cases(calls: tuple[Recorded, ...], *, reads: bool = True) -> list[tuple[Recorded, str]]:
    """Each write is cut at in each way, and each read in one, in turn: it matters between which writes it stands."""
    writes = (Kind.ACCESS_DENIED, Kind.TIMEOUT_AFTER, KILLED_AFTER)
    ways = itertools.cycle((Kind.ACCESS_DENIED, KILLED_BEFORE, Kind.TIMEOUT_BEFORE))
    found: list[tuple[Recorded, str]] = []
    for call in calls:
        if not is_read(call.operation.partition(":")[2]):
            found += [(call, way) for way in writes]
        elif reads:
            found.append((call, next(ways)))
    return found


def cut(scene: Scene, at: Recorded, way: str) -> None:
    """Put it in the way."""

    def here(call: Call) -> bool:
        return (call.operation, call.occurrence) == (at.operation, at.occurrence)

    def kill(call: Call, proceed: Callable[[], AWSResponse]) -> AWSResponse:
        if not here(call):
            return proceed()
        if way == KILLED_AFTER:
            proceed()
        raise KeyboardInterrupt

    def lose(call: Call, proceed: Callable[[], AWSResponse]) -> AWSResponse:
        answer = proceed()
        if here(call):
            raise ReadTimeoutError(endpoint_url=call.request.url)
        return answer

    if way in {KILLED_BEFORE, KILLED_AFTER}:
        scene.stage.operator.interceptors.append(kill)
    elif way == Kind.TIMEOUT_AFTER:
        scene.stage.operator.interceptors.append(lose)
    else:
        times = None if way == Kind.ACCESS_DENIED else 1
        faults.inject(
            scene.stage, Fault(kind=Kind(way), operation=at.operation, occurrence=at.occurrence, times=times)
        )


def serves(scene: Scene) -> bool:
    """Whether the application answers, and nobody has touched the old instance."""
    answers = {answer.status for answer in scene.world.look.ask(2)}
    return answers == {200} and scene.house.instances()[scene.house.instance] == "available"


@pytest.mark.parametrize(("at", "way"), cases(recorded()[0]), ids=str)
def test_one_database_serves_and_a_second_run_finishes(at: Recorded, way: str, tmp_path: Path) -> None:
    with opened(tmp_path) as scene:
        made = scene.plan()
        before = len(scene.stage.operator.interceptors)
        calls = faults.record(scene.stage)
        cut(scene, at, way)
        _apply_once(scene, made)
        if way == Kind.TIMEOUT_AFTER:  # it was looked at before it would be asked for again
            assert len([call for call in calls if call.operation == at.operation]) == 1
        assert serves(scene)
        del scene.stage.operator.interceptors[before:]
        hands = scene.stage.access()
        again = scene.apply(scene.plan(hands), hands)
        assert again.outcome is Outcome.RESTORED, again.sentence
        (only,) = scene.restored
        assert scene.house.led_to == only
        assert scene.house.tasks_use() == {only}
        assert serves(scene)


def _apply_once(scene: Scene, made: backup.BackupPlan) -> None:
    """An exception means that nothing was changed, and a success that the restored one is used."""
    try:
        result = scene.apply(made)
    except RollbackError:
        assert not scene.restored
        assert scene.old_one_serves
    except KeyboardInterrupt:
        pass
    else:
        assert result.landed or result.remedy
        if result.landed:
            assert (scene.house.led_to,) == scene.restored
            assert scene.house.tasks_use() == {scene.house.led_to}
        if result.outcome in NOT_LED:
            assert scene.old_one_serves


@pytest.mark.parametrize(("at", "way"), cases(recorded()[1], reads=False), ids=str)
def test_an_undo_is_done_or_can_be_done_again(at: Recorded, way: str, tmp_path: Path) -> None:
    with opened(tmp_path) as scene:
        result = scene.apply(scene.plan())
        assert result.saved
        back = backup.plan_undo(scene.environment, scene.access, result.saved)
        before = len(scene.stage.operator.interceptors)
        cut(scene, at, way)
        try:
            undone = backup.apply_undo(scene.environment, scene.access, back)
        except RollbackError:
            assert (scene.house.led_to,) == scene.restored
        except KeyboardInterrupt:
            pass
        else:
            assert undone.remedy or scene.old_one_serves
        assert serves(scene)
        del scene.stage.operator.interceptors[before:]
        hands = scene.stage.access()
        saved = backup.saved_point(scene.environment, read(scene.access.journal.path))
        assert backup.undo(scene.environment, hands, saved).outcome is Outcome.UNDONE
        assert scene.old_one_serves
