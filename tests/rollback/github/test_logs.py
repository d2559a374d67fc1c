from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rollback.github.logs import LONGEST, last_lines
from rollback.github.transport import TAIL_BYTES
from tests.rollback.github.script import NOT_FOUND, TOKEN, Reply, Script

if TYPE_CHECKING:
    from rollback.github import GitHub

LOG = """\
\ufeff2026-01-05T03:01:00.1234567Z ##[group]Run pytest
2026-01-05T03:01:01.0000000Z \x1b[36;1mpytest\x1b[0m
2026-01-05T03:01:02.0000000Z ##[endgroup]

2026-01-05T03:01:09.0000000Z E   assert 1 == 2
2026-01-05T03:01:10.0000000Z ##[error]Process completed with exit code 1.
2026-01-05T03:01:11.0000000Z Post job cleanup.
2026-01-05T03:01:12.0000000Z Cleaning up orphan processes
"""


def test_the_last_lines_end_with_the_error() -> None:
    """What the runner tidies up afterwards says nothing of the cause."""
    assert last_lines(LOG, 2) == ("E   assert 1 == 2", "##[error]Process completed with exit code 1.")
    assert last_lines(LOG, 99)[:2] == ("##[group]Run pytest", "pytest")


def test_a_log_without_an_error_is_told_to_its_end() -> None:
    assert last_lines(LOG.replace("##[error]", ""), 1) == ("Cleaning up orphan processes",)


def test_a_line_without_end_is_cut() -> None:
    assert last_lines("x" * 5000, 1) == ("x" * LONGEST,)


@given(st.text(), st.integers(-1, 12))
def test_whatever_is_in_a_log_no_terminal_is_driven_by_it(text: str, count: int) -> None:
    shown = last_lines(text, count)
    assert len(shown) <= max(0, count)
    assert all(line.isprintable() and 0 < len(line) <= LONGEST for line in shown)


def test_the_token_is_not_shown_should_a_job_have_printed_it(script: Script, github: GitHub) -> None:
    script.on("GET /actions/jobs/5/logs", Reply(200, f"2026-01-05T03:01:00Z token={TOKEN}\n".encode()))
    assert github.log_tail(5) == ("token=***",)


def test_half_of_what_was_cut_off_is_not_shown(script: Script, github: GitHub) -> None:
    """It could be half of a secret."""
    script.on("GET /actions/jobs/5/logs", Reply(200, f"{TOKEN} ".encode() * 10_000 + b"\nthe end\n"))
    assert github.log_tail(5) == ("the end",)


def test_of_a_large_log_only_the_end_is_held(script: Script, github: GitHub) -> None:
    script.on("GET /actions/jobs/5/logs", Reply(200, b"x" * (TAIL_BYTES * 3) + b"the end"))
    transport = vars(github)["_transport"]
    end = transport.tail("/repos/team/app/actions/jobs/5/logs", transport.asked("a log", "Actions: read"))
    assert len(end) == TAIL_BYTES
    assert end.endswith(b"the end")


def test_a_log_that_github_does_not_have_is_empty(script: Script, github: GitHub) -> None:
    script.on("GET /actions/jobs/5/logs", NOT_FOUND)
    assert github.log_tail(5) == ()


@pytest.mark.parametrize("lines", [1, 3])
def test_as_many_lines_as_asked_for(script: Script, github: GitHub, lines: int) -> None:
    script.on("GET /actions/jobs/5/logs", Reply(200, b"a\nb\nc\nd\n"))
    assert github.log_tail(5, lines=lines) == ("a", "b", "c", "d")[-lines:]
