"""The private copies of what a restore replaces: how long they are kept, and which are kept for good."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from rollback import state
from rollback.errors import RollbackError
from rollback.journal import read
from tests.rollback.state.restoring import HISTORY, Scene, content, scene

if TYPE_CHECKING:
    from collections.abc import Callable

    from rollback.state import SavedPoint
    from tests.rollback.state.shelf import Shelf

DAY = 86400.0


@pytest.fixture
def played(shelf: Shelf) -> Scene:
    """With terraform at hand, and a damaged state that is written over without it."""
    shelf.stage.let_terraform_in()
    made = scene(shelf)
    made.put(b"nonsense")
    return made


def saved_of(played: Scene) -> SavedPoint:
    return state.saved_point(played.environment, read(played.access.journal.path))


def copies(saved: SavedPoint) -> list[str]:
    """What is left of a restore on this disk."""
    place = Path(saved.before.file).parent
    return sorted(path.name for path in place.iterdir()) if place.exists() else []


def plan_after(played: Scene, days: float) -> None:
    played.shelf.stage.clock.sleep(days * DAY)
    played.plan("serial 2")


def killed() -> None:
    raise KeyboardInterrupt


def interrupted(played: Scene, meanwhile: Callable[[], None]) -> SavedPoint:
    """A restore in which something happens at the first write, and which doesn't end in a result then."""
    plan = played.plan("serial 4")
    doors = played.shelf.stage.operator.interceptors
    before = list(doors)
    played.shelf.meanwhile("s3:PutObject", meanwhile)
    with pytest.raises((KeyboardInterrupt, RollbackError)):
        state.apply(played.environment, played.access, plan)
    doors[:] = before
    return saved_of(played)


def test_after_a_restore_just_the_copy_of_what_was_before_is_kept(played: Scene) -> None:
    assert played.restore("serial 4").landed
    assert copies(saved_of(played)) == ["before.tfstate"]


@pytest.mark.parametrize(("days", "left"), [(29.9, ["before.tfstate"]), (30.1, [])])
def test_it_is_swept_away_by_a_plan_after_a_month_of_the_clock(
    played: Scene, days: float, left: list[str]
) -> None:
    played.restore("serial 4")
    plan_after(played, days)
    assert copies(saved_of(played)) == left


def test_what_was_swept_away_can_still_be_undone(played: Scene) -> None:
    """S3 has the version as well."""
    played.restore("serial 4")
    saved = saved_of(played)
    plan_after(played, 31)
    assert state.undo(played.environment, played.access, saved).landed
    assert played.shelf.content() == b"nonsense"


def test_those_of_a_restore_that_was_killed_are_kept_until_it_is_finished(played: Scene) -> None:
    saved = interrupted(played, killed)
    plan_after(played, 400)
    assert {"before.tfstate", "restored.tfstate"} <= set(copies(saved))
    assert state.go_on(played.environment, played.access, saved).landed
    played.plan("serial 2")
    assert copies(saved) == []


def test_those_of_a_restore_whose_lock_is_still_held_are_kept(played: Scene) -> None:
    """It couldn't be released, so it isn't finished."""
    plan = played.plan("serial 4")
    doors = played.shelf.stage.operator.interceptors
    before = list(doors)
    played.shelf.refuse("s3:DeleteObject", "AccessDenied", 403)
    result = state.apply(played.environment, played.access, plan)
    doors[:] = before
    assert result.outcome is state.Outcome.UNFINISHED
    plan_after(played, 31)
    assert "before.tfstate" in copies(saved_of(played))


def test_those_of_a_restore_that_never_began_are_swept_away(played: Scene) -> None:
    """Somebody was quicker to take the lock."""
    hands = played.shelf.stage.access()
    lock = state.LockInfo.new(played.environment, hands, operation="OperationTypeApply")
    saved = interrupted(played, lambda: state.take(played.environment, hands, lock))
    state.release(played.environment, hands, lock.id)
    plan_after(played, 31)
    assert copies(saved) == []


def test_those_of_a_restore_that_came_too_late_are_swept_away(played: Scene) -> None:
    """Somebody had written the state since the plan: nothing was written, and the lock was released."""
    saved = interrupted(played, lambda: written(played))
    plan_after(played, 31)
    assert copies(saved) == []


def written(played: Scene) -> None:
    """Somebody writes the state past the lock."""
    body = content(9, *HISTORY[3])
    played.shelf.s3.put_object(Bucket=played.shelf.bucket, Key=played.shelf.key, Body=body)
