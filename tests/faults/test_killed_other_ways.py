"""The other ways back, killed around each change that they ask for: finished or taken back from the journal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from rollback import certificates, record, state
from rollback.errors import Refused
from rollback.record import Stands
from tests.known_version import known_version

from . import restores, reverts
from .killed import Around, another, killed_around
from .test_every_call_of_a_certificate import opened

if TYPE_CHECKING:
    from pathlib import Path

DAMAGED: Final = restores.WAYS["over a damaged state"]
BEFORE: Final = Around(0)
"""The world was saved, and nothing asked for."""


def done(change: int) -> Around:
    """A change was made, and nobody has written that down."""
    return Around(change, unseen=True)


@pytest.mark.parametrize("place", [BEFORE, done(1), done(2)], ids=str)
def test_a_repair_is_finished_and_then_taken_back(place: Around, tmp_path: Path) -> None:
    with opened(tmp_path) as scene:
        with killed_around(scene.access, place):
            made = certificates.plan(scene.environment, scene.access, certificate=scene.new)
            certificates.apply(scene.environment, scene.access, made)
        path = scene.access.journal.path
        hands = another(scene.stage, path)
        assert record.resume(scene.environment, hands, record.begun(path)).sentence
        assert scene.house.served == scene.house.attached == scene.new
        record.undo(scene.environment, hands, record.begun(path))
        assert scene.house.served == scene.house.attached == scene.house.first


@pytest.mark.parametrize("place", [BEFORE, done(3)], ids=str)
def test_a_restore_is_finished_from_wherever_it_broke_off(place: Around, tmp_path: Path) -> None:
    with restores.opened(DAMAGED, tmp_path) as played, known_version():
        with killed_around(played.access, place):
            played.restore(DAMAGED.choice)
        path = played.access.journal.path
        hands = another(played.shelf.stage, path)
        assert record.resume(played.environment, hands, record.begun(path)).landed
        assert played.names == tuple(sorted(DAMAGED.names))
        assert state.held(played.environment, hands) == ()


@pytest.mark.parametrize("place", [BEFORE, done(1), done(3), done(5)], ids=str)
def test_a_restore_is_taken_back_byte_for_byte(place: Around, tmp_path: Path) -> None:
    """Also where our own lock is still held: before the state was written, and after."""
    with restores.opened(DAMAGED, tmp_path) as played, known_version():
        was = played.shelf.content()
        with killed_around(played.access, place):
            played.restore(DAMAGED.choice)
        path = played.access.journal.path
        hands = another(played.shelf.stage, path)
        record.undo(played.environment, hands, record.begun(path))
        assert played.shelf.content() == was
        assert state.held(played.environment, hands) == ()


@pytest.mark.parametrize("place", [done(1)], ids=str)
def test_a_revert_is_finished_and_pushed_once(place: Around, tmp_path: Path) -> None:
    with reverts.scene(tmp_path) as played:
        with killed_around(played.access, place):
            played.roll_back()
        path = played.access.journal.path
        result = record.resume(played.environment, another(played.stage, path), record.begun(path))
        assert result.landed, result.sentence
        assert played.reverts == 1
        assert record.begun(path).stands is Stands.LANDED


@pytest.mark.parametrize("place", [done(1), done(2)], ids=str)
def test_a_revert_is_proposed_once_and_not_undone_before_it_is_merged(place: Around, tmp_path: Path) -> None:
    with reverts.scene(tmp_path, protected=True) as played:
        with killed_around(played.access, place):
            played.roll_back()
        path = played.access.journal.path
        hands = another(played.stage, path)
        result = record.resume(played.environment, hands, record.begun(path))
        assert result.outcome.value == "proposed as a pull request"
        opened_now = [pull for pull in played.origin.store.pulls.values() if pull.state == "open"]
        assert len(opened_now) == 1
        with pytest.raises(Refused, match="only proposed"):
            record.undo(played.environment, hands, record.begun(path))
