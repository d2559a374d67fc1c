"""Who may ask GitHub what, how often, and what an unchanged answer costs."""

from __future__ import annotations

import base64
import json

import pytest

from rehearsal.clock import OPENING
from rehearsal.origin.github.faults import Fault, Kind, inject
from tests.stage.origin.github_house import (
    API,
    FINE_GRAINED,
    NOBODY,
    ROOT,
    STRANGER,
    build,
    key,
)


def test_a_wrong_token_is_bad_credentials() -> None:
    assert build().told("", 401, who=STRANGER) == {
        "message": "Bad credentials",
        "documentation_url": "https://docs.github.com/rest",
        "status": "401",
    }


@pytest.mark.parametrize("path", ["", "/actions/runs", "/pulls/2", "/branches/main"])
def test_a_private_repository_is_not_there_for_who_shows_no_token(path: str) -> None:
    """GitHub doesn't say that something exists to somebody who may not know."""
    assert build().told(path, 404, who=NOBODY)["message"] == "Not Found"


def test_a_public_repository_can_be_seen_without_a_token() -> None:
    told = build(private=False).told("", who=NOBODY)
    assert (told["visibility"], told["permissions"]["push"]) == ("public", False)


@pytest.mark.parametrize("scheme", ["Bearer {}", "bearer {}", "token {}"])
def test_a_token_is_taken_as_either_scheme(scheme: str) -> None:
    assert build().told("", authorization=scheme.format(key(ROOT)))["permissions"]["admin"]


@pytest.mark.parametrize("pair", ["x-access-token:{}", "{}:x-oauth-basic"])
def test_a_token_is_taken_as_half_of_basic_authentication(pair: str) -> None:
    basic = base64.b64encode(pair.format(key(ROOT)).encode()).decode()
    assert build().told("", authorization=f"Basic {basic}")["permissions"]["admin"]


@pytest.mark.parametrize("header", ["Basic %%%", "Basic /w==", "Digest x", "Bearer", "nonsense"])
def test_an_authorization_that_is_none_is_refused(header: str) -> None:
    build().told("", 401, authorization=header)


@pytest.mark.parametrize(
    "path",
    [
        "/repos/acme/other",
        "/repos/acme/shop/nothing",
        "/repos/acme",
        "/repositories/1/pulls",
        "/users/acme",
        "/",
        "/repos/acme/shop/",
        "/repos/acme/shop/actions/runs/12x",
        "/repos/acme/shop/actions/runs/1/2",
        "/repos/acme/shop/pulls/%C2%B2",
        "/repos/acme/shop/pulls/%D9%A2",
    ],
)
def test_what_is_not_there_is_not_found(path: str) -> None:
    assert build().told(path, 404, after="")["status"] == "404"


def test_what_is_not_there_is_documented() -> None:
    house = build()
    docs = "https://docs.github.com/rest/pulls/pulls#get-a-pull-request"
    assert house.told("/pulls/9", 404)["documentation_url"] == docs
    assert house.told("/pulls/2", 404, who=NOBODY)["documentation_url"] == docs
    inject(house.api, Fault(kind=Kind.NOT_FOUND))
    assert house.told("/pulls/2", 404)["documentation_url"] == docs


def test_another_method_is_not_found() -> None:
    build().told("/pulls/2", 404, method="DELETE")


def test_names_are_compared_without_their_case() -> None:
    assert build().told("/repos/Acme/SHOP", after="")["full_name"] == "acme/shop"


def test_an_enterprise_server_has_nothing_outside_its_base_path() -> None:
    house = build(api=f"{API}/api/v3")
    house.told("/repos/acme/shop", 404, after="")
    house.told("/repos/acme/shop", after="/api/v3")


def test_the_answers_of_any_other_version_are_not_told() -> None:
    """The next version lacks fields that ours has; a client that asks for it must not get ours."""
    house = build()
    house.told("", x_github_api_version="2022-11-28")
    house.told("", 400, x_github_api_version="2026-03-10")


def test_who_names_no_user_agent_is_refused() -> None:
    assert "User-Agent" in build().told("", 403, user_agent="")["message"]


