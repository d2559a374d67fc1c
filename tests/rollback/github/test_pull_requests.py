from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import requests

from rollback.github import Forbidden, GitHub, NotFound, PullRequest, Unavailable, Unexpected, Unprocessable
from rollback.journal import Kind, read
from tests.rollback.github.payloads import OTHER, SHA, opened, pull
from tests.rollback.github.script import Asked, Reply, Script

if TYPE_CHECKING:
    from pathlib import Path

POST = "POST /pulls"
LIST = "GET /pulls"
CUT = requests.ConnectionError("cut")
EXISTS = {
    "message": "Validation Failed",
    "errors": [{"resource": "PullRequest", "code": "custom", "message": "A pull request already exists for team:revert."}],
}  # fmt: skip
OURS = opened(9, head={"ref": "revert", "sha": SHA})


def opening(github: GitHub) -> PullRequest:
    return github.open_pull_request(head="revert", base="main", title="Revert it", body="Why")


def test_a_merged_pull_request_is_told_with_its_merge_commit(script: Script, github: GitHub) -> None:
    script.on("GET /pulls/7", Reply(200, pull()))
    assert github.pull_request(7) == PullRequest(
        number=7,
        title="Faster search",
        url="https://github.example/team/app/pull/7",
        state="closed",
        merged=True,
        merge_commit=SHA,
        base="main",
        head="faster-search",
        head_sha=OTHER,
        commits=3,
    )


def test_where_a_pull_request_no_longer_tells_its_merge_commit_its_events_do(
    script: Script, github: GitHub
) -> None:
    """As from version 2026-03-10 of the API on."""
    told = pull()
    del told["merge_commit_sha"]
    script.on("GET /pulls/7", Reply(200, told))
    events = [
        {"event": "closed", "commit_id": OTHER},
        {"event": "merged", "commit_id": SHA},
        {"event": "assigned"},
    ]
    script.on("GET /issues/7/events", Reply(200, events))
    assert github.pull_request(7).merge_commit == SHA


def test_a_pull_request_is_opened_as_asked_for(script: Script, github: GitHub) -> None:
    script.on(POST, Reply(201, OURS))
    assert opening(github).number == 9
    assert script.asked[0].body == {"title": "Revert it", "head": "revert", "base": "main", "body": "Why"}


LOST = [Reply(502), Reply(500, {"message": "oops"}), CUT, requests.ReadTimeout("slow"), Reply(201, b'{"numb')]


@pytest.mark.parametrize("lost", LOST, ids=["502", "500", "cut", "timeout", "torn"])
def test_after_a_lost_answer_the_pull_request_that_is_there_is_used(
    script: Script, github: GitHub, path: Path, lost: Reply | Exception
) -> None:
    script.on(POST, lost)
    script.on(LIST, Reply(200, [{"number": 9}]))
    script.on("GET /pulls/9", Reply(200, OURS))
    assert opening(github).number == 9
    assert len(script.times(POST)) == 1
    assert any(e.kind is Kind.DECISION and "9 of team/app is open already" in e.what for e in read(path))


@pytest.mark.parametrize("lost", LOST, ids=["502", "500", "cut", "timeout", "torn"])
def test_after_a_lost_answer_and_no_pull_request_it_is_asked_for_again(
    script: Script, github: GitHub, lost: Reply | Exception
) -> None:
    script.on(POST, lost, Reply(201, OURS))
    script.on(LIST, Reply(200, []))
    assert opening(github).number == 9
    assert [each.where for each in script.asked] == [POST, LIST, POST]


def test_it_looks_before_it_asks_again_each_time_and_ends(script: Script, github: GitHub) -> None:
    script.on(POST, CUT)
    script.on(LIST, Reply(200, []))
    with pytest.raises(Unavailable):
        opening(github)
    assert [each.where for each in script.asked] == [POST, LIST] * 3


def test_where_it_can_not_look_it_says_that_it_may_have_been_opened(script: Script, github: GitHub) -> None:
    script.on(POST, CUT)
    script.on(LIST, Reply(502))
    with pytest.raises(Unavailable, match="was opened all the same can't be seen") as caught:
        opening(github)
    assert caught.value.sent
    assert "Look at the open pull requests" in caught.value.remedy
    assert len(script.times(POST)) == 1


def test_a_pull_request_of_an_earlier_attempt_is_found(script: Script, github: GitHub) -> None:
    script.on(POST, Reply(422, EXISTS))
    script.on(LIST, Reply(200, [{"number": 9}]))
    script.on("GET /pulls/9", Reply(200, OURS))
    assert opening(github).number == 9
    asked = next(each for each in script.asked if each.where == LIST)
    assert (asked.query["state"], asked.query["head"], asked.query["base"]) == ("open", "team:revert", "main")


@pytest.mark.parametrize(
    "other",
    [
        {"head": {"ref": "somebody-elses", "sha": SHA}},
        {"base": {"ref": "staging", "sha": SHA}},
        {"state": "closed"},
    ],
)
def test_another_pull_request_is_not_taken_for_ours(
    script: Script, github: GitHub, other: dict[str, object]
) -> None:
    """A GitHub that doesn't understand the filter lists all of them."""
    script.on(POST, Reply(422, EXISTS))
    script.on(LIST, Reply(200, [{"number": 9}]))
    script.on("GET /pulls/9", Reply(200, {**OURS, **other}))
    with pytest.raises(Unprocessable, match="already exists"):
        opening(github)


@pytest.mark.parametrize(
    "said", ["No commits between main and revert", "Head sha can't be blank", "base is invalid"]
)
def test_what_github_finds_wrong_is_told_and_not_asked_for_again(
    script: Script, github: GitHub, said: str
) -> None:
    script.on(POST, Reply(422, {"message": "Validation Failed", "errors": [{"message": said}]}))
    with pytest.raises(Unprocessable) as caught:
        opening(github)
    assert said in caught.value.sentence
    assert "a new pull request from revert to main in team/app" in caught.value.sentence
    assert [each.where for each in script.asked] == [POST]


def test_a_token_that_may_only_read_is_told_what_it_lacks(script: Script, github: GitHub) -> None:
    script.on(POST, Reply(403, {"message": "Resource not accessible by personal access token"}))
    with pytest.raises(Forbidden) as caught:
        opening(github)
    assert '"Pull requests: write"' in caught.value.remedy


def test_where_none_can_be_opened_the_repository_is_what_is_missing(script: Script, github: GitHub) -> None:
    """A 404 to a POST: there is no pull request yet that could be missing."""
    script.on(POST, Reply(404, {"message": "Not Found"}))
    with pytest.raises(NotFound) as caught:
        opening(github)
    assert caught.value.sentence == (
        "GitHub shows no repository team/app to the token in TEAM_TOKEN (404, Not Found): "
        "there is none, or it may not see it."
    )
    assert '"Pull requests: write"' in caught.value.remedy


def test_a_change_is_in_the_journal_before_it_goes_out(script: Script, github: GitHub, path: Path) -> None:
    def answer(_: Asked) -> Reply:
        assert [entry.kind for entry in read(path)] == [Kind.REQUEST]
        return Reply(201, OURS)

    script.on(POST, answer)
    opening(github)


def test_an_answer_of_another_shape_is_not_taken_for_a_pull_request(script: Script, github: GitHub) -> None:
    script.on(POST, Reply(201, {"ok": True}))
    script.on(LIST, Reply(200, []))
    with pytest.raises(Unexpected):
        opening(github)
