"""`--narrate`: pytest's own output steps aside, and the run is told as it happens."""

from __future__ import annotations

import time
from collections import deque
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING

import pytest

from rehearsal.recording import message_of, story_of
from rehearsal.run import repeat, stage_of
from rehearsal.stage import LIVE as LIVE_STAGE
from rehearsal.summary import LIVE, REHEARSED, Summary
from rehearsal.telling import Teller, console_for

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator, Sequence

    from rehearsal.story import ScenarioStory, StepStory


def step_aside(config: pytest.Config) -> None:
    """Keep pytest's own reporter to what the narration doesn't tell: errors of its own, and the last line."""
    option = config.option
    option.verbose = min(option.verbose, -1)
    option.reportchars = "" if option.reportchars == "fE" else option.reportchars
    option.tbstyle = "no" if option.tbstyle == "auto" else option.tbstyle


class Narrator:
    """Tells the run: as it happens, or, where several workers play, in the runbook's own order."""

    def __init__(self, config: pytest.Config, opening: Callable[[], Iterable[str]]) -> None:
        self._config = config
        self._opening = opening
        self._teller = Teller(console_for(config.option.color))
        self._summary = Summary(LIVE if stage_of(config) == LIVE_STAGE else REHEARSED)
        self._in_order: InOrder | None = None
        self._began = time.perf_counter()

    def pytest_sessionstart(self) -> None:
        """Say what is going to be rehearsed, and nothing of the workers that come up for it."""
        plugins = self._config.pluginmanager
        if (distributed := plugins.getplugin("dsession")) is not None:
            distributed.terminal = None
            plugins.unregister(name="terminaldistreporter")
            self._in_order = InOrder()
        self._teller.opening(self._opening())

    @pytest.hookimpl(wrapper=True)
    def pytest_report_teststatus(
        self,
    ) -> Generator[None, tuple[str, str, object], tuple[str, str, str]]:
        """Count as pytest does, but print neither dot nor word."""
        category, *_ = yield
        return category, "", ""

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids: Sequence[str]) -> None:
        """Learn the order in which the workers' reports are to be told."""
        if self._in_order:
            self._in_order.expect(ids)

    def scenario_begins(self, story: ScenarioStory) -> None:
        """Tell the title, before the first step."""
        with self._uncaptured():
            self._teller.scenario(story)

    def step_ends(self, step: StepStory) -> None:
        """Tell the step."""
        with self._uncaptured():
            self._teller.step(step)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Tell how a scenario ended; where others play it, tell all of it when its turn has come."""
        for each in self._in_order.release(report) if self._in_order else (report,):
            self._tell(each)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Tell what is left, what could not be collected, and how it went as a whole."""
        if self._in_order:
            for report in self._in_order.rest():
                self._tell(report)
        for report in terminalreporter.stats.get("error", ()):
            if isinstance(report, pytest.CollectReport):
                self._teller.stray(report.nodeid, report.longreprtext)
        self._summary.tell(
            self._teller,
            repeat=lambda nodeid: repeat(self._config, nodeid),
            real_seconds=time.perf_counter() - self._began,
        )

    def _tell(self, report: pytest.TestReport) -> None:
        story = story_of(report)
        if story is None:
            if report.failed:
                self._teller.stray(report.nodeid, message_of(report))
            return
        self._summary.add(story)
        if report.when == "teardown":
            self._teller.aftermath(story)
            return
        if self._in_order:
            self._teller.scenario(story)
            for step in story.steps:
                if step.outcome != "not reached":
                    self._teller.step(step)
        self._teller.ending(story)

    @contextmanager
    def _uncaptured(self) -> Iterator[None]:
        """What is told while a test runs is not part of the test's output."""
        capture = self._config.pluginmanager.getplugin("capturemanager")
        with capture.global_and_fixture_disabled() if capture else nullcontext():
            yield


class InOrder:
    """Holds the workers' reports back until those of all earlier tests are there."""

    def __init__(self) -> None:
        self._expected: deque[str] = deque()
        self._waiting: dict[str, list[pytest.TestReport]] = {}
        self._complete: set[str] = set()

    def expect(self, ids: Iterable[str]) -> None:
        """The tests, in their order; every worker has collected the same ones, so the first to say so is enough."""
        if not self._expected:
            self._expected.extend(ids)

    def release(self, report: pytest.TestReport) -> Iterator[pytest.TestReport]:
        """Take `report` in, and give what can be told by now."""
        self._waiting.setdefault(report.nodeid, []).append(report)
        if report.when not in ("setup", "call"):
            self._complete.add(report.nodeid)
        while self._expected and self._expected[0] in self._complete:
            yield from self._waiting.pop(self._expected.popleft(), ())

    def rest(self) -> Iterator[pytest.TestReport]:
        """What has not been told when the run ends early."""
        for nodeid in (*self._expected, *self._waiting):
            yield from self._waiting.pop(nodeid, ())
