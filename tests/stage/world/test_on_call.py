"""Whoever is on call passes the gate before they begin, whatever way back they take."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import pytest

import rehearsal
from rehearsal.notes import Notes
from rehearsal.on_call import OnCall
from rollback.errors import Refused
from tests.rollback.builders import ENVIRONMENT

if TYPE_CHECKING:
    from rollback.access import Access

ENGINEERS = [
    "certifier",
    "database_restorer",
    "fixer",
    "operator",
    "restorer",
    "reverter",
    "terraformer",
]


def engineer(name: str) -> type[OnCall[Any, Any]]:
    module = importlib.import_module(f"rehearsal.{name}")
    (found,) = [
        each
        for each in vars(module).values()
        if isinstance(each, type) and issubclass(each, OnCall) and each is not OnCall
    ]
    return found


def closed() -> NoReturn:
    raise Refused("The list is not complete.", remedy="Complete it.")


@pytest.mark.parametrize("name", ENGINEERS)
def test_nothing_is_begun_before_a_closed_gate(
    name: str, access: Access, monkeypatch: pytest.MonkeyPatch
) -> None:
    applied: list[object] = []
    who, notes = engineer(name), Notes()
    monkeypatch.setattr(who, "_applied", lambda _, plan: applied.append(plan))
    monkeypatch.setattr(who, "plan", "the plan")
    on_call = who(ENVIRONMENT, access, notes)
    notes.gate = closed
    on_call.try_to_apply()
    assert notes.refused.sentence == "The list is not complete."
    assert applied == []
    notes.gate = Notes().gate
    on_call.apply()
    assert applied == ["the plan"]


def test_no_engineer_is_missing_here() -> None:
    modules = Path(rehearsal.__file__).parent.glob("*.py")
    assert (
        sorted(each.stem for each in modules if "(OnCall[" in each.read_text(encoding="utf-8")) == ENGINEERS
    )
