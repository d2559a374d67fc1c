"""The log of a job: a redirect to another host, where a token is not welcome."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from rehearsal.origin.wire import Request
from tests.stage.origin.github_house import API, OCTAVIA, build, key

if TYPE_CHECKING:
    from rehearsal.origin.wire import Response
    from tests.stage.origin.github_house import House


def redirect(house: House, job: int = 0) -> str:
    response = house.ask(f"/actions/jobs/{house.run.jobs[job].id}/logs")
    assert (response.status, response.body) == (302, b"")
    return response.headers["Location"]


def follow(house: House, url: str, **headers: str) -> Response:
    parts = urlsplit(url)
    return house.api.respond(
        Request(method="GET", host=parts.hostname or "", path=parts.path, query=parts.query, headers=headers)
    )


def test_a_log_lies_at_another_host_line_by_line_after_its_time() -> None:
    house = build()
    url = redirect(house)
    assert urlsplit(url).hostname != urlsplit(API).hostname
    assert urlsplit(url).hostname in house.api.hosts
    log = follow(house, url)
    assert log.status == 200
    assert log.body.decode("utf-8-sig").splitlines() == [
        "2026-01-05T03:00:00.0000000Z Run pytest",
        "2026-01-05T03:00:01.5000000Z ##[error]Process completed with exit code 1.",
    ]
    assert log.body.startswith(b"\xef\xbb\xbf")


def test_a_token_makes_the_blob_store_refuse() -> None:
    """Who follows the redirect with the token has given it away, and gets nothing for it."""
    house = build()
    refused = follow(house, redirect(house), authorization=f"Bearer {key(OCTAVIA)}")
    assert (refused.status, refused.headers["x-ms-error-code"]) == (400, "InvalidAuthenticationInfo")


def test_a_url_holds_for_a_minute() -> None:
    house = build()
    url = redirect(house)
    house.clock.sleep(60)
    assert follow(house, url).status == 200
    house.clock.sleep(1)
    assert follow(house, url).status == 403
    assert follow(house, redirect(house)).status == 200


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("sig=", "sig=0"),
        ("&sig=", "&nosig="),
        ("03%3A01%3A00Z", "04%3A01%3A00Z"),
        ("job-logs", "other"),
        ("sp=r", "sp=rw"),
    ],
)
def test_a_url_that_was_changed_is_refused(old: str, new: str) -> None:
    house = build()
    url = redirect(house)
    assert old in url
    assert follow(house, url.replace(old, new)).status == 403


def test_a_job_that_still_runs_has_no_log_there_yet() -> None:
    house = build()
    missing = follow(house, redirect(house, job=1))
    assert (missing.status, missing.headers["x-ms-error-code"]) == (404, "BlobNotFound")


def test_a_job_that_never_began_has_none() -> None:
    house = build()
    house.told(f"/actions/jobs/{house.run.jobs[2].id}/logs", 404)


def test_a_log_costs_no_request_of_the_allowance() -> None:
    house = build()
    url = redirect(house)
    before = house.api.limits.of(OCTAVIA).used
    follow(house, url)
    assert house.api.limits.of(OCTAVIA).used == before == 1
