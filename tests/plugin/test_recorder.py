"""The recorder times the steps, and a story travels whole."""

from __future__ import annotations

import json
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rehearsal.clock import VirtualClock
from rehearsal.story import Recorder, ScenarioStory, StepStory, Timing, table_lines


@dataclass
class Budget:
    from_seconds: float = 120
    to_seconds: float = 300


def recorder(steps: int = 2) -> Recorder:
    unplayed = tuple(StepStory("Given", "x", line) for line in range(steps))
    return Recorder(ScenarioStory(nodeid="f", path="f", chapter="F", name="S", line=1, steps=unplayed))


def test_a_clock_that_is_handed_in_during_a_step_times_the_rest_of_it() -> None:
    it = recorder(1)
    clock = VirtualClock()
    clock.sleep(1000)
    it.step_begins()
    it.clock(clock)
    clock.sleep(3)
    it.step_ends("passed")

    assert it.ends("passed").seconds == 3


def test_time_between_steps_belongs_to_none_of_them() -> None:
    it = recorder()
    clock = VirtualClock()
    it.clock(clock)
    for _ in range(2):
        clock.sleep(100)
        it.step_begins()
        clock.sleep(3)
        it.step_ends("passed")

    assert it.ends("passed").seconds == 6


def test_steps_are_told_when_they_end() -> None:
    heard: list[StepStory] = []
    unplayed = (StepStory("Given", "x", 1), StepStory("Then", "y", 2))
    it = Recorder(
        ScenarioStory(nodeid="f", path="f", chapter="F", name="S", line=1, steps=unplayed), tell=heard.append
    )
    it.step_begins()
    assert heard == []
    it.step_ends("passed")
    it.step_begins()
    it.ends("skipped")

    assert [(step.text, step.outcome) for step in heard] == [("x", "passed"), ("y", "skipped")]


@pytest.mark.parametrize(("seconds", "within"), [(30, True), (300, True), (300.5, False)])
def test_a_timing_is_within_its_budget_if_it_took_no_longer(seconds: float, within: bool) -> None:  # noqa: FBT001
    it = recorder()
    it.timing("rollback", seconds, Budget())

    [timing] = it.ends("passed").timings
    assert timing.within is within


texts = st.text(max_size=20)
numbers = st.floats(0, 1e6)
ends = st.sampled_from(["passed", "failed", "skipped", "not reached"])
stories = st.builds(
    ScenarioStory,
    nodeid=texts,
    path=texts,
    chapter=texts,
    rule=texts,
    name=texts,
    line=st.integers(1),
    tags=st.lists(texts).map(tuple),
    example=st.lists(st.tuples(texts, texts)).map(tuple),
    steps=st.lists(
        st.builds(
            StepStory,
            texts,
            texts,
            st.integers(1),
            details=st.lists(texts).map(tuple),
            outcome=ends,
            seconds=numbers,
        ),
        max_size=3,
    ).map(tuple),
    timings=st.lists(st.builds(Timing, texts, numbers, numbers, numbers), max_size=3).map(tuple),
    outcome=ends,
    message=texts,
    place=texts,
    aftermath=texts,
    real_seconds=numbers,
)


@given(stories)
def test_a_story_survives_the_journey_between_processes(story: ScenarioStory) -> None:
    assert ScenarioStory.from_data(json.loads(json.dumps(story.as_data()))) == story


def test_a_table_is_written_with_its_columns_in_line() -> None:
    assert table_lines([["revision", "n"], [41, 4000]]) == ("| revision | n    |", "| 41       | 4000 |")