def test_only_administrators_see_a_protection() -> None:
    """A classic token is told that there is none, a fine-grained one what it lacks."""
    house = build()
    assert house.told("/branches/main/protection", who=ROOT)["required_pull_request_reviews"]
    assert house.told("/branches/main/protection", 404)["message"] == "Not Found"
    refused = house.ask("/branches/main/protection", who=FINE_GRAINED)
    assert refused.status == 403
    assert refused.headers["X-Accepted-GitHub-Permissions"] == "administration=read"
    assert b"Resource not accessible by personal access token" in refused.body


def test_administrators_see_whether_workflows_run_at_all() -> None:
    house = build()
    assert house.told("/actions/permissions", who=ROOT)["enabled"]
    house.store.actions_enabled = False
    assert house.told("/actions/permissions", who=ROOT) == {"enabled": False}


def test_the_scopes_of_a_classic_token_are_told() -> None:
    house = build()
    assert "repo" in house.ask("").headers["X-OAuth-Scopes"]
    assert "X-OAuth-Scopes" not in house.ask("", who=FINE_GRAINED).headers


def test_every_answer_has_a_number_and_a_type_of_its_own() -> None:
    house = build()
    one, other = house.ask(""), house.ask("/pulls/99")
    assert one.headers["X-GitHub-Request-Id"] != other.headers["X-GitHub-Request-Id"]
    assert one.headers["Content-Type"] == other.headers["Content-Type"] == "application/json; charset=utf-8"


def left(house_headers: object) -> int:
    assert isinstance(house_headers, dict)
    return int(house_headers["X-RateLimit-Remaining"])


def test_every_request_costs_one_of_an_hour() -> None:
    house = build()
    first, second = house.ask("").headers, house.ask("/pulls/99").headers
    assert (left(first), left(second)) == (4999, 4998)
    assert second["X-RateLimit-Used"] == "2"
    assert int(second["X-RateLimit-Reset"]) == OPENING.timestamp() + 3600


def test_asking_for_the_limit_is_free_and_everybody_has_their_own() -> None:
    house = build()
    house.ask("")
    rates = [house.told("/rate_limit", after="")["rate"]["remaining"] for _ in range(2)]
    assert rates == [4999, 4999]
    assert house.told("/rate_limit", after="", who=ROOT)["resources"]["core"]["used"] == 0
    assert house.told("/rate_limit", after="", who=NOBODY)["rate"]["limit"] == 60


@pytest.mark.parametrize(("who", "limit"), [("octavia", 5000), (NOBODY, 60)])
def test_who_has_used_up_an_hour_waits_for_the_next(who: str, limit: int) -> None:
    house = build(private=False)
    house.clock.sleep(10)
    house.api.limits.of(who).used = limit - 2
    assert [house.ask("", who=who).status for _ in range(2)] == [200, 200]
    refused = house.ask("", who=who)
    assert refused.status == 403
    assert json.loads(refused.body)["message"].startswith("API rate limit exceeded for ")
    assert left(refused.headers) == 0
    house.clock.sleep(int(refused.headers["X-RateLimit-Reset"]) - house.clock.now().timestamp() - 1)
    house.told("", 403, who=who)
    assert house.told("/rate_limit", after="", who=who)["rate"]["remaining"] == 0
    house.clock.sleep(1)
    house.told("", who=who)


def test_an_unchanged_answer_is_not_sent_again_and_costs_nothing() -> None:
    house = build()
    path = f"/actions/runs/{house.run.id}"
    tag = house.ask(path).headers["ETag"]
    again = house.ask(path, if_none_match=tag)
    assert (again.status, again.body, again.headers["ETag"]) == (304, b"", tag)
    assert left(again.headers) == 4999
    assert house.ask(path, if_none_match=f'"other", {tag.removeprefix("W/")}').status == 304


def test_a_changed_answer_is_sent_whole() -> None:
    house = build()
    path = f"/actions/runs/{house.run.id}"
    tag = house.ask(path).headers["ETag"]
    house.run.status = "in_progress"
    changed = house.ask(path, if_none_match=tag)
    assert (changed.status, json.loads(changed.body)["status"]) == (200, "in_progress")
    assert left(changed.headers) == 4998


def test_an_error_is_never_unchanged() -> None:
    house = build()
    assert "ETag" not in house.ask("/pulls/99").headers
    assert house.ask("/pulls/99", if_none_match="*").status == 404
