"""One process that plays AWS for all of these tests, and a machine that knows nobody else."""

from __future__ import annotations

import os
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from rehearsal.drill import drill
from rehearsal.serving.process import ServingProcess
from rollback.ecs import watching
from rollback.environment import load

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from rehearsal.serving.control import Control
    from rollback.environment import Environment

ROOT = Path(__file__).parents[2]
NAME = "staging"
POLL = 0.25
"""Real seconds that whoever waits lets pass before they look again."""


@dataclass(frozen=True)
class Place:
    """Staging, played by another process.

    Attributes:
        control: how it is asked what has happened.
        variables: what leads there from a terminal.
        environments: the file in which staging's application and GitHub are on loopback.
    """

    control: Control
    variables: Mapping[str, str]
    environments: Path

    @property
    def environment(self) -> Environment:
        return load(self.environments).get(NAME)

    @contextmanager
    def unchanged(self) -> Iterator[None]:
        """Nothing within this block asks for a change."""
        before = len(self.control.requests())
        yield
        assert self.changes(before) == []

    def changes(self, since: int = 0) -> list[str]:
        """What was asked for that is no read."""
        return [each["what"] for each in self.control.requests(since) if not each["reads"]]


@contextmanager
def played() -> Iterator[Place]:
    """Staging with three healthy revisions, in which a minute passes in a second."""
    arguments = (f"--env={NAME}", "--speed=60", "--broken=nothing")
    with ServingProcess(ROOT / "environments.toml", *arguments) as process:
        variables = process.control.stage()["variables"]
        yield Place(process.control, variables, Path(variables["ROLLBACK_ENVIRONMENTS"]))


@pytest.fixture(scope="session")
def place() -> Iterator[Place]:
    """A place for all who only look; who changes something has another."""
    with played() as place:
        yield place


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever waits here for a stage that runs sixty times as fast looks again that much sooner."""
    monkeypatch.setattr(watching, "interval", lambda _: POLL)
    monkeypatch.setattr(drill, "_PAUSE", POLL)


@pytest.fixture
def machine(place: Place, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A terminal that leads to that place, and to nothing of this machine's own; returns where it keeps journals."""
    for name in [name for name in os.environ if name.startswith(("AWS_", "GIT_", "XDG_"))]:
        monkeypatch.delenv(name)
    for name, value in place.variables.items():
        monkeypatch.setenv(name, value)
    kept = tmp_path / "state"
    monkeypatch.setenv("XDG_STATE_HOME", str(kept))
    return kept / "rollback"
