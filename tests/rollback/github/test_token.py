from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from rollback.github import GitHub, GitHubError, Unexpected
from rollback.github.places import within
from rollback.github.token import Token
from tests.rollback.github.payloads import opened, pull
from tests.rollback.github.script import API, HOST, REPO, TOKEN, Asked, Reply, Script

if TYPE_CHECKING:
    from pathlib import Path

LOG = "GET /actions/jobs/5/logs"
BLOB = "https://blobs.example/logs/5?sig=abc"
WORDS = [HOST, "evil.example", "api.github.com", "@", ":", "//", "/", "\\", "?", "#", "https:", "http:", "..",
         "/api/v3/", "%40", "%5c", " ", "\t", "[", "]", ":443", ":8443", "user:pass@", "ü", "x"]  # fmt: skip

places = st.lists(st.sampled_from(WORDS), max_size=8).map("".join)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(places)
@example("https://evil.example\\@github.example/api/v3/x")
@example("https://github.example@evil.example/api/v3/x")
@example("https://github.example:443/api/v3/x")
@example("//evil.example/api/v3/")
@example("http://github.example/api/v3/x")
def test_the_token_goes_to_the_api_only_wherever_it_redirects_to(
    script: Script, github: GitHub, location: str
) -> None:
    """The host that counts is the one that the request really went to."""
    script.asked.clear()
    script.on("GET /pulls/7", Reply(302, b"", {"Location": location}))
    script.on(LOG, Reply(302, b"", {"Location": location}))
    with pytest.raises(GitHubError):
        github.pull_request(7)
    try:
        github.log_tail(5)
    except GitHubError as error:
        assert error.sentence.isprintable()  # noqa: PT017 - it may be raised or not
    for each in script.asked:
        if "authorization" in each.headers:
            assert each.host in {HOST, f"{HOST}:443"}
            assert each.path.startswith("/api/v3/")


def test_the_log_is_fetched_where_it_is_kept_without_the_token(script: Script, github: GitHub) -> None:
    """The blob store refuses a request that is signed twice."""

    def blob(asked: Asked) -> Reply:
        return Reply(400 if "authorization" in asked.headers else 200, b"2026-01-05T03:00:00.1Z done\n")

    script.on(LOG, Reply(302, b"", {"Location": BLOB}))
    script.on("GET blobs.example/logs/5", blob)
    assert github.log_tail(5) == ("done",)
    assert script.asked[-1].query == {"sig": "abc"}


def test_the_signature_of_a_log_is_not_recorded(script: Script, github: GitHub, path: Path) -> None:
    script.on(LOG, Reply(302, b"", {"Location": BLOB}))
    script.on("GET blobs.example/logs/5", Reply(200, b"x"))
    github.log_tail(5)
    assert "blobs.example/logs/5" in path.read_text()
    assert "sig" not in path.read_text()


def test_a_log_is_not_fetched_over_an_open_line(script: Script, github: GitHub) -> None:
    script.on(LOG, Reply(302, b"", {"Location": BLOB.replace("https", "http")}))
    with pytest.raises(Unexpected, match=r"redirects to http://blobs\.example/logs/5, where nothing is sent"):
        github.log_tail(5)
    assert len(script.asked) == 1


def test_a_renamed_repository_is_followed_with_the_token(script: Script, github: GitHub) -> None:
    """GitHub redirects to the repository by its id."""
    script.on("GET /pulls/7", Reply(301, b"", {"Location": f"{API}/repositories/1/pulls/7"}))
    script.on("GET /repositories/1/pulls/7", Reply(200, pull()))
    assert github.pull_request(7).number == 7
    assert [each.headers["authorization"] for each in script.asked] == [f"Bearer {TOKEN}"] * 2


def test_an_answer_elsewhere_is_not_taken_for_github_s(script: Script, github: GitHub) -> None:
    """As the page of a proxy that wants somebody to sign in."""
    script.on("GET /pulls/7", Reply(302, b"", {"Location": "https://proxy.example/pulls/7"}))
    script.on("GET proxy.example/pulls/7", Reply(200, pull()))
    with pytest.raises(
        Unexpected, match=r"redirects to https://proxy\.example/pulls/7, where nothing is sent"
    ):
        github.pull_request(7)
    assert len(script.asked) == 1


def test_what_changes_something_is_not_sent_after_a_redirect(script: Script, github: GitHub) -> None:
    script.on("POST /pulls", Reply(307, b"", {"Location": f"{API}/repositories/1/pulls"}))
    script.on("GET /pulls", Reply(200, []))
    with pytest.raises(Unexpected, match="it redirects to"):
        github.open_pull_request(head="h", base="main", title="t", body="b")
    assert {each.path for each in script.asked} == {f"{urlsplit(REPO).path}/pulls"}


def test_redirects_without_end_have_one(script: Script, github: GitHub) -> None:
    script.on("GET /pulls/7", Reply(302, b"", {"Location": f"{REPO}/pulls/7"}))
    with pytest.raises(Unexpected, match="redirects without end"):
        github.pull_request(7)


def test_no_password_of_netrc_is_sent(
    script: Script, stranger: GitHub, github: GitHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """requests would put it in the place of our token, and send it where there is none."""
    netrc = tmp_path / "netrc"
    netrc.write_text(
        f"machine {HOST} login somebody password other\nmachine blobs.example login a password b\n"
    )
    monkeypatch.setenv("NETRC", str(netrc))
    script.on("GET /pulls/7", Reply(200, pull()))
    script.on(LOG, Reply(302, b"", {"Location": BLOB}))
    script.on("GET blobs.example/logs/5", Reply(200, b"x"))
    github.pull_request(7)
    stranger.pull_request(7)
    github.log_tail(5)
    signed = [each.headers.get("authorization") for each in script.asked]
    assert signed == [f"Bearer {TOKEN}", None, f"Bearer {TOKEN}", None]


@given(st.text(min_size=1).map(str.strip).filter(bool), st.text())
def test_a_token_shows_itself_nowhere(text: str, around: str) -> None:
    token = Token(text, API)
    assert repr(token) == str(token) == "***"
    assert vars(token) == {}
    if text not in "***":
        assert text not in token.hidden_in(f"{around}{text}{around}").replace("***", "")


@pytest.mark.parametrize(
    ("api", "url", "inside"),
    [
        ("https://api.github.com", "https://api.github.com/repos", True),
        ("https://api.github.com", "https://api.github.com:443/repos", True),
        ("https://api.github.com", "https://API.GITHUB.COM/repos", True),
        ("https://api.github.com", "https://api.github.com.evil.example/repos", False),
        ("https://api.github.com", "http://api.github.com/repos", False),
        ("https://api.github.com", "https://api.github.com:8443/repos", False),
        (API, "https://github.example/api/v3/repos", True),
        (API, "https://github.example/api/v33/repos", False),
        (API, "https://github.example/_storage", False),
        (API, "https://u:p@github.example/api/v3/repos", False),
        (API, "https://github.example:x/api/v3/repos", False),
        (API, "", False),
    ],
)
def test_what_is_of_the_api(api: str, url: str, *, inside: bool) -> None:
    assert within(api, url) is inside


def test_signed_in_is_having_a_token(github: GitHub, stranger: GitHub) -> None:
    assert github.signed_in
    assert not stranger.signed_in


def test_a_pull_request_that_is_just_opened_has_no_merge_commit(script: Script, github: GitHub) -> None:
    """The commit that GitHub names before the merge is one that it made to look for conflicts."""
    script.on("GET /pulls/7", Reply(200, opened()))
    found = github.pull_request(7)
    assert (found.merged, found.merge_commit) == (False, "")
