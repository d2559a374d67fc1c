"""The pictures: each shows what it was given, and says the same in words."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from rehearsal.report.facts import Mark, Rollout, Sample, StateVersion
from rehearsal.report.pictures.canvas import short, ticks
from rehearsal.report.pictures.rollout import rollout_picture
from rehearsal.report.pictures.times import time_bar, times_picture
from rehearsal.report.pictures.trend import trend_picture
from rehearsal.report.pictures.versions import versions_picture
from tests.report.examples import rollout, trend, versions
from tests.report.reading import Page

_BUDGET = (120.0, 300.0)
_ROLLOUTS = st.lists(
    st.builds(
        Sample,
        t=st.floats(-60, 4000),
        tasks=st.lists(st.tuples(st.sampled_from(["41", "42", "<b>"]), st.integers(0, 50)), max_size=3).map(
            tuple
        ),
        ok=st.integers(0, 100),
        failed=st.integers(0, 100),
    ),
    max_size=12,
)


def _kinds(svg: str, tag: str) -> list[str]:
    return [values.get("class") or "" for each, values in Page(svg).tags if each == tag]


def test_a_rollout_has_an_area_for_each_revision_and_a_number_for_each_decision() -> None:
    picture = rollout_picture(rollout(), "one")
    assert picture is not None
    assert {"series-0", "series-1"} <= set(_kinds(picture.svg, "path"))
    assert _kinds(picture.svg, "circle") == ["mark"] * 3
    assert [key.label for key in picture.keys] == [
        "tasks of revision 41",
        "tasks of revision 42",
        "requests answered",
        "requests failed",
    ]
    assert picture.notes == (
        "At the beginning: We ask for revision 41",
        "After 1 min 6 s: The first task of 41 is healthy",
        "After 2 min 12 s: Landed",
    )


def test_a_rollout_says_in_words_where_it_began_and_ended_and_what_users_saw() -> None:
    picture = rollout_picture(rollout(), "one")
    assert picture is not None
    assert picture.text == (
        "It began with 4 tasks of revision 42; after 2 min 18 s there were 4 tasks of revision 41. "
        "48 of 240 requests failed meanwhile, the last of them by 1 min 24 s."
    )
    assert picture.text in Page(picture.svg).words


def test_a_rollout_in_which_nobody_asked_draws_no_answers() -> None:
    quiet = replace(rollout(), samples=tuple(replace(each, ok=0, failed=0) for each in rollout().samples))
    picture = rollout_picture(quiet, "one")
    assert picture is not None
    assert "No request was made meanwhile." in picture.text
    assert not {"ok", "failed"} & set(_kinds(picture.svg, "rect"))


def test_answers_belong_to_the_time_before_the_look_that_counted_them() -> None:
    """A failure that was counted at 10 s has happened between 0 s and 10 s."""
    two = (("41", 2),)
    seen = (Sample(t=0, tasks=two), Sample(t=10, tasks=two, failed=1), Sample(t=20, tasks=two, ok=1))
    picture = rollout_picture(Rollout(samples=seen), "one")
    assert picture is not None
    boxes = {v["class"]: float(v["x"] or 0) for t, v in Page(picture.svg).tags if t == "rect" and "x" in v}
    assert boxes["failed"] < boxes["ok"]


def test_of_a_rollout_that_nobody_saw_there_is_no_picture() -> None:
    assert rollout_picture(Rollout(), "one") is None
    assert rollout_picture(Rollout(samples=(Sample(t=0),)), "one") is None


@settings(max_examples=25)
@given(_ROLLOUTS, st.lists(st.builds(Mark, t=st.floats(-60, 5000), text=st.text(max_size=8)), max_size=5))
def test_whatever_was_seen_is_drawn_within_the_picture(samples: list[Sample], marks: list[Mark]) -> None:
    samples.sort(key=lambda sample: sample.t)
    picture = rollout_picture(Rollout(samples=tuple(samples), marks=tuple(marks)), "one")
    if picture is None:
        return
    page = Page(picture.svg)
    assert not page.mistakes
    assert "b" not in {tag for tag, _ in page.tags}
    for tag, values in page.tags:
        if tag == "rect" and "x" in values:
            right = float(values["x"] or 0) + float(values["width"] or 0)
            assert 0 <= float(values["x"] or 0) <= right <= 640
        if tag == "circle":
            assert 0 <= float(values["cx"] or 0) <= 640


def test_times_are_told_against_their_budget() -> None:
    picture = times_picture("Emergency rollback", (130, 140, 150, 400), budget=_BUDGET, name="one")
    assert picture is not None
    assert picture.text == (
        "Emergency rollback: 4 times, from 2 min 10 s to 6 min 40 s, median 2 min 25 s; "
        "the budget is 2 min to 5 min, 1 of them over the budget."
    )
    assert "over the budget" in [key.label for key in picture.keys]


def test_a_time_over_the_budget_is_another_box_than_one_within() -> None:
    """It is a hatched box, beyond the dashed end of the budget."""
    within, over = (times_picture("It", (seconds,), budget=_BUDGET, name="one") for seconds in (299.0, 301.0))
    assert within is not None
    assert over is not None
    assert "ok" in _kinds(within.svg, "rect")
    assert "ok" not in _kinds(over.svg, "rect")
    assert 'fill="url(#one-failed)"' in over.svg


def test_without_times_there_is_no_picture_of_them() -> None:
    assert times_picture("It", (), budget=_BUDGET, name="one") is None


def test_a_bar_is_only_decoration_of_the_words_beside_it() -> None:
    svg = time_bar(301, budget=_BUDGET)
    assert 'aria-hidden="true"' in svg
    assert "failed" in _kinds(svg, "rect")
    assert "ok" in _kinds(time_bar(299, budget=_BUDGET), "rect")


@settings(max_examples=25)
@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=30), st.floats(0, 1e5), st.floats(0, 1e5))
def test_whatever_was_timed_is_drawn(seconds: list[float], first: float, length: float) -> None:
    picture = times_picture("It", seconds, budget=(first, first + length), name="one")
    assert picture is not None
    assert not Page(picture.svg).mistakes
    assert len(_kinds(picture.svg, "rect")) <= 85


def test_the_chain_of_versions_has_the_newest_on_top_and_names_what_each_became() -> None:
    picture = versions_picture(versions(), "one")
    assert picture is not None
    assert picture.text == (
        "5 versions, the newest first: serial 7, current; no serial, deleted; serial 6, damaged; "
        "serial 5, restored; serial 4."
    )
    words = Page(picture.svg).words
    assert words.index("serial 7, current") < words.rindex("serial 4")
    assert "23 Nov 2026, 17:30:00 UTC" in words


def test_a_version_of_another_lineage_is_named() -> None:
    """Two histories in one key are what makes a restore dangerous."""
    at = datetime(2026, 11, 23, tzinfo=UTC)
    chain = (StateVersion(id="a", at=at, serial=1, lineage="x"), StateVersion(id="b", serial=2, lineage="y"))
    picture = versions_picture(chain, "one")
    assert picture is not None
    assert "b · another lineage" in Page(picture.svg).words


def test_a_long_chain_is_cut_and_says_how_long_it_is() -> None:
    picture = versions_picture([StateVersion(id=str(n), serial=n) for n in range(40)], "one")
    assert picture is not None
    assert len(_kinds(picture.svg, "circle")) == 12
    assert "and 28 older versions" in picture.text
    assert versions_picture((), "one") is None


def test_a_trend_tells_failed_runs_by_their_shape_and_all_of_them_in_words() -> None:
    picture = trend_picture(trend("passed", "failed", "in part", "passed"), "one")
    assert picture is not None
    assert _kinds(picture.svg, "rect") == ["ok", "partly", "ok"]
    assert _kinds(picture.svg, "path") == ["failed", "limit"]
    assert picture.text == (
        "last 4 runs, the oldest first: 2 passed, 1 failed, 1 in part; "
        "the slowest recovery took 46% of its budget"
    )
    assert trend_picture((), "one") is None


def test_an_axis_has_a_handful_of_round_moments() -> None:
    assert [label for _, label in ticks(138)] == ["0", "30 s", "1 min", "1:30", "2 min"]
    assert [label for _, label in ticks(8000)] == ["0", "30 min", "1 h", "1 h 30", "2 h"]
    assert short(45) == "45 s"


@settings(max_examples=50)
@given(st.floats(0.1, 1e8))
def test_no_axis_is_crowded(longest: float) -> None:
    assert 1 <= len(list(ticks(longest))) <= 6
