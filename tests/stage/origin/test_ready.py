"""A repository that is put down again is the one that was built, and nobody else's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from rehearsal.blueprint import Blueprint
from rehearsal.clock import VirtualClock
from rehearsal.origin import history, ready
from rehearsal.origin.repository import Bare
from rollback.environment import Environments, load

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def environments(pytestconfig: pytest.Config) -> Environments:
    return load(pytestconfig.rootpath / "environments.toml")


@pytest.fixture(scope="module")
def blueprint(environments: Environments) -> Blueprint:
    table = environments.section(environments.default, "rehearsal")
    return Blueprint.read(table, file="environments.toml", key="rehearsal")


def test_it_is_the_one_that_is_built(
    tmp_path: Path, environments: Environments, blueprint: Blueprint
) -> None:
    """The first and every later one have the branches, files and history of one that was built by itself."""
    built = Bare(tmp_path / "built.git", VirtualClock())
    past = history.build(built, environments, blueprint)
    for name in ("first", "second"):
        bare, here = ready.repository(tmp_path / name, VirtualClock(), environments, blueprint)
        assert here == past
        assert bare.branches() == built.branches()
        assert bare.resolve(past.tag) == past.tagged
        assert bare.resolve("HEAD") == built.tip(past.branch)
        assert bare.files(past.branch) == built.files(past.branch)


def test_what_happens_in_one_happens_in_no_other(
    tmp_path: Path, environments: Environments, blueprint: Blueprint
) -> None:
    """A commit, a protected branch and a deleted one stay where they were made."""
    one, past = ready.repository(tmp_path / "one", VirtualClock(), environments, blueprint)
    one.commit(past.branch, "Change it", {"app/new.py": "NEW = 1\n"})
    one.protect(past.branch, "Changes must be made through a pull request.")
    other, _ = ready.repository(tmp_path / "other", VirtualClock(), environments, blueprint)
    assert "app/new.py" not in other.files(past.branch)
    assert not list((other.path / "stage").rglob("why"))
    assert one.tip(past.branch) != other.tip(past.branch)


def test_another_time_or_another_blueprint_is_another_history(
    tmp_path: Path, environments: Environments, blueprint: Blueprint
) -> None:
    """What was built for something else is not put down."""
    _, past = ready.repository(tmp_path / "past", VirtualClock(), environments, blueprint)
    later = VirtualClock()
    later.sleep(86400)
    _, of_later = ready.repository(tmp_path / "later", later, environments, blueprint)
    changed = blueprint.model_copy(update={"health_path": "/elsewhere"})
    _, of_changed = ready.repository(tmp_path / "changed", VirtualClock(), environments, changed)
    assert len({past.tagged, of_later.tagged, of_changed.tagged}) == 3
