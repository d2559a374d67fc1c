"""A game day within a run of pytest: one scenario is chosen, the tool plays it, and then a person does."""

from __future__ import annotations

import random
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from rehearsal.collect import example_of, template_of
from rehearsal.gameday.debrief import Folder
from rehearsal.gameday.twin import Watched
from rehearsal.recording import story_of
from rehearsal.run import run_of

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from pytest_bdd.parser import Step

TAG = "gameday"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a game day was asked for.

    Attributes:
        speed: how many seconds of the stage pass in a real one.
        players: how many play.
        surprise: whether nobody is to know what is played.
        seed: what it is drawn by, and where everything random on the stage begins.
    """

    speed: float
    players: int
    surprise: bool
    seed: int


def hushed(config: pytest.Config) -> None:
    """Have pytest's own reporter name nothing while it runs."""
    option = config.option
    option.verbose = min(option.verbose, -1)
    option.reportchars = "" if option.reportchars == "fE" else option.reportchars
    option.tbstyle = "line" if option.tbstyle == "auto" else option.tbstyle


class GameItem(pytest.Function):
    """The test in which a person plays; the one before it is the tool's own run.

    Attributes:
        twin: that one.
    """

    twin: pytest.Function


class GameDay:
    """One game day.

    Attributes:
        asked: what was asked for.
        watched: the tool's own run.
    """

    def __init__(self, config: pytest.Config, asked: Asked) -> None:
        self.asked = asked
        self.watched = Watched()
        self._config = config
        self._twin: pytest.Function | None = None
        self.folder = Folder(None)

    def pytest_report_header(self) -> str:
        """Say that it is one."""
        return f"game day: speed {self.asked.speed:g}, players: {self.asked.players}"

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(
        self, session: pytest.Session, config: pytest.Config, items: list[pytest.Item]
    ) -> None:
        """Keep one scenario, twice: for the tool and for the players."""
        fit = sorted((item for item in items if self._is_fit(item)), key=_place)
        if session.testsfailed or config.option.collectonly:
            self._keep(items, fit)
            return
        if not fit:
            raise pytest.UsageError(
                f"None of the {len(items)} tests selected is fit for a game day in {run_of(config).environment.name}. "
                "These are: pytest --game-day --collect-only -q"
            )
        # The same seed draws the same one, wherever the suite lies.
        chosen = random.Random(self.asked.seed).choice(fit) if self.asked.surprise else fit[0]  # noqa: S311
        self.folder = Folder.of(config)
        self._keep(items, [chosen])
        items.append(self._game_of(chosen))

    def _keep(self, items: list[pytest.Item], kept: list[pytest.Item]) -> None:
        others = [item for item in items if item not in kept]
        if others:
            self._config.hook.pytest_deselected(items=others)
        items[:] = kept

    def _is_fit(self, item: pytest.Item) -> bool:
        if template_of(item) is None or item.get_closest_marker(TAG) is None:
            return False
        run = run_of(self._config)
        named = example_of(item).get("environment")
        return named is None or run.environments.get(named).name == run.environment.name

    def _game_of(self, chosen: pytest.Item) -> GameItem:
        if not isinstance(chosen, pytest.Function) or chosen.parent is None:
            raise TypeError(chosen)
        self._twin = chosen
        game = GameItem.from_parent(chosen.parent, name=f"{chosen.name} (game day)", callobj=self._play)
        game.twin = chosen
        return game

    def _play(self, request: pytest.FixtureRequest) -> None:
        """The test in which a person plays."""
        from rehearsal.gameday.table import Table  # noqa: PLC0415 - it imports moto, which only a stage may do first

        if not self.watched.passed:
            pytest.skip("The tool itself hasn't mended it, so no person is asked to.")
        with self._uncaptured():
            Table(self, request).play()

    # What the tool does.

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(
        self, fixturedef: pytest.FixtureDef[object], request: pytest.FixtureRequest
    ) -> Generator[None, object, object]:
        """Learn the tool's clock and journal."""
        value = yield
        if request.node is self._twin:
            match fixturedef.argname:
                case "stage":
                    self.watched.clock = value.clock  # type: ignore[attr-defined] # it is a Stage
                    self.watched.directory = value.directory  # type: ignore[attr-defined] # likewise
                case "access":
                    self.watched.journal = value.journal.path  # type: ignore[attr-defined] # it is an Access
        return value

    @pytest.hookimpl(trylast=True)
    def pytest_bdd_before_step(self, request: pytest.FixtureRequest, step: Step) -> None:
        """Learn when the tool began."""
        if request.node is self._twin and step.type == "when":
            self.watched.when()

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Learn what became of it; and of the game, no more has to be said than how it ended."""
        report = yield
        if call.excinfo is not None and isinstance(call.excinfo.value, pytest.fail.Exception):
            report.longrepr = str(call.excinfo.value)
        story = story_of(report)
        if item is self._twin and report.when == "call" and story is not None:
            self.watched.ends(story)
        return report

    @pytest.hookimpl(wrapper=True)
    def pytest_report_teststatus(self) -> Generator[None, tuple[str, str, object], tuple[str, str, str]]:
        """Count as pytest does, but print neither dot nor word."""
        category, *_ = yield
        return category, "", ""

    @contextmanager
    def _uncaptured(self) -> Iterator[None]:
        """Whoever plays sits at the terminal: what is typed is for the game, too."""
        capture = self._config.pluginmanager.getplugin("capturemanager")
        if capture is None:
            yield
            return
        capture.suspend_global_capture(in_=True)
        try:
            yield
        finally:
            capture.resume_global_capture()


def _place(item: pytest.Item) -> tuple[str, int]:
    """Where a scenario stands, so that the first is the first in the runbook."""
    path, line, _ = item.location
    return path, line or 0
