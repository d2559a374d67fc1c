"""What is shown of a run while it goes on: a line that changes on a terminal, and plain lines elsewhere."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime

import pytest
from rich.console import Console

from rehearsal.clock import VirtualClock
from rehearsal.gameday.terminal import Terminal
from rehearsal.progress import Progress, Standing, StatusLine, changes
from rollback.journal import Entry, Kind

STEERING = re.compile(r"\x1b")


@pytest.fixture(autouse=True)
def _no_habits(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CI", "TERM", "NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")


def console(*, terminal: bool, width: int = 100) -> Console:
    return Console(file=io.StringIO(), force_terminal=terminal, width=width, color_system=None)


def written(at: Console) -> str:
    assert isinstance(at.file, io.StringIO)
    return at.file.getvalue()


def entry(kind: Kind, what: str) -> Entry:
    return Entry(1, datetime(2026, 1, 5, tzinfo=UTC), kind, what, {})


def test_a_line_says_chapter_step_what_is_waited_for_how_long_and_what_is_left() -> None:
    standing = Standing(
        chapter="A drill", step="When it rolls back", waiting="2 of 4 tasks", passed=75, budget=300
    )
    assert (
        standing.line().plain
        == "1 min 15 s, 3 min 45 s left: A drill: When it rolls back, waiting for 2 of 4 tasks"
    )
    late = Standing(waiting="somebody", passed=301, budget=300)
    assert late.line().plain == "5 min 1 s, 1 s over the budget: waiting for somebody"


def test_what_would_steer_the_terminal_is_shown_as_text() -> None:
    assert "\x1b" not in Standing(chapter="\x1b[2J", step="x", waiting="\x1b[2J").line().plain


def test_without_a_terminal_there_is_one_plain_line_a_step() -> None:
    clock, out = VirtualClock(), console(terminal=False)
    progress = Progress(out, clock.monotonic)
    progress.begins("A drill", "Given a service")
    progress.heard(entry(Kind.OBSERVATION, "2 of 4 tasks"))
    clock.sleep(60)
    progress.ends()
    progress.begins("A drill", "When it rolls back", 300)
    progress.ends()
    assert written(out) == "A drill: Given a service\n5 min left: A drill: When it rolls back\n"


def test_in_ci_nothing_changes_even_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    out = console(terminal=True)
    assert not changes(out)
    Progress(out, VirtualClock().monotonic).begins("A drill", "Given a service")
    assert not STEERING.search(written(out))


def test_a_dumb_terminal_gets_plain_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "dumb")
    assert not changes(console(terminal=True))


def test_on_a_terminal_the_line_changes_and_leaves_nothing_behind() -> None:
    clock, out = VirtualClock(), console(terminal=True)
    progress = Progress(out, clock.monotonic)
    progress.begins("A drill", "When it rolls back", 300)
    clock.sleep(75)
    progress.heard(entry(Kind.CALL, "ecs:UpdateService"))
    assert progress.standing.line().plain == (
        "1 min 15 s, 3 min 45 s left: A drill: When it rolls back, waiting for what comes of ecs:UpdateService"
    )
    with progress.aside():
        out.print("Something else.")
    progress.ends()
    progress.ends()
    shown = written(out)
    assert "When it rolls back" in shown
    assert shown.rpartition("Something else.")[2].endswith(("\x1b[2K", "\x1b[?25h", "\r\x1b[1A\x1b[2K"))


def test_what_somebody_types_stays_where_it_is() -> None:
    """The line above is drawn anew between a saved place and its return."""
    out = console(terminal=True, width=40)
    line = StatusLine(out)
    line.stands(Standing(waiting="somebody who mends it", passed=1, budget=300))
    line.stands(Standing(waiting="somebody who mends it", passed=2, budget=300))
    first, second = written(out).removeprefix("\n").split("\x1b8")[:2]
    for each in (first, second):
        assert each.startswith("\x1b7\x1b[1A\r")
        assert each.endswith("\x1b[K")
        assert "\n" not in each
        assert len(STEERING.split(each)[2].removeprefix("[1A\r")) < 40


def test_a_game_without_a_terminal_says_only_what_is_new() -> None:
    out = console(terminal=False)
    terminal = Terminal(out, "The way back")
    for passed in (0.0, 5.0, 10.0):
        terminal.stands("somebody who mends it", passed, 300 - passed)
    terminal.stands("the proof that it stays so", 15, 285)
    assert written(out).splitlines() == [
        "5 min left: The way back, waiting for somebody who mends it",
        "15 s, 4 min 45 s left: The way back, waiting for the proof that it stays so",
    ]
