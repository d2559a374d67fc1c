from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st
from urllib3.exceptions import MaxRetryError, NewConnectionError

from rollback.github import GitHub, GitHubError, RateLimited, Unavailable
from rollback.github.retrying import (
    PATIENCE_SECONDS,
    PAUSES,
    Trouble,
    answered,
    asked_seconds,
    pause,
    unanswered,
    until,
)
from rollback.journal import Kind, read
from tests.rollback.github.payloads import opened, pull
from tests.rollback.github.script import Reply, Script

if TYPE_CHECKING:
    from pathlib import Path

    from rehearsal.clock import VirtualClock

WHERE = "GET /pulls/7"
NOW = datetime(2026, 1, 5, 3, tzinfo=UTC)
FINE = Reply(200, pull())
PRIMARY = "API rate limit exceeded for user ID 1."
SECONDARY = "You have exceeded a secondary rate limit."

seconds = st.floats(min_value=0, max_value=1e6)
troubles = st.builds(
    Trouble,
    reason=st.just("x"),
    sent=st.booleans(),
    passing=st.booleans(),
    limited=st.booleans(),
    asked_seconds=seconds,
)


def reset(after: float) -> dict[str, str]:
    moment = NOW + timedelta(seconds=after)
    return {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(int(moment.timestamp()))}


def refused_connection() -> requests.ConnectionError:
    """As requests says it when nobody listens."""
    return requests.ConnectionError(MaxRetryError(None, "/", NewConnectionError(None, "refused")))  # type: ignore[arg-type]


PASSING = [
    (Reply(500), 1),
    (Reply(502, b"<html>"), 1),
    (Reply(503, {}, {"Retry-After": "7"}), 7),
    (Reply(503, {}, {"Retry-After": "0"}), 1),
    (Reply(503, {}, {"Retry-After": "soon"}), 1),
    (Reply(503, {}, {"Retry-After": "²"}), 1),  # a digit, and no number
    (Reply(503, {}, {"Retry-After": "Mon, 05 Jan 2026 03:00:45 -0000"}), 45),  # a time of no zone
    (Reply(429, {}, {"Retry-After": "30"}), 30),
    (Reply(429, {}, {"Retry-After": format_datetime(NOW + timedelta(seconds=45), usegmt=True)}), 45),
    (Reply(429, {}), 60),
    (Reply(403, {"message": SECONDARY}), 60),
    (Reply(403, {"message": SECONDARY}, {"Retry-After": "90"}), 90),
    (Reply(403, {"message": PRIMARY}, reset(100)), 101),
    (Reply(403, {"message": PRIMARY}, reset(-5)), 1),
    (Reply(403, b"<html>", reset(100)), 101),
    (Reply(403, b"<html>", {"Retry-After": "9"}), 9),
    (requests.ConnectionError("cut"), 1),
    (refused_connection(), 1),
    (requests.ReadTimeout("slow"), 1),
    (requests.exceptions.ChunkedEncodingError("torn"), 1),
    (requests.exceptions.ContentDecodingError("torn gzip"), 1),
]


@pytest.mark.parametrize(("reply", "wait"), PASSING, ids=range(len(PASSING)))
def test_a_read_is_repeated_after_what_passes(
    script: Script, github: GitHub, reply: Reply | Exception, wait: float
) -> None:
    """It waits on the clock for as long as GitHub asks, and a second where it doesn't."""
    script.on(WHERE, reply, FINE)
    assert github.pull_request(7).number == 7
    assert script.times(WHERE) == [0, wait]


def test_the_pauses_grow_and_end(script: Script, github: GitHub) -> None:
    script.on(WHERE, Reply(502))
    with pytest.raises(Unavailable):
        github.pull_request(7)
    assert script.times(WHERE) == [0, 1, 3, 7]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 422])
def test_a_refusal_is_not_repeated(script: Script, github: GitHub, status: int) -> None:
    """Also not a 403 that is no rate limit, as one for the lack of a permission."""
    script.on(WHERE, Reply(status, {"message": "No"}, {"X-RateLimit-Remaining": "4999"}), FINE)
    with pytest.raises(GitHubError):
        github.pull_request(7)
    assert script.times(WHERE) == [0]


def test_a_certificate_that_is_not_trusted_is_not_tried_again(script: Script, github: GitHub) -> None:
    script.on(WHERE, requests.exceptions.SSLError("self-signed"), FINE)
    with pytest.raises(Unavailable):
        github.pull_request(7)
    assert script.times(WHERE) == [0]


@pytest.mark.parametrize(
    ("reply", "end"),
    [
        (Reply(403, {"message": PRIMARY}, reset(1800)), NOW + timedelta(seconds=1801)),
        (Reply(429, {}, {"Retry-After": "121"}), NOW + timedelta(seconds=121)),
        (Reply(429, {}, {"Retry-After": "9" * 400}), NOW + timedelta(days=366)),
    ],
)
def test_a_limit_beyond_two_minutes_is_told_instead_of_waited_for(
    script: Script, github: GitHub, clock: VirtualClock, reply: Reply, end: datetime
) -> None:
    script.on(WHERE, reply)
    with pytest.raises(RateLimited) as caught:
        github.pull_request(7)
    assert caught.value.until == end
    assert f"until {end:%Y-%m-%d %H:%M:%S} UTC" in caught.value.sentence
    assert clock.monotonic() == 0


