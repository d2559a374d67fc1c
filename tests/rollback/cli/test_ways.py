"""The registry of the ways back, against the functions that it leads to."""

from __future__ import annotations

import importlib
import inspect

import pytest

from rollback.cli.ways import WAYS, Way, way_of
from rollback.record import WAYS as KNOWN
from tests.rollback.cli.desk import typed

FLAGS = {bool: False, str: "", int: None, list: None}


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.name)
def test_what_is_typed_is_what_its_plan_takes(way: Way) -> None:
    planner = inspect.signature(importlib.import_module(way.module).plan).parameters
    wish = way.wish({each.name: FLAGS.get(each.kind) for each in way.options})
    assert set(wish) == {
        name for name, each in planner.items() if each.kind is inspect.Parameter.KEYWORD_ONLY
    }
    needed = {name for name, each in planner.items() if each.default is inspect.Parameter.empty}
    assert {each.name for each in way.options if each.needed} == needed - {"environment", "access"}


def test_every_way_that_a_journal_can_tell_of_is_known_here() -> None:
    assert {way.name for way in WAYS} == set(KNOWN)
    assert all(way_of(name) is not None for name in KNOWN)


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.name)
def test_every_way_has_the_same_four_verbs(way: Way) -> None:
    for verb in ("plan", "apply", "verify", "undo"):
        told = typed(*way.words, verb, "--help")
        assert told.code == 0
        assert "--env" in told.out
        assert ("--yes" in told.out) == (verb in {"apply", "undo"})


def test_the_ways_back_come_first_at_night() -> None:
    shown = [line.split()[0] for line in typed("--help").out.splitlines() if line]
    assert shown.index("ecs") < shown.index("revert") < shown.index("resume") < shown.index("readiness")
