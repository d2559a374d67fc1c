"""GitHub misbehaving: what a client sees, where it strikes, and how often."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from rehearsal.origin.github.faults import Fault, Kind, inject
from rehearsal.origin.wire import Request
from tests.stage.origin.github_house import NOBODY, OCTAVIA, ROOT, build

if TYPE_CHECKING:
    from tests.stage.origin.github_house import House


def statuses(house: House, *paths: str) -> list[int]:
    return [house.ask(path).status for path in paths]


@pytest.mark.parametrize(
    ("kind", "status", "said"),
    [
        (Kind.BAD_CREDENTIALS, 401, "Bad credentials"),
        (Kind.NOT_ACCESSIBLE, 403, "Resource not accessible by personal access token"),
        (Kind.NOT_FOUND, 404, "Not Found"),
        (Kind.UNPROCESSABLE, 422, "Validation Failed"),
        (Kind.TOO_MANY_REQUESTS, 429, "You have exceeded a secondary rate limit."),
        (Kind.SECONDARY_LIMIT, 403, "You have exceeded a secondary rate limit."),
        (Kind.SERVER_ERROR, 500, "Server Error"),
    ],
)
def test_a_refusal_is_in_githubs_words(kind: Kind, status: int, said: str) -> None:
    house = build()
    inject(house.api, Fault(kind=kind))
    told = house.told("/pulls/2", status)
    assert told["message"].startswith(said)
    assert told["status"] == str(status)
    assert ("Retry-After" in house.ask("/pulls/2").headers) == ("secondary" in said)
    assert told["documentation_url"].startswith("https://docs.github.com/rest")


@pytest.mark.parametrize("kind", [Kind.TOO_MANY_REQUESTS, Kind.SECONDARY_LIMIT])
def test_a_limit_says_how_long_to_wait_and_leaves_the_allowance(kind: Kind) -> None:
    house = build()
    inject(house.api, Fault(kind=kind, retry_after=7))
    headers = house.ask("/pulls/2").headers
    assert headers["Retry-After"] == "7"
    assert int(headers["X-RateLimit-Remaining"]) > 4990
    assert "Retry-After" not in build().ask("/pulls/99").headers


def test_the_primary_limit_is_used_up_until_its_reset() -> None:
    house = build()
    inject(house.api, Fault(kind=Kind.PRIMARY_LIMIT, occurrence=2))
    assert statuses(house, "/pulls/2", "/pulls/2", "/pulls/2") == [200, 403, 403]
    refused = house.ask("/pulls/2")
    assert refused.headers["X-RateLimit-Remaining"] == "0"
    assert "Retry-After" not in refused.headers
    house.told("/pulls/2", who=ROOT)
    house.clock.sleep(3600)
    assert statuses(house, "/pulls/2", "/pulls/2") == [200, 200]


def test_the_primary_limit_of_who_shows_no_token_is_that_of_nobody() -> None:
    house = build(private=False)
    inject(house.api, Fault(kind=Kind.PRIMARY_LIMIT, times=1))
    house.told("", 403, who=NOBODY)
    assert house.api.limits.of(OCTAVIA).remaining == 5000


def test_a_gateway_and_a_portal_send_pages() -> None:
    house = build()
    inject(house.api, Fault(kind=Kind.BAD_GATEWAY, times=1))
    inject(house.api, Fault(kind=Kind.HTML))
    bad, page = house.ask(""), house.ask("")
    assert (bad.status, page.status) == (502, 200)
    assert bad.headers["Content-Type"] == page.headers["Content-Type"] == "text/html; charset=utf-8"
    assert bad.body.startswith(b"<!DOCTYPE html>")
    assert page.body.startswith(b"<!DOCTYPE html>")


@pytest.mark.parametrize("path", ["/pulls", "/pulls/2", "/actions/runs"])
def test_another_shape_is_json_that_means_nothing(path: str) -> None:
    house = build()
    good = house.told(path)
    inject(house.api, Fault(kind=Kind.OTHER_SHAPE))
    other = house.told(path)
    assert type(other) is dict
    assert not set(other) & set(good if isinstance(good, dict) else good[0])


def test_a_truncated_answer_is_no_json() -> None:
    house = build()
    whole = house.ask("/pulls/1").body
    inject(house.api, Fault(kind=Kind.TRUNCATED))
    half = house.ask("/pulls/1")
    assert (half.status, half.cut) == (200, False)
    assert whole.startswith(half.body)
    with pytest.raises(ValueError, match=r"Expecting|Unterminated"):
        json.loads(half.body)


@pytest.mark.parametrize(("kind", "there"), [(Kind.CUT_BEFORE, False), (Kind.CUT_AFTER, True)])
def test_a_connection_is_cut_before_or_after_the_effect(kind: Kind, there: bool) -> None:  # noqa: FBT001 - a case
    """The client can't tell which, and must look."""
    house = build()
    inject(house.api, Fault(kind=kind, method="POST"))
    body = {"title": "Undo", "head": "clash", "base": "main"}
    assert house.ask("/pulls", method="POST", body=body).cut
    assert (3 in house.store.pulls) is there
    assert not house.ask("/pulls").cut