def test_waiting_ends_after_two_minutes_in_all(script: Script, github: GitHub, clock: VirtualClock) -> None:
    script.on(WHERE, Reply(429, {"message": SECONDARY}))
    with pytest.raises(RateLimited) as caught:
        github.pull_request(7)
    assert script.times(WHERE) == [0, 60, 120]
    assert caught.value.until == clock.now() + timedelta(seconds=60)


def test_waiting_for_a_limit_is_a_decision_in_the_journal(script: Script, github: GitHub, path: Path) -> None:
    script.on(WHERE, Reply(429, {}, {"Retry-After": "30"}), Reply(502), FINE)
    github.pull_request(7)
    told = [(entry.kind, entry.what) for entry in read(path) if entry.kind is not Kind.RESPONSE]
    assert [kind for kind, _ in told] == [Kind.DECISION, Kind.OBSERVATION]
    assert "trying again in 30 s" in told[0][1]


def test_a_loop_that_comes_back_by_itself_is_told_at_once(script: Script, github: GitHub) -> None:
    script.on(WHERE, Reply(502), FINE)
    with github.tried_once(), pytest.raises(Unavailable):
        github.pull_request(7)
    assert script.times(WHERE) == [0]
    script.on(WHERE, Reply(502), FINE)
    assert github.pull_request(7).number == 7


@pytest.mark.parametrize(
    ("reply", "times"),
    [
        (Reply(429, {}, {"Retry-After": "30"}), [0, 30]),
        (Reply(403, {"message": SECONDARY}), [0, 60]),
        (refused_connection(), [0, 1]),
        (requests.ConnectTimeout("no way"), [0, 1]),
        (requests.exceptions.ProxyError("no proxy"), [0, 1]),
    ],
)
def test_a_change_that_can_not_have_been_made_is_asked_for_again(
    script: Script, github: GitHub, reply: Reply | Exception, times: list[float]
) -> None:
    script.on("POST /pulls", reply, Reply(201, opened()))
    assert github.open_pull_request(head="faster-search", base="main", title="t", body="b").number == 7
    assert script.times("POST /pulls") == times
    assert script.times("GET /pulls") == []  # nothing to look for


@given(
    trouble=troubles,
    attempt=st.integers(0, 5),
    waited=st.floats(0, 200),
    retries=st.integers(0, 5),
    mutating=st.booleans(),
)
def test_a_pause_keeps_every_promise(
    *, trouble: Trouble, attempt: int, waited: float, retries: int, mutating: bool
) -> None:
    """Never shorter than GitHub asks, never beyond the patience, and none where a change may have been made."""
    wait = pause(trouble, attempt, waited, retries=retries, mutating=mutating)
    if wait is not None:
        assert wait >= trouble.asked_seconds
        assert wait >= PAUSES[attempt]
        assert waited + wait <= PATIENCE_SECONDS
        assert attempt < min(retries, len(PAUSES))
        assert trouble.passing
        assert not (mutating and trouble.sent)
    else:
        assert (
            attempt >= min(retries, len(PAUSES))
            or not trouble.passing
            or (mutating and trouble.sent)
            or waited + max(trouble.asked_seconds, PAUSES[attempt]) > PATIENCE_SECONDS
        )


@given(after=st.integers(0, 10**6), limited=st.booleans())
def test_what_retry_after_asks_for_is_understood_as_number_and_as_date(*, after: int, limited: bool) -> None:
    date = format_datetime(NOW + timedelta(seconds=after), usegmt=True)
    assert asked_seconds({"Retry-After": str(after)}, NOW, limited=limited) == after
    assert asked_seconds({"Retry-After": date}, NOW, limited=limited) == after


@given(st.integers(-(10**6), 10**6))
def test_the_reset_is_waited_for_to_its_end(after: int) -> None:
    """A second more, as its seconds are whole ones; not into the past."""
    assert asked_seconds(reset(after), NOW, limited=True) == max(0, after + 1)


@given(
    st.sampled_from([200, 304, 403, 404, 429, 500, 503]),
    st.dictionaries(
        st.sampled_from(["Retry-After", "X-RateLimit-Remaining", "X-RateLimit-Reset"]),
        st.text() | st.just("0"),
    ),
    st.text(),
)
def test_no_header_breaks_the_arithmetic(status: int, headers: dict[str, str], said: str) -> None:
    """Whatever a proxy writes into them, there is a wait of some length and an end that can be named."""
    trouble = answered(status, headers, said, NOW)
    if trouble is not None:
        assert trouble.asked_seconds >= 0
        assert until(trouble, NOW) >= NOW
    if status != 403:
        assert (trouble is None) == (status in {200, 304, 404})


@pytest.mark.parametrize(
    ("error", "sent", "passing"),
    [
        (refused_connection(), False, True),
        (requests.ConnectTimeout(), False, True),
        (requests.exceptions.ProxyError(), False, True),
        (requests.ConnectionError("cut"), True, True),
        (requests.ReadTimeout(), True, True),
        (requests.exceptions.SSLError(), False, False),
        (requests.exceptions.InvalidURL(), False, False),
        (OSError("no certificates"), False, False),
    ],
)
def test_a_failure_on_the_way_says_what_may_have_been_done(
    error: Exception, *, sent: bool, passing: bool
) -> None:
    trouble = unanswered(error)
    assert (trouble.sent, trouble.passing) == (sent, passing)
