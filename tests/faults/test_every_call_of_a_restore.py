"""Each call and command of a restore, cut at in each way: the state stays whole, and a second run finishes."""

from __future__ import annotations

from contextlib import nullcontext
from functools import cache
from typing import TYPE_CHECKING

from rollback import state
from rollback.errors import RollbackError
from rollback.journal import Kind, read
from rollback.state import Outcome
from tests.faults.restores import (
    WAYS,
    Cut,
    Cutting,
    Step,
    cases,
    cut_at,
    lend,
    mend,
    opened,
    saved_of,
)
from tests.known_version import known_version
from tests.rollback.state.restoring import Scene, md5
from tests.rollback.state.shelf import LINEAGE, SECRET

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from rollback.access import Access
    from rollback.state import Result

all_cases = cache(cases)
VERSION = "terraform version"


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test for each step, so that new ones are covered by themselves."""
    if "step" in metafunc.fixturenames:
        ids = [f"{name}-{step}-{cut}" for name, step, cut in all_cases()]
        metafunc.parametrize(("name", "step", "cut"), all_cases(), ids=ids)


def test_a_cut_leaves_a_whole_state_and_a_second_run_finishes(
    name: str, step: Step, cut: Cut, tmp_path: Path
) -> None:
    """The old or the new state, a lock that is gone or named, a true journal; then all of it is finished."""
    way = WAYS[name]
    lend(tmp_path, table=way.table)
    with opened(way, tmp_path) as played:
        before = _stored(played)
        with known_version():
            plan = played.plan(way.choice)
        cutting = Cutting(step, cut)
        with nullcontext() if step.what == VERSION else known_version():
            ended = _applied(played, cut_at(played, cutting), plan)
        again = mend(played, cutting)
        _is_whole(played, before, way.names)
        _is_true(played, ended, before, way.names)
        with known_version():
            _finish(played, again, ended, way.choice)
        _is_new(played, way.names)
        assert played.locked() == []
        assert SECRET not in played.journal()


def _applied(
    played: Scene, access: Access, plan: state.StatePlan
) -> Result | RollbackError | KeyboardInterrupt:
    try:
        return state.apply(played.environment, access, plan)
    except (RollbackError, KeyboardInterrupt) as ended:
        return ended


def _stored(played: Scene) -> bytes | None:
    try:
        return played.shelf.content()
    except played.shelf.s3.exceptions.NoSuchKey:
        return None


def _is_whole(played: Scene, before: bytes | None, names: tuple[str, ...]) -> None:
    if _stored(played) != before:
        assert played.names == tuple(sorted(names))
        assert LINEAGE.encode() in played.shelf.content()


def _is_true(
    played: Scene,
    ended: Result | RollbackError | KeyboardInterrupt,
    before: bytes | None,
    names: tuple[str, ...],
) -> None:
    last = read(played.access.journal.path)[-1]
    saved = saved_of(played)
    locked = set(played.locked())
    assert locked <= ({saved.lock} if saved else set())
    if isinstance(ended, KeyboardInterrupt):
        assert last.kind is Kind.INTERRUPTED or saved is None
        return
    said = ended.sentence
    assert said.endswith(".")
    assert "\n" not in said
    assert SECRET not in said
    if isinstance(ended, RollbackError):
        assert _stored(played) == before
        assert not locked, said
        return
    assert (last.kind, last.what) == (Kind.OUTCOME, said)
    assert not locked or (saved and saved.lock in said), said
    if ended.outcome is Outcome.RESTORED:
        _is_new(played, names)
        assert not locked
    elif ended.outcome in {Outcome.NOT_WRITTEN, Outcome.REFUSED_BY_TERRAFORM}:
        assert _stored(played) == before
        assert not locked
    assert ended.remedy


def _finish(
    played: Scene, access: Access, ended: Result | RollbackError | KeyboardInterrupt, choice: str
) -> None:
    """By going on where something was saved, and else by planning again."""
    saved = saved_of(played)
    played.access = access
    result = state.go_on(played.environment, access, saved) if saved else played.restore(choice)
    assert result.outcome is Outcome.RESTORED, (ended, result.sentence)


def _is_new(played: Scene, names: tuple[str, ...]) -> None:
    content = played.shelf.content()
    assert played.names == tuple(sorted(names))
    if played.environment.terraform.lock_table:
        assert played.digest == md5(content)
