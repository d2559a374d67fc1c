"""What a person may name to have it reverted."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rollback.errors import RollbackError
from rollback.revert import NamedCommit, NamedPullRequest, NamedRange, parse, web_host
from tests.rollback.builders import REPOSITORY

PUBLIC = replace(REPOSITORY, api="https://api.github.com")
NAMES = st.text("0123456789abcdefABCDEF", min_size=4, max_size=64)
CHANGES = st.one_of(
    NAMES.map(NamedCommit),
    st.integers(1, 999_999_999).map(NamedPullRequest),
    st.builds(NamedRange, NAMES, NAMES),
)
NEAR_MISSES = st.one_of(
    st.text(max_size=30),
    st.text("#-0123456789abcdef.^~@{}/: \t\n", max_size=30),
    CHANGES.map(str),
    st.tuples(st.sampled_from(["", " ", "-", "--", "#", "refs/", "\n"]), CHANGES).map(lambda t: f"{t[0]}{t[1]}"),
)  # fmt: skip


@pytest.mark.parametrize(
    ("text", "change"),
    [
        ("3f2a91c", NamedCommit("3f2a91c")),
        ("  3F2A91C\n", NamedCommit("3f2a91c")),
        ("a" * 64, NamedCommit("a" * 64)),
        ("1234", NamedCommit("1234")),
        ("#12", NamedPullRequest(12)),
        ("\t#12 ", NamedPullRequest(12)),
        ("3f2a91c..9B1D0E2", NamedRange("3f2a91c", "9b1d0e2")),
        ("https://github.example/team/app/pull/12", NamedPullRequest(12)),
        ("https://GitHub.example/Team/App/pull/12/files?diff=split#r1", NamedPullRequest(12)),
        (" https://github.example/team/app/pull/12/ ", NamedPullRequest(12)),
    ],
)
def test_commits_ranges_and_pull_requests_are_understood(
    text: str, change: NamedCommit | NamedPullRequest | NamedRange
) -> None:
    assert parse(text, REPOSITORY) == change


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "main",
        "v1.4.0",
        "HEAD",
        "HEAD~1",
        "3f2",
        "a" * 65,
        "3f2a91c^",
        "-3f2a91c",
        "--exec=reboot",
        "3f2a91c..",
        "..3f2a91c",
        "3f2a91c...9b1d0e2",
        "3f2a91c..main",
        "-3f2a91c..9b1d0e2",
        "3f2a91c..-9b1d0e2",
        "#",
        "#0",
        "#012",
        "#-1",
        "#1234567890",
        "#\N{FULLWIDTH DIGIT ONE}2",
        "12#",
        "3f2a91c 9b1d0e2",
    ],
)
def test_what_can_move_or_mislead_is_refused_with_what_to_give_instead(text: str) -> None:
    with pytest.raises(RollbackError, match="names no commit that can be reverted") as caught:
        parse(text, REPOSITORY)
    assert '"#12"' in caught.value.remedy


@pytest.mark.parametrize(
    "address",
    [
        "https://github.example/team/app/pull/12/commits/3f2a91c",
        "https://github.example/team/app/issues/12",
        "https://github.example/team/app/pull/",
        "https://github.example/team/app/pull/0",
        "https://github.example/team/pull/12",
        "https://[github.example/team/app/pull/12",
    ],
)
def test_an_address_that_is_no_pull_requests_is_refused_with_one_that_is(address: str) -> None:
    with pytest.raises(RollbackError, match="is not the address of a pull request") as caught:
        parse(address, REPOSITORY)
    assert "https://github.example/team/app/pull/12" in caught.value.remedy


@pytest.mark.parametrize(
    "address",
    [
        "https://github.example/team/other/pull/12",
        "https://github.example/other/app/pull/12",
        "https://github.com/team/app/pull/12",
        "https://github.example@evil.example/team/app/pull/12",
        "https:///team/app/pull/12",
    ],
)
def test_a_pull_request_of_another_repository_or_host_is_refused(address: str) -> None:
    with pytest.raises(RollbackError, match="this environment is deployed from team/app") as caught:
        parse(address, REPOSITORY)
    assert caught.value.remedy == "Name a pull request of team/app."


def test_people_read_github_where_its_api_answers_but_for_github_com() -> None:
    assert web_host(REPOSITORY) == "github.example"
    assert web_host(PUBLIC) == "github.com"
    assert parse("https://github.com/team/app/pull/3", PUBLIC) == NamedPullRequest(3)
    with pytest.raises(RollbackError, match="is one of"):
        parse("https://api.github.com/team/app/pull/3", PUBLIC)


@given(NEAR_MISSES)
def test_nothing_that_is_understood_can_be_taken_for_an_option(text: str) -> None:
    """And it prints back to what is understood the same way."""
    try:
        change = parse(text, REPOSITORY)
    except RollbackError:
        return
    assert parse(str(change), REPOSITORY) == change
    match change:
        case NamedCommit(name):
            words = [name]
        case NamedRange(after, last):
            words = [after, last]
        case NamedPullRequest(number):
            words = [str(number)]
    assert all(word.isalnum() and word.isascii() for word in words)
