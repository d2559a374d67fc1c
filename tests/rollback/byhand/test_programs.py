"""A program as a line of a shell, held against a shell."""

from __future__ import annotations

import shlex
import subprocess
import sys
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from rollback.byhand import command_line

if TYPE_CHECKING:
    from pathlib import Path

WORDS = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0"))


@given(st.lists(WORDS.filter(lambda word: "://" not in word), min_size=1))
def test_a_shell_reads_back_what_was_run(args: list[str]) -> None:
    assert shlex.split(command_line(args)) == args


def test_pasted_into_a_shell_it_runs_where_it_ran_and_the_shell_stays(tmp_path: Path) -> None:
    place = tmp_path / "it's here"
    place.mkdir()
    shows = command_line(
        [sys.executable, "-c", "import os, sys; print(os.getcwd(), sys.argv[1:])", "a b", "$HOME"], str(place)
    )
    said = subprocess.run(  # noqa: S603 - a shell, which is what the line is for
        ["/bin/bash", "-euo", "pipefail", "-c", f"{shows}; pwd"], cwd=tmp_path, capture_output=True, text=True, check=True
    ).stdout  # fmt: skip
    assert said.splitlines() == [f"{place} ['a b', '$HOME']", str(tmp_path)]


def test_a_password_in_a_url_is_in_no_line() -> None:
    line = command_line(["git", "fetch", "https://robot:ghp_secret@github.com/team/app.git"])
    assert line == "git fetch 'https://***@github.com/team/app.git'"
