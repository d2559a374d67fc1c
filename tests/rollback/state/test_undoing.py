"""A restore taken back: the state is as it was before it, even if that was no state."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

import pytest

from rollback import state
from rollback.errors import Refused
from rollback.journal import read
from rollback.state import Outcome, SavedPoint
from tests.rollback.state.restoring import HISTORY, Scene, content, md5, scene

if TYPE_CHECKING:
    from tests.rollback.state.shelf import Shelf


@pytest.fixture
def played(shelf: Shelf) -> Scene:
    """With a lock table, and terraform at hand."""
    shelf.stage.let_terraform_in()
    return scene(shelf, table=True)


def restored(scene: Scene, choice: str) -> SavedPoint:
    result = scene.restore(choice)
    assert result.landed
    return state.saved_point(scene.environment, read(scene.access.journal.path))


def undone(scene: Scene, saved: SavedPoint) -> state.Result:
    return state.undo(scene.environment, scene.access, saved)


def test_the_state_from_before_is_in_force_again(played: Scene) -> None:
    """By the same way: under a newer serial, with its digest, without a lock."""
    saved = restored(played, "serial 3")
    serial = played.serial
    assert undone(played, saved).landed
    assert played.names == tuple(sorted(HISTORY[3]))
    assert played.serial > serial
    assert played.digest == md5(played.shelf.content())
    assert played.locked() == []


def test_an_undo_can_be_undone(played: Scene) -> None:
    """There and back and there again."""
    result = undone(played, restored(played, "serial 3"))
    assert result.saved is not None
    assert undone(played, result.saved).landed
    assert played.names == tuple(sorted(HISTORY[2]))


def test_few_resources_need_not_be_asked_for_once_more(played: Scene) -> None:
    """What was in force before can be put back, however small it was."""
    played.put(content(5, "network"))
    saved = restored(played, "serial 4")
    assert undone(played, saved).landed
    assert played.names == ("network",)


@pytest.mark.parametrize("bad", [b"", b"nonsense", content(5, "a")[:200]], ids=["empty", "nonsense", "cut"])
def test_a_damaged_state_comes_back_byte_for_byte(played: Scene, bad: bytes) -> None:
    """It is damaged again, as it was."""
    played.put(bad)
    result = undone(played, restored(played, "serial 4"))
    assert result.outcome is Outcome.RESTORED
    assert "damaged" in result.sentence
    assert played.shelf.content() == bad
    assert played.digest == (md5(bad) if bad else None)
    assert played.locked() == []


def test_a_deleted_state_is_deleted_again(played: Scene) -> None:
    """By a delete marker, so that nothing is lost; and that can be undone as well."""
    played.shelf.delete()
    result = undone(played, restored(played, "serial 4"))
    assert result.landed
    newest = state.list_versions(played.environment, played.access)[0]
    assert (newest.latest, newest.delete_marker) == (True, True)
    assert played.digest is None
    assert played.locked() == []
    assert result.saved is not None
    assert undone(played, result.saved).landed
    assert played.names == tuple(sorted(HISTORY[3]))


def test_by_hand_a_deleted_state_is_deleted_again_under_the_lock(played: Scene) -> None:
    """The lock file is put and taken away around it; so is what a table says."""
    played.shelf.delete()
    commands = state.plan_undo(played.environment, played.access, restored(played, "serial 4")).commands
    asked = [words[2] for words in map(shlex.split, commands) if words[0] == "aws"]
    key = f"--key {played.environment.state_key}"
    at = next(at for at, each in enumerate(commands) if each.endswith(key))
    assert asked[0] == "put-object"
    assert asked[-1] == "delete-object"
    assert commands[at].startswith("aws s3api delete-object ")
    assert 0 < at < len(commands) - 1


def test_damage_is_not_put_over_what_came_after(played: Scene) -> None:
    """Somebody has applied since the restore: that would be lost."""
    played.put(b"nonsense")
    saved = restored(played, "serial 4")
    played.put(content(9, *HISTORY[3], "new"))
    plan = state.plan_undo(played.environment, played.access, saved)
    assert [finding.check for finding in plan.refusals] == ["current-state"]
    with pytest.raises(Refused):
        state.apply(played.environment, played.access, plan)
    assert "new" in played.names


def test_what_came_after_a_restore_is_named_before_it_is_undone(played: Scene) -> None:
    """The resources that would be forgotten."""
    saved = restored(played, "serial 3")
    played.put(content(9, *HISTORY[3], "new"))
    plan = state.plan_undo(played.environment, played.access, saved)
    assert plan.orphans == ("terraform_data.new",)


def test_undoing_twice_is_nothing_to_do(played: Scene) -> None:
    """It is as it was already."""
    played.put(b"nonsense")
    saved = restored(played, "serial 4")
    undone(played, saved)
    played.shelf.s3.delete_object(
        Bucket=played.shelf.bucket,
        Key=played.shelf.key,
        VersionId=state.list_versions(played.environment, played.access)[0].id,
    )
    played.shelf.s3.delete_object(
        Bucket=played.shelf.bucket,
        Key=played.shelf.key,
        VersionId=state.list_versions(played.environment, played.access)[0].id,
    )
    assert undone(played, saved).outcome is Outcome.NOTHING


def test_under_another_s_lock_nothing_is_undone(played: Scene) -> None:
    """It is refused with who holds it."""
    played.put(b"nonsense")
    saved = restored(played, "serial 4")
    hands = played.shelf.stage.access()
    lock = state.LockInfo.new(played.environment, hands, operation="OperationTypeApply")
    state.take(played.environment, hands, lock)
    with pytest.raises(Refused, match=lock.id):
        undone(played, saved)
