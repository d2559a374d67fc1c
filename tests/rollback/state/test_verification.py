"""What is seen after a restore: in the bucket, by Terraform itself, and in a plan of the branch."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from rollback import state
from rollback.journal import read
from rollback.state.places import digest_path
from tests.rollback.state.restoring import HISTORY, Scene, content, scene

if TYPE_CHECKING:
    from rollback.state import SavedPoint, Verification
    from tests.rollback.state.shelf import Shelf


@pytest.fixture
def played(shelf: Shelf) -> Scene:
    """With a lock table, and terraform at hand."""
    shelf.stage.let_terraform_in()
    return scene(shelf, table=True)


@pytest.fixture
def saved(played: Scene) -> SavedPoint:
    """Serial 3 is restored."""
    result = played.restore("serial 3")
    assert result.saved is not None
    return result.saved


def verified(scene: Scene, saved: SavedPoint) -> Verification:
    return state.verify(scene.environment, scene.access, saved)


def contradicted(scene: Scene, saved: SavedPoint) -> set[str]:
    return {finding.check for finding in verified(scene, saved).contradictions}


def test_a_restored_state_is_seen_by_terraform_itself(played: Scene, saved: SavedPoint) -> None:
    """Its lineage, serial and resources, its digest and no lock; where git can't be reached, that is said."""
    seen = verified(played, saved)
    assert seen.landed
    checks = {finding.check: finding.severity.value for finding in seen.findings}
    assert checks["state-stored"] == checks["state-pull"] == checks["digest"] == checks["locks"] == "ok"
    assert checks["plan-destroys"] == "warning"


def test_orphans_are_listed_until_they_are_imported(played: Scene, saved: SavedPoint) -> None:
    """What exists and isn't in the state."""
    assert verified(played, saved).orphans == ("terraform_data.record",)
    played.put(content(played.serial + 1, *HISTORY[3]))
    assert verified(played, saved).orphans == ()


def test_what_somebody_has_written_since_is_no_proof(played: Scene, saved: SavedPoint) -> None:
    """The state in force isn't what was restored."""
    played.put(content(played.serial + 1, *HISTORY[3]))
    assert contradicted(played, saved) == {"state-stored", "state-pull"}


def test_another_lineage_is_seen(played: Scene, saved: SavedPoint) -> None:
    """Although serial and resources are as restored."""
    played.put(content(played.serial + 1, *HISTORY[2], lineage="another"))
    assert contradicted(played, saved) == {"state-stored", "state-pull"}


def test_a_lower_serial_is_seen(played: Scene, saved: SavedPoint) -> None:
    """As after somebody's forced push of an old file."""
    played.put(content(1, *HISTORY[2]))
    assert contradicted(played, saved) == {"state-stored", "state-pull"}


def test_a_lock_that_is_left_is_seen(played: Scene, saved: SavedPoint) -> None:
    """Nobody can work with the state under it."""
    hands = played.shelf.stage.access()
    lock = state.LockInfo.new(played.environment, hands, operation="OperationTypeApply")
    state.take(played.environment, hands, lock)
    assert contradicted(played, saved) == {"locks"}


def test_a_damaged_state_can_t_be_pulled(played: Scene, saved: SavedPoint) -> None:
    """It is said in Terraform's first words."""
    played.put(b"nonsense")
    assert contradicted(played, saved) == {"state-stored", "state-pull"}


def test_a_restore_that_broke_off_is_seen(played: Scene) -> None:
    """What was there before is still there, and the lock is held."""
    plan = played.plan()

    doors = played.shelf.stage.operator.interceptors
    before = list(doors)
    played.shelf.meanwhile("s3:ListObjectVersions", killed_now)
    with pytest.raises(KeyboardInterrupt):
        state.apply(played.environment, played.access, plan)
    doors[:] = before
    saved = state.saved_point(played.environment, read(played.access.journal.path))
    assert contradicted(played, saved) == {"state-stored", "state-pull", "locks"}


def killed_now() -> None:
    raise KeyboardInterrupt


def test_a_stale_digest_is_seen_in_the_restored_state(played: Scene) -> None:
    """Without waiting the ten seconds that Terraform does: a deleted state was put back."""
    played.shelf.delete()
    result = played.restore("serial 4")
    assert result.saved is not None
    undone = state.undo(played.environment, played.access, result.saved)
    assert undone.saved is not None
    played.shelf.put_item(digest_path(played.environment), Digest="0" * 32)
    assert contradicted(played, undone.saved) == {"digest"}


def test_what_was_deleted_again_is_verified_without_terraform(played: Scene) -> None:
    """It would read no state, and plan to create everything."""
    played.shelf.delete()
    result = played.restore("serial 4")
    assert result.saved is not None
    undone = state.undo(played.environment, played.access, result.saved)
    assert undone.saved is not None
    seen = verified(played, undone.saved)
    assert seen.landed
    assert "plan-destroys" not in {finding.check for finding in seen.findings}
