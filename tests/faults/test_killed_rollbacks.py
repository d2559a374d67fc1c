"""An emergency rollback killed at each entry of its journal: another engineer lands it, or has the world as it was."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest

from rollback import ecs, record
from rollback.errors import Outdated, Refused
from rollback.journal import Kind, read

from .killed import Around, Cut, another, cuts, killed, killed_around
from .ways import OLD, WAYS, Scene, Way, scene

if TYPE_CHECKING:
    from rollback.journal import Entry

STOPPING = "stopping a deployment in progress"
"""What was at its beginning, a deployment that never succeeds, is nothing to go back to."""
LOOK = "answer-ecs:Describe"
POLLS = 1
"""How many entries of one kind are cut at; those that follow are the same poll."""


@cache
def recorded(way: Way) -> list[Entry]:
    """The journal when nothing goes wrong."""
    with TemporaryDirectory() as directory, scene(way, Path(directory)) as played:
        assert ecs.apply(played.environment, played.access, way.plan(played)).landed
        return read(played.access.journal.path)


def cases(way: Way) -> list[Cut]:
    """Each entry from the plan on; of the looks before, which are all alike to it, the first."""
    entries = recorded(way)
    planned = next(entry.number for entry in entries if entry.kind is Kind.PLAN)
    seen: dict[tuple[str, bool], int] = {}
    found = []
    for cut in cuts(entries):
        if cut.kept < planned:
            continue
        kind = (cut.what, cut.unseen)
        seen[kind] = seen.get(kind, 0) + 1
        if seen[kind] <= POLLS or cut.kept == len(entries):
            found.append(cut)
    return found


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test for each place to be killed at, so that new entries are covered by themselves."""
    if "cut" not in metafunc.fixturenames:
        return
    taken_back = "was" in metafunc.function.__name__
    metafunc.parametrize(
        ("way", "cut"),
        [
            pytest.param(way, cut, id=f"{name}-{cut}")
            for name, way in WAYS.items()
            for cut in cases(way)
            if (name == "plain" and not (taken_back and LOOK in cut.what))
            or (cut.unseen and name != (STOPPING if taken_back else ""))
        ],
    )


def kill(played: Scene, way: Way, cut: Cut) -> record.Begun:
    with killed(played.access, cut):
        ecs.apply(played.environment, played.access, way.plan(played))
    return record.begun(played.access.journal.path)


def test_another_engineer_lands_it_and_deploys_nothing_twice(way: Way, cut: Cut, tmp_path: Path) -> None:
    with scene(way, tmp_path) as played:
        before = len(played.world.look.history())
        begun = kill(played, way, cut)
        hands = another(played.stage, begun.path)
        if begun.stands is record.Stands.LANDED:
            with pytest.raises(Refused, match="It has landed already"):
                record.resume(played.environment, hands, begun)
        else:
            result = record.resume(played.environment, hands, begun)
            assert result.landed, result.sentence
        look = played.world.look
        assert look.running() == {way.target: look.desired_count()}
        assert len(look.history()) <= before + 1
        assert record.begun(begun.path).stands is record.Stands.LANDED


def test_undone_the_world_is_as_it_was(way: Way, cut: Cut, tmp_path: Path) -> None:
    with scene(way, tmp_path) as played:
        look = played.world.look
        was = (look.primary_revision(), look.desired_count(), look.targets())
        begun = kill(played, way, cut)
        hands = another(played.stage, begun.path)
        if look.primary_revision() == OLD:
            with pytest.raises(Refused, match=rf"nothing to undo|:{OLD} already"):
                record.undo(played.environment, hands, begun)
        else:
            result = record.undo(played.environment, hands, begun)
            assert result.landed, result.sentence
        assert (look.primary_revision(), look.desired_count(), look.targets()) == was
        assert look.running() == {OLD: look.desired_count()}


def test_what_somebody_else_has_deployed_since_is_left_alone(tmp_path: Path) -> None:
    way = WAYS["plain"]
    with scene(way, tmp_path) as played:
        with killed_around(played.access, Around(1, unseen=True)):
            ecs.apply(played.environment, played.access, way.plan(played))
        played.world.team.deploy(40, force=True)
        path = played.access.journal.path
        before = len(played.world.look.history())
        with pytest.raises(Outdated, match=r":40 was deployed on .* since the rollback broke off"):
            record.resume(played.environment, another(played.stage, path), record.begun(path))
        assert len(played.world.look.history()) == before
