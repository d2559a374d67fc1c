"""Which steps of a scenario are played, which are the person's, and which are asked of the world."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

import pytest
from pytest_bdd import given, parsers, then
from pytest_bdd.parser import Step

from rehearsal.gameday.conditions import Condition, Parts, ToolsOwn, conditions, perform
from rehearsal.gameday.hints import symptoms
from rehearsal.strictness import read_document, scenarios_of
from tests.gameday.conftest import ENVIRONMENTS

if TYPE_CHECKING:
    from gherkin.parser_types import Scenario

FEATURES = ENVIRONMENTS.parent / "features"


def step(kind: str, name: str) -> Step:
    return Step(name=name, type=kind, indent=0, line_number=1, keyword=kind.title())


@pytest.fixture
def access() -> NoReturn:
    raise ToolsOwn


@pytest.fixture
def operator(access: object) -> object:
    return access


@given(parsers.parse("{number:d} tasks run"), target_fixture="tasks")
def tasks_run(number: int) -> list[int]:
    return [number]


@then(parsers.parse("{number:d} tasks should run"))
def tasks_should_run(tasks: list[int], number: int) -> None:
    assert tasks == [number]


@then("the tool is content")
def tool_is_content(operator: object) -> None:
    del operator


def test_what_is_the_tools_own_or_takes_time_is_not_asked(request: pytest.FixtureRequest) -> None:
    """The rest is asked again and again, of the world as it is at that moment."""
    perform(request, step("given", "2 tasks run"))
    thens = [
        step("then", "4 tasks should run"),
        step("then", "the tool is content"),
        step("then", "3 tasks should run"),
    ]
    (condition,) = conditions(request, thens, slow={"3 tasks should run"})
    assert condition.text == "4 tasks should run"
    assert condition.trouble().startswith("AssertionError")
    request.getfixturevalue("tasks")[0] = 4
    assert condition.trouble() == ""


def test_a_world_in_disorder_is_no_proof() -> None:
    world: dict[str, object] = {}
    assert Condition("x", lambda: world["service"]).trouble() == "KeyError: 'service'"


def test_a_scenario_is_divided_at_its_whens() -> None:
    told = [("given", "a"), ("then", "b"), ("when", "c"), ("then", "d"), ("when", "e"), ("then", "f")]
    parts = Parts.of([step(kind, name) for kind, name in told])
    assert [[each.name for each in part] for part in (parts.prelude, parts.whens, parts.thens)] == [
        ["a", "b"],
        ["c", "e"],
        ["f"],
    ]


def fit() -> list[tuple[str, Scenario]]:
    return [
        (path.name, scenario)
        for path in sorted(FEATURES.rglob("*.feature"))
        for scenario in scenarios_of(read_document(path)["feature"])
        if "@gameday" in {tag["name"] for tag in scenario["tags"]}
    ]


def test_what_is_fit_for_a_game_has_a_symptom_and_one_when() -> None:
    """The page says what a pager would; and a person can't be made to do two things by one."""
    found = fit()
    assert len(found) >= 10
    for path, scenario in found:
        where = f"{path}: {scenario['name']}"
        assert symptoms(scenario["description"]), where
        assert sum(each["keywordType"] == "Action" for each in scenario["steps"]) == 1, where
