"""Where a live run stands, while pytest captures what is printed."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest
from pytest_bdd.parser import Step

from rehearsal.live import showing
from rehearsal.live.showing import Showing
from rollback.environment import load

if TYPE_CHECKING:
    from pytest_bdd.parser import Feature

ENVIRONMENTS = Path(__file__).parents[2] / "environments.toml"
FEATURE = cast("Feature", SimpleNamespace(name="A drill"))


def step(kind: str, name: str) -> Step:
    return Step(name=name, type=kind, indent=0, line_number=1, keyword=kind.title())


def request(*tags: str) -> Any:
    marks = [SimpleNamespace(name=tag) for tag in tags]
    return SimpleNamespace(node=SimpleNamespace(iter_markers=lambda: marks))


@pytest.fixture
def shows(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Makes one, and says where it writes."""
    monkeypatch.setenv("CI", "true")
    run = SimpleNamespace(environment=load(ENVIRONMENTS).get("staging"))
    monkeypatch.setattr(showing, "run_of", lambda _: run)

    def make(*plugins: str) -> tuple[Showing, io.StringIO]:
        written = io.StringIO()
        monkeypatch.setattr(sys, "stderr", written)
        manager = SimpleNamespace(getplugin=lambda _: None, hasplugin=plugins.__contains__)
        config = SimpleNamespace(pluginmanager=manager, add_cleanup=lambda _: None)
        return Showing(cast("pytest.Config", config)), written

    return make


def test_without_a_terminal_each_step_is_a_line_and_what_changes_something_has_a_budget(shows: Any) -> None:
    shown, written = shows()
    shown.pytest_bdd_before_step(request("ecs"), FEATURE, step("given", "a service"))
    shown.pytest_bdd_after_step()
    shown.pytest_bdd_before_step(request("ecs"), FEATURE, step("when", "the drill rolls back"))
    shown.pytest_bdd_step_error()
    shown.pytest_bdd_before_step(request("ecs", "readiness"), FEATURE, step("when", "we look"))
    shown.pytest_runtest_teardown()
    assert written.getvalue().splitlines() == [
        "A drill: Given a service",
        "5 min left: A drill: When the drill rolls back",
        "A drill: When we look",
    ]


def test_where_each_step_is_narrated_it_is_not_said_twice(shows: Any) -> None:
    shown, written = shows("rollback-narrator")
    shown.pytest_bdd_before_step(request("ecs"), FEATURE, step("given", "a service"))
    assert written.getvalue() == ""
