from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import requests

from rollback.github import (
    Forbidden,
    GitHub,
    GitHubError,
    NotFound,
    RateLimited,
    Unauthorized,
    Unavailable,
    Unexpected,
    Unprocessable,
)
from rollback.github.errors import said_in
from tests.rollback.builders import REPOSITORY
from tests.rollback.github.payloads import pull
from tests.rollback.github.script import TOKEN, Reply, Script

if TYPE_CHECKING:
    from pathlib import Path

    from rehearsal.clock import VirtualClock
    from rollback.http import HttpSession
    from rollback.journal import Journal

WHERE = "GET /pulls/7"
HTML = b"<!DOCTYPE html><html><body>Sign in to the proxy</body></html>"


def refusal(script: Script, github: GitHub, reply: Reply | Exception) -> GitHubError:
    script.on(WHERE, reply)
    with pytest.raises(GitHubError) as caught:
        github.pull_request(7)
    return caught.value


CASES = [
    (Reply(401, {"message": "Bad credentials", "status": "401"}), Unauthorized, "does not accept the token in TEAM_TOKEN (401, Bad credentials)", "set the variable to a valid one"),
    (Reply(403, {"message": "Resource not accessible by personal access token"}), Forbidden, "refuses pull request 7 of team/app to this token (403, Resource not accessible", 'the permission "Pull requests: read"'),
    (Reply(404, {"message": "Not Found"}), NotFound, "shows no pull request 7 of team/app to the token in TEAM_TOKEN (404, Not Found): there is none, or it may not see it", 'the scope "repo"'),
    (Reply(422, {"message": "Validation Failed", "errors": [{"resource": "PullRequest", "field": "base", "code": "invalid"}]}), Unprocessable, "(422, Validation Failed: base invalid)", "Mend what it names"),
    (Reply(429, {"message": "Slow down"}, {"Retry-After": "600"}), RateLimited, "used up until 2026-01-05 03:10:00 UTC", "another token"),
    (Reply(410, {"message": "Gone"}), GitHubError, "refuses pull request 7 of team/app (410, Gone)", "repository"),
    (Reply(500, HTML), Unavailable, "fails at pull request 7 of team/app (HTTP 500)", "www.githubstatus.com"),
    (Reply(502, HTML), Unavailable, "fails at pull request 7 of team/app (HTTP 502)", "www.githubstatus.com"),
    (Reply(200, HTML), Unexpected, "it isn't JSON, or not all of it", "a proxy's page?"),
    (Reply(200, b'{"number": 7, "titl'), Unexpected, "it isn't JSON, or not all of it", "repository.api"),
    (Reply(200, b"\xff\xfe\x00"), Unexpected, "it isn't JSON, or not all of it", "repository.api"),
    (Reply(200, b"[" * 100_000), Unexpected, "it isn't JSON, or not all of it", "repository.api"),
    (Reply(200, []), Unexpected, "the whole is not as described", "repository.api"),
    (Reply(200, pull() | {"number": "7"}), Unexpected, "number is not as described", "repository.api"),
    (Reply(200, pull(merge_commit_sha="--upload-pack=x")), Unexpected, "merge_commit_sha is not as described", "repository.api"),
    (requests.exceptions.ConnectionError("cut"), Unavailable, "gave no answer to pull request 7 of team/app (ConnectionError)", "your network"),
    (requests.exceptions.ReadTimeout("slow"), Unavailable, "gave no answer to pull request 7 of team/app (ReadTimeout)", "your network"),
    (requests.exceptions.ChunkedEncodingError("torn"), Unavailable, "(ChunkedEncodingError)", "your network"),
    (requests.exceptions.SSLError("self-signed"), Unavailable, "could not be asked for pull request 7 of team/app (SSLError)", "REQUESTS_CA_BUNDLE"),
    (OSError("Could not find a suitable TLS CA certificate bundle"), Unavailable, "could not be asked", "REQUESTS_CA_BUNDLE"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("reply", "kind", "seen", "remedy"),
    CASES,
    ids=[f"{number}-{case[1].__name__}" for number, case in enumerate(CASES)],
)
def test_each_refusal_is_one_sentence_with_a_remedy(
    script: Script,
    github: GitHub,
    *,
    reply: Reply | Exception,
    kind: type[GitHubError],
    seen: str,
    remedy: str,
) -> None:
    """Whatever GitHub, or what stands in between, answers, a person is told what, where and what to do."""
    error = refusal(script, github, reply)
    assert type(error) is kind
    assert seen in error.sentence
    assert remedy in error.remedy
    assert error.sentence.endswith(".")
    assert error.sentence.isprintable()
    assert error.status == (reply.status if isinstance(reply, Reply) else 0)


@pytest.mark.parametrize(
    "case", CASES, ids=[f"{number}-{case[1].__name__}" for number, case in enumerate(CASES)]
)
@pytest.mark.parametrize("echoed", [False, True], ids=["", "echoed"])
def test_the_token_is_seen_nowhere(
    script: Script,
    github: GitHub,
    path: Path,
    *,
    case: tuple[Reply | Exception, type[GitHubError], str, str],
    echoed: bool,
) -> None:
    """Not in an error, what led to it, the journal or the client; also where GitHub itself repeats it."""
    reply = case[0]
    if echoed and isinstance(reply, Reply):
        reply = Reply(reply.status, {"message": f"what is {TOKEN}?", "errors": [TOKEN]}, {"X-Echo": TOKEN})
    elif echoed and isinstance(reply, Exception):
        reply = type(reply)(f"Authorization: Bearer {TOKEN}")
    error = refusal(script, github, reply)
    seen = [github, error, *vars(github).values(), *vars(vars(github)["_transport"]).values()]
    told = [*map(repr, seen), str(error), str(vars(error)), str(vars(github)), path.read_text()]
    if not echoed:  # the memory of answers holds what GitHub says, not what it is asked with
        told.append(str(vars(vars(github)["_transport"])))
    assert not any(TOKEN in each for each in told)
    assert error.__cause__ is None
    assert error.__context__ is None  # it would hold the request, and that the token
    assert any(each.headers.get("authorization") == f"Bearer {TOKEN}" for each in script.asked)


def test_what_a_run_waits_for_is_not_there_where_the_run_is_not(github: GitHub) -> None:
    """Nothing is scripted, so that GitHub finds nothing."""
    with pytest.raises(NotFound) as caught:
        github.awaited_approval(12)
    assert "GitHub shows no workflow run 12 of team/app to the token" in caught.value.sentence


def test_without_a_token_404_says_that_it_may_be_private(script: Script, stranger: GitHub) -> None:
    error = refusal(script, stranger, Reply(404, {"message": "Not Found"}))
    assert "there is none, or it is private" in error.sentence
    assert "set TEAM_TOKEN" in error.remedy
    assert not any("authorization" in each.headers for each in script.asked)


def test_without_a_token_401_and_403_ask_for_one(script: Script, stranger: GitHub) -> None:
    for status in (401, 403):
        assert "TEAM_TOKEN" in refusal(script, stranger, Reply(status, {"message": "No"})).remedy


def test_without_a_token_a_rate_limit_asks_for_one(script: Script, stranger: GitHub) -> None:
    error = refusal(script, stranger, Reply(429, {"message": "Slow down"}, {"Retry-After": "3600"}))
    assert "Set TEAM_TOKEN to a token" in error.remedy


def test_the_permission_that_github_names_is_told(script: Script, github: GitHub) -> None:
    headers = {"X-Accepted-GitHub-Permissions": "pull_requests=read"}
    error = refusal(script, github, Reply(403, {"message": "Resource not accessible"}, headers))
    assert "pull_requests=read" in error.remedy


def test_a_token_that_single_sign_on_keeps_out_is_to_be_authorised(script: Script, github: GitHub) -> None:
    headers = {"X-GitHub-SSO": "required; url=https://github.example/orgs/team/sso?authorization_request=ABC"}
    error = refusal(script, github, Reply(403, {"message": "Resource protected by SAML"}, headers))
    assert "single sign-on" in error.remedy
    assert "ABC" not in str(error)


@pytest.mark.parametrize("text", [f"{TOKEN} second", f"{TOKEN}\r\nX-Evil: 1", f"{TOKEN}ü", f"\x00{TOKEN}"])
def test_what_can_not_be_a_token_is_not_sent(
    script: Script, http: HttpSession, clock: VirtualClock, journal: Journal, path: Path, *, text: str
) -> None:
    """requests would refuse it as well, and show it."""
    github = GitHub(http, REPOSITORY, token=text, clock=clock, journal=journal)
    with pytest.raises(Unauthorized, match="TEAM_TOKEN holds can't be a token") as caught:
        github.pull_request(7)
    assert script.asked == []
    assert TOKEN not in str(caught.value) + repr(caught.value) + repr(vars(github)) + path.read_text()


def test_the_end_of_a_line_after_a_token_is_not_part_of_it(
    script: Script, http: HttpSession, clock: VirtualClock, journal: Journal
) -> None:
    script.on(WHERE, Reply(200, pull()))
    GitHub(http, REPOSITORY, token=f" {TOKEN}\n", clock=clock, journal=journal).pull_request(7)
    assert script.asked[0].headers["authorization"] == f"Bearer {TOKEN}"


def test_a_terminal_is_not_driven_by_github_s_words(script: Script, github: GitHub) -> None:
    error = refusal(script, github, Reply(403, {"message": "\x1b[2Jgone\n" + "x" * 10_000}))
    assert error.sentence.isprintable()
    assert len(error.sentence) < 500


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b'{"message": "No.", "errors": ["one", {"message": "two."}, {"field": "head", "code": "invalid"}]}', "No: one; two; head invalid"),
        (b'{"message": null}', ""),
        (b'{"errors": "x"}', ""),
        (b"", ""),
    ],
)  # fmt: skip
def test_what_github_says_is_told_whatever_its_form(body: bytes, said: str) -> None:
    assert said_in(body) == said
