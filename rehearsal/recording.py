"""The hooks by which each scenario's story is written down and travels on its report."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final, Protocol

import pytest

from rehearsal.collect import example_of, template_of
from rehearsal.hiding import hide
from rehearsal.story import Recorder, ScenarioStory, StepStory, table_lines

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from pytest_bdd.parser import Step

    from rehearsal.story import Gatherer

RECORDER: Final = pytest.StashKey[Recorder]()


class Audience(Protocol):
    """Somebody who is told while it happens."""

    def scenario_begins(self, story: ScenarioStory) -> None:
        """This scenario is about to be played."""

    def step_ends(self, step: StepStory) -> None:
        """This step of it has been played."""


class Recording:
    """Writes the story of each scenario, in the process that plays it.

    Args:
        audience: who is told while it happens, if anybody.
        gatherer: makes what gathers the evidence of a scenario, if anything does.

    Attributes:
        audience: who is told while it happens, if anybody.
        broken_off: the story of the scenario in which somebody has pressed Ctrl-C.
    """

    def __init__(
        self, audience: Audience | None = None, gatherer: Callable[[], Gatherer] | None = None
    ) -> None:
        self.audience = audience
        self.broken_off: ScenarioStory | None = None
        self._gatherer = gatherer
        self._playing: Recorder | None = None

    @pytest.fixture(name="story")
    def recorder(self, request: pytest.FixtureRequest) -> Recorder:
        """What this scenario has to tell: `timing` and `clock`. A test that is no scenario may use it for nothing."""
        aside = ScenarioStory(nodeid=request.node.nodeid, path="", chapter="", name=request.node.name, line=0)
        stash: pytest.Stash = request.node.stash
        return stash.setdefault(RECORDER, Recorder(aside))

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Begin the story, before anything of the scenario can fail."""
        if (story := _beginning(item)) is not None:
            tell = self.audience.step_ends if self.audience else None
            gatherer = self._gatherer() if self._gatherer else None
            self._playing = item.stash[RECORDER] = Recorder(story, tell=tell, gatherer=gatherer)
            if self.audience:
                self.audience.scenario_begins(story)

    def pytest_bdd_before_step(self, request: pytest.FixtureRequest) -> None:
        """A step begins."""
        request.node.stash[RECORDER].step_begins()

    def pytest_bdd_after_step(self, request: pytest.FixtureRequest) -> None:
        """A step has passed."""
        request.node.stash[RECORDER].step_ends("passed")

    def pytest_bdd_step_error(self, request: pytest.FixtureRequest) -> None:
        """A step has failed, or one of the fixtures it asked for."""
        request.node.stash[RECORDER].step_ends("failed")

    def pytest_bdd_step_func_lookup_error(self, request: pytest.FixtureRequest) -> None:
        """A step has no definition."""
        request.node.stash[RECORDER].step_begins()
        request.node.stash[RECORDER].step_ends("failed", undefined=True)

    def pytest_keyboard_interrupt(self) -> None:
        """Somebody has had enough: no report will say in which step, so the step does."""
        if self._playing and self._playing.story.outcome == "not reached":
            self.broken_off = self._playing.ends("failed", message="It was broken off.")

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Put the story on the report that decides the scenario: of the call, or of whatever went wrong around it.

        `pytest.skip()` in a step tells nobody, so that is where the step ends.
        """
        report = yield
        hide(report)
        recorder = item.stash.get(RECORDER, None)
        if recorder is None or template_of(item) is None:
            return report
        if report.passed and report.when != "call":
            return report
        message, place = message_of(report), _place(report, item.config)
        if report.when == "teardown":
            story = recorder.fails_afterwards(message, place=place, real_seconds=report.duration)
        else:
            story = recorder.ends(report.outcome, message=message, place=place, real_seconds=report.duration)
        report.story = story.as_data()  # type: ignore[attr-defined] # pytest sends what is on a report
        return report


def story_of(report: pytest.TestReport) -> ScenarioStory | None:
    """The story that came with `report`, if any did."""
    data = getattr(report, "story", None)
    return None if data is None else ScenarioStory.from_data(data)


def _beginning(item: pytest.Item) -> ScenarioStory | None:
    """The story of `item` before anything has happened, or None if it is no scenario."""
    if (template := template_of(item)) is None:
        return None
    example = example_of(item)
    scenario = template.render(example)
    return ScenarioStory(
        nodeid=item.nodeid,
        path=os.path.relpath(template.feature.filename, item.config.rootpath),
        chapter=template.feature.name,
        rule=template.rule.name if template.rule else "",
        name=scenario.name,
        line=template.line_number,
        tags=tuple(sorted({mark.name for mark in item.iter_markers()} - {"parametrize"})),
        example=tuple(example.items()),
        steps=tuple(StepStory(s.keyword, s.name, s.line_number, _details(s)) for s in scenario.steps),
    )


def _details(step: Step) -> tuple[str, ...]:
    table = table_lines(step.datatable.raw()) if step.datatable else ()
    return (*table, *(step.docstring.splitlines() if step.docstring else ()))


def message_of(report: pytest.TestReport) -> str:
    """Why `report` isn't a success, in the words of the assertion, of the error or of whoever skipped it."""
    if hasattr(report, "wasxfail"):
        return f"expected to fail: {report.wasxfail}".rstrip(": ")
    if isinstance(report.longrepr, tuple):
        return report.longrepr[2].removeprefix("Skipped: ")
    crash = getattr(report.longrepr, "reprcrash", None)
    if crash is not None:
        return str(crash.message).removeprefix("AssertionError: ").removeprefix("Failed: ")
    text = str(report.longrepr or "")
    marked = [line[1:].strip() for line in text.splitlines() if line.startswith("E  ")]
    return "\n".join(marked) or text


def _place(report: pytest.TestReport, config: pytest.Config) -> str:
    """The file and line in which `report` failed, if that is known."""
    crash = getattr(report.longrepr, "reprcrash", None)
    return f"{os.path.relpath(crash.path, config.rootpath)}:{crash.lineno}" if crash else ""
