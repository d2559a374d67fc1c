"""The words of a revert."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rollback.git import Commit, revert_message
from rollback.git.reverts import pull_request_of, reverts

WORDS = [
    "[skip ci]", "[ci skip]", "[no ci]", "[skip actions]", "[actions skip]", "[SKIP CI]", "[Skip Actions]",
    "[skip-ci]", "[ skip  ci ]", "***NO_CI***", "skip-checks:true", "skip-checks: true", "[skip checks]",
]  # fmt: skip


def starts_nothing(message: str) -> bool:
    """Whether GitHub would start no workflow for it (GitHub Docs, "Skipping workflow runs")."""
    low = message.lower()
    words = ("[skip ci]", "[ci skip]", "[no ci]", "[skip actions]", "[actions skip]")
    return any(word in low for word in words) or re.search(r"skip-checks:\s*true", low) is not None


def commit(message: str = "Add the thing", *parents: str, sha: str = "a" * 40) -> Commit:
    return Commit(
        sha=sha,
        parents=parents or ("b" * 40,),
        tree="c" * 40,
        author="Bob",
        at=datetime(2026, 1, 5, tzinfo=UTC),
        message=message,
    )


def test_it_says_what_it_reverts_and_why() -> None:
    assert revert_message([commit("Add the thing\n\nBody.")], why="It answers 500.") == (
        f'Revert "Add the thing"\n\nThis reverts commit {"a" * 40}.\n\nIt answers 500.\n'
    )


def test_of_a_merge_it_says_what_git_says() -> None:
    merge = commit("Merge pull request #12 from team/x", "b" * 40, "d" * 40)
    assert revert_message([merge], why="Bad.", pull_request="team/app#12") == (
        f'Revert "Merge pull request #12 from team/x"\n\nThis reverts commit {"a" * 40}, reversing\n'
        f"changes made to {'b' * 40}.\n\nReverts team/app#12.\n\nBad.\n"
    )


def test_of_several_it_names_each() -> None:
    said = revert_message([commit(sha="1" * 40), commit(sha="2" * 40)], why="Bad.")
    assert said.startswith(f"Revert 2 commits, from {'2' * 10} to {'1' * 10}\n\n")
    assert f"This reverts commit {'1' * 40}.\n\nThis reverts commit {'2' * 40}.\n" in said


@pytest.mark.parametrize(
    ("subject", "again"),
    [
        ('Revert "Add"', 'Reapply "Add"'),
        ('Revert "Revert "Add""', 'Revert "Revert "Revert "Add"""'),
        ('Reapply "Add"', 'Revert "Reapply "Add""'),
        ('Revert "Add" (#13)', 'Revert "Revert "Add" (#13)"'),
    ],
)
def test_the_revert_of_a_revert_brings_back(subject: str, again: str) -> None:
    """As git words it since 2.43."""
    assert revert_message([commit(subject)], why="").partition("\n")[0] == again


def test_what_it_says_is_understood_by_what_reads_it() -> None:
    said = revert_message([commit()], why="Bad.", pull_request="team/app#12")
    assert reverts(commit(said)) == "a" * 40


@pytest.mark.parametrize("word", WORDS)
def test_a_quoted_word_that_would_start_no_workflow_is_defused(word: str) -> None:
    message = revert_message([commit(f"Fix it {word}")], why=f"Because {word}\n\n{word}")
    assert not starts_nothing(message)
    assert "skip" in message.lower() or "no" in message.lower()


@given(
    st.lists(
        st.sampled_from([*WORDS, "[", "]", "skip", "ci", " ", "\n", "-", "skip-checks", ":", "true", "\t"])
    ).map("".join)
)
def test_however_it_is_pieced_together(text: str) -> None:
    assert not starts_nothing(revert_message([commit(text or "x")], why=text))


@given(st.text(), st.text())
def test_any_text_makes_a_message_that_git_takes(subject: str, why: str) -> None:
    message = revert_message([commit(subject)], why=why)
    first, second, *_ = message.split("\n")
    assert first.startswith("Re")
    assert len(first) <= 72
    assert second == ""
    assert all(c == "\n" or c.isprintable() for c in message)
    message.encode(errors="replace")


def test_a_long_reason_is_wrapped_and_a_long_word_is_not_torn() -> None:
    url = "https://" + "x" * 100
    message = revert_message([commit()], why=f"{'word ' * 40}\n\n{url}\nnext")
    assert url in message
    assert all(len(line) <= 72 for line in message.splitlines() if url not in line)


@pytest.mark.parametrize(
    ("subject", "number"),
    [
        ("Merge pull request #12 from team/x", "12"),
        ("Add (#7)", "7"),
        ("Add (#7) and (#8)", "8"),
        ("Add #7", ""),
        ("About (#7) it", ""),
        ('Revert "Add (#7)"', ""),
    ],
)
def test_the_pull_request_of_a_commit_is_in_its_subject(subject: str, number: str) -> None:
    assert pull_request_of(commit(subject)) == number