@pytest.mark.parametrize(
    ("path", "struck"),
    [
        ("", ["", "/actions/runs", "/actions/runs/1/jobs", "/pulls"]),
        ("/actions/runs", ["/actions/runs", "/actions/runs/1/jobs"]),
        ("/actions/runs/*/jobs", ["/actions/runs/1/jobs"]),
        ("/*s", ["/actions/runs", "/actions/runs/1/jobs", "/pulls"]),
        ("/branches", []),
    ],
)
def test_a_fault_strikes_only_where_it_is_meant_to(path: str, struck: list[str]) -> None:
    house = build()
    inject(house.api, Fault(kind=Kind.SERVER_ERROR, path=path))
    asked = ["", "/actions/runs", "/actions/runs/1/jobs", "/pulls"]
    assert [one for one in asked if house.ask(one).status == 500] == struck


def test_a_fault_strikes_only_the_method_that_it_is_meant_for() -> None:
    house = build()
    inject(house.api, Fault(kind=Kind.SERVER_ERROR, method="POST"))
    assert house.ask("/pulls").status == 200
    assert house.ask("/pulls", method="POST", body={}).status == 500


def test_a_fault_strikes_from_one_request_on_for_some_times() -> None:
    house = build()
    inject(house.api, Fault(kind=Kind.SERVER_ERROR, path="/pulls", occurrence=2, times=2))
    paths = ["/pulls", "", "/pulls", "", "/pulls", "/pulls"]
    assert statuses(house, *paths) == [200, 200, 500, 200, 500, 200]


def test_of_two_faults_the_first_strikes() -> None:
    house = build()
    inject(house.api, Fault(kind=Kind.BAD_GATEWAY, times=1))
    inject(house.api, Fault(kind=Kind.NOT_FOUND, times=1))
    assert statuses(house, "", "", "") == [502, 404, 200]


def test_a_fault_of_the_api_strikes_no_other_host_or_repository() -> None:
    house = build()
    url = urlsplit(house.ask(f"/actions/jobs/{house.run.jobs[0].id}/logs").headers["Location"])
    inject(house.api, Fault(kind=Kind.SERVER_ERROR))
    log = Request(method="GET", host=url.hostname or "", path=url.path, query=url.query)
    assert house.api.respond(log).status == 200
    assert house.ask("/rate_limit", after="").status == 200
    assert house.ask("/repos/acme/other", after="").status == 404


def test_a_fault_strikes_what_github_links_to() -> None:
    house = build()
    link = house.ask("/actions/runs?per_page=1").headers["Link"].partition(">")[0].rpartition("test/")[2]
    inject(house.api, Fault(kind=Kind.SERVER_ERROR, path="/actions/runs"))
    assert house.ask(f"/{link}", after="").status == 500
