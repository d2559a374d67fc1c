"""The harness of the benchmarks: what it makes of what it measures. Nothing here is timed."""

from __future__ import annotations

import importlib
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks import __main__ as command
from benchmarks import chapter, infrastructure, stopwatch
from benchmarks.harness import Answer, Cost, Figure, Size, Verdict, densest, in_turns, ratio
from benchmarks.replay import Made, Names, asked_of_stock_moto
from benchmarks.stopwatch import Stopwatch


@pytest.mark.parametrize(
    ("value", "bound", "verdict"),
    [(2.0, 2.0, Verdict.KEPT), (2.01, 2.0, Verdict.MISSED), (9.9, None, Verdict.SHOWN)],
)
def test_a_figure_is_judged_by_its_bound(value: float, bound: float | None, verdict: Verdict) -> None:
    assert Figure("something", value, bound=bound).verdict is verdict


def test_rivals_take_turns_and_swap_places_each_round() -> None:
    order: list[str] = []

    def run(name: str) -> Cost:
        order.append(name)
        return Cost(len(order), 0)

    costs = in_turns({"a": lambda: run("a"), "b": lambda: run("b")}, rounds=2, warm_up=1)
    assert order == ["a", "b", "b", "a", "a", "b"]
    assert [cost.seconds for cost in costs["a"]] == [4, 5]


def test_a_ratio_is_of_neighbours_so_that_a_slow_while_does_not_count() -> None:
    """The third round was ten times as slow for both."""
    assert ratio([2, 2, 20], [1, 1, 10]) == 2


@given(st.lists(st.floats(0, 300), max_size=40).map(sorted), st.floats(1, 60))
def test_the_densest_window_is_that_which_holds_most(moments: list[float], window: float) -> None:
    expected = max((sum(at <= each < at + window for each in moments) for at in moments), default=0)
    assert densest(moments, window) == expected


def test_twelve_polls_five_seconds_apart_are_twelve_a_minute() -> None:
    """The poll after exactly a minute belongs to the next."""
    assert densest([5.0 * number for number in range(50)], 60) == 12


def test_a_part_within_a_part_counts_for_itself_only() -> None:
    ticks = itertools.count()
    watch = Stopwatch(clock=lambda: float(next(ticks)))
    with watch.part("outer"), watch.part("inner"), watch.part("outer"):
        pass
    assert watch.seconds == {"outer": 3.0, "inner": 2.0}
    assert watch.runs == {"outer": 2, "inner": 1}


def test_a_part_that_fails_is_left() -> None:
    ticks = itertools.count()
    watch = Stopwatch(clock=lambda: float(next(ticks)))
    with pytest.raises(LookupError), watch.part("outer"), watch.part("inner"):
        raise LookupError
    with watch.part("later"):
        pass
    assert watch.seconds == {"outer": 2.0, "inner": 1.0, "later": 1.0}


def test_what_was_named_at_random_is_asked_by_its_new_name() -> None:
    names = Names()
    here = {"taskDefinition": {"taskDefinitionArn": "arn:1:task-definition/app:41", "cpu": "256"}}
    there = {"taskDefinition": {"taskDefinitionArn": "arn:2:task-definition/app:2", "cpu": "256"}}
    names.learn(here, there)
    asked = {"taskDefinition": "app:41", "all": ["arn:1:task-definition/app:41", "256", 41]}
    assert names.translated(asked) == {
        "taskDefinition": "app:2",
        "all": ["arn:2:task-definition/app:2", "256", 41],
    }


def test_what_stock_moto_lacks_is_asked_as_the_nearest_of_its_reads() -> None:
    made = Made("ecs", "ListServiceDeployments", {"cluster": "c", "service": "s", "status": []}, {})
    assert asked_of_stock_moto(made, Names()) == ("ListServices", {"cluster": "c"})


@pytest.mark.parametrize(("value", "code"), [(1.0, 0), (3.0, 1)])
def test_a_missed_bound_is_the_exit_code(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], value: float, code: int
) -> None:
    asked: list[Size] = []

    def answer(_: str, size: Size) -> Answer:
        asked.append(size)
        return Answer((Figure("the thing itself", value, bound=2.0),), ("As it is.",))

    monkeypatch.setattr(command, "answered", answer)
    assert command.main(["--only", "calls", "--seeds", "7"]) == code
    assert asked == [Size(seeds=7)]
    shown = capsys.readouterr().out
    assert "the thing itself" in shown
    assert ("missed" if code else "kept") in shown


def test_every_question_has_a_module_that_answers() -> None:
    for question in command.QUESTIONS:
        module = importlib.import_module(f"benchmarks.{question}")
        assert callable(module.answer)


@pytest.mark.parametrize("argument", ["0", "-1", "many"])
def test_a_size_is_a_positive_number(argument: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        command.main(["--rounds", argument])
    assert "--rounds" in capsys.readouterr().err


def test_what_a_chapter_costs_is_divided_by_its_calls_alone() -> None:
    assert (
        chapter.beyond({chapter.GIT: 2.0, stopwatch.CALLS: 1.0, chapter.REST: 0.5, stopwatch.FSYNC: 0.25})
        == 1.25
    )


def test_what_a_chapter_of_terraform_costs_is_divided_by_what_it_calls() -> None:
    """Git may count for either side."""
    seconds = {
        infrastructure.TEAM: 1.0,
        infrastructure.VERSION: 0.5,
        f"{infrastructure.OPERATOR}plan": 1.5,
        stopwatch.CALLS: 1.0,
        infrastructure.GIT: 1.0,
        infrastructure.REST: 1.0,
    }
    assert infrastructure.beyond(seconds) == 6 / 5
    assert infrastructure.beyond(seconds, git=False) == 6 / 4
    assert infrastructure.set_up(seconds) == 50


@pytest.mark.parametrize(
    ("argv", "part"),
    [
        (("/usr/bin/terraform", "state", "push", "-lock=false", "x"), "terraform state push"),
        (("/usr/bin/terraform", "-chdir=x", "plan", "-out=y"), "terraform plan"),
        (("python", "-P", "/x/library.py", "version", "-json"), "terraform version"),
        (("git", "push"), infrastructure.GIT),
    ],
)
def test_a_program_belongs_to_a_part(argv: tuple[str, ...], part: str) -> None:
    assert infrastructure.command(argv) == part


def test_what_another_thread_does_for_a_program_is_not_the_program_s() -> None:
    watches = infrastructure.Watches()
    watches.of[watches.main].seconds["terraform plan"] = 3.0
    watches.of[0].seconds[f"terraform plan\n{stopwatch.CALLS}"] = 1.0
    assert watches.seconds() == {"terraform plan": 2.0, stopwatch.CALLS: 1.0}
