"""What the logs are found to say of a deployment."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING

import pytest

from rollback.aws import ATTEMPTS
from rollback.journal import Kind, read
from rollback.logs import Verdict, look, watch
from rollback.logs.reading import milliseconds
from rollback.logs.watching import POLL_SECONDS, SETTLE_SECONDS
from tests.rollback.builders import ENVIRONMENT
from tests.rollback.calls import CLOSED, FAILING, THROTTLED, TIMEOUT
from tests.rollback.wire import answer_with, answering, raising

if TYPE_CHECKING:
    from pathlib import Path

    from botocore.awsrequest import AWSPreparedRequest, AWSResponse

    from rehearsal.clock import VirtualClock
    from rollback.access import Access
    from rollback.logs import Watched
    from tests.rollback.logs.writing import Application
    from tests.rollback.wire import Fault, Proceed, Wire

WINDOW = ENVIRONMENT.logs.window_seconds
HOUR = timedelta(hours=1)
CALLS = range(4)
"""A poll asks for the group, the errors of before, those of now, and whether anything was logged."""


def seen(access: Access, application: Application) -> Watched:
    """What has been logged since the deployment, beside what was before."""
    return look(ENVIRONMENT, access, before=application.began, since=application.began)


def through(_: AWSPreparedRequest, proceed: Proceed) -> AWSResponse:
    """Nothing happens to a call."""
    return proceed()


def dated(clock: VirtualClock, skew: float) -> Fault:
    """AWS answers, by a clock that is so many seconds ahead of ours."""

    def fault(_: AWSPreparedRequest, proceed: Proceed) -> AWSResponse:
        answer = proceed()
        answer.headers["date"] = format_datetime(clock.now() + timedelta(seconds=skew), usegmt=True)
        return answer

    return fault


class TestTheVerdict:
    def test_errors_that_came_with_a_deployment_are_worse(
        self, access: Access, application: Application, clock: VirtualClock
    ) -> None:
        application.log("INFO fine", times=10)
        application.log("ERROR order {n} lost", times=6)
        application.log("ERROR disk", times=2)
        clock.sleep(60)
        found = seen(access, application)
        assert found.verdict is Verdict.WORSE
        assert [(group.message, group.count, group.before, group.worse) for group in found.groups] == [
            ("ERROR order # lost", 6, 0, True),
            ("ERROR disk", 2, 0, False),
        ]
        assert found.groups[0].last_at == application.began + timedelta(seconds=5)
        assert found.sentence == (
            "/ecs/app: 8 errors in 1 min (8.0 a minute, 0.0 before); the most: 6 x ERROR order # lost (0 before)."
        )
        assert "app/app/0123" in found.remedy

    def test_errors_that_have_always_come_are_not(
        self, access: Access, application: Application, clock: VirtualClock
    ) -> None:
        application.log("ERROR the old one {n}", times=600, at=application.began - HOUR, every=6)
        application.log("ERROR the old one {n}", times=19, every=3)
        clock.sleep(60)
        assert seen(access, application).verdict is Verdict.CALM
        application.log("ERROR the old one {n}", times=2, at=application.began)
        assert seen(access, application).verdict is Verdict.WORSE

    def test_a_new_message_is_worse_also_where_others_have_gone(
        self, access: Access, application: Application, clock: VirtualClock
    ) -> None:
        application.log("ERROR the old one {n}", times=600, at=application.began - HOUR, every=6)
        application.log("ERROR a new one", times=5)
        clock.sleep(60)
        found = seen(access, application)
        assert found.rate < found.rate_before
        assert found.verdict is Verdict.WORSE

    def test_a_few_errors_are_not_worse(
        self, access: Access, application: Application, clock: VirtualClock
    ) -> None:
        application.log("ERROR a new one", times=ENVIRONMENT.logs.fewest - 1)
        clock.sleep(60)
        assert seen(access, application).verdict is Verdict.CALM

    def test_silence_proves_nothing(
        self, access: Access, application: Application, clock: VirtualClock
    ) -> None:
        application.log("INFO fine", at=application.began - HOUR / 2)
        clock.sleep(60)
        found = seen(access, application)
        assert found.verdict is Verdict.UNKNOWN
        assert found.sentence == "Nothing at all was logged to /ecs/app in 1 min, which proves nothing."

    def test_what_was_logged_at_the_moment_itself_belongs_to_the_window_alone(
        self, access: Access, application: Application, clock: VirtualClock
    ) -> None:
        application.log("ERROR a", at=application.began)
        application.log("ERROR a", at=application.began - timedelta(milliseconds=1))
        clock.sleep(60)
        found = seen(access, application)
        assert (found.errors, found.before) == (1, 1)


class TestWatching:
    def test_lasts_as_long_as_the_environment_says(
        self, access: Access, application: Application, clock: VirtualClock, path: Path
    ) -> None:
        application.log("INFO fine", times=10)
        found = watch(ENVIRONMENT, access, before=application.began)
        assert found.verdict is Verdict.CALM
        assert clock.now() == application.began + timedelta(seconds=WINDOW + SETTLE_SECONDS)
        assert (found.until - found.since).total_seconds() == WINDOW
        assert read(path)[-1].detail["verdict"] == "calm"

    def test_ends_as_soon_as_they_are_worse(
        self, access: Access, application: Application, clock: VirtualClock
    ) -> None:
        clock.call_in(
            2 * POLL_SECONDS - SETTLE_SECONDS - 1, lambda: application.log("ERROR a", times=5, every=0)
        )
        assert watch(ENVIRONMENT, access, before=application.began).verdict is Verdict.WORSE
        assert (clock.now() - application.began).total_seconds() == 2 * POLL_SECONDS

    def test_sees_what_can_only_be_found_later(
        self, access: Access, application: Application, clock: VirtualClock
    ) -> None:
        """Events can be found some seconds after they were logged: right before each poll, and at the very end."""
        application.log("INFO fine")
        for moment in (POLL_SECONDS, WINDOW):
            logged = application.began + timedelta(seconds=moment - 10)
            clock.call_in(moment + 4, lambda at=logged: application.log("ERROR a", times=2, at=at))  # type: ignore[misc]
        assert watch(ENVIRONMENT, access, before=application.began).errors == 4

    def test_counts_each_event_once_however_long_ago_the_window_began(
        self, access: Access, application: Application, clock: VirtualClock
    ) -> None:
        application.log("ERROR a", times=4, every=100)
        clock.sleep(WINDOW / 2)
        found = watch(ENVIRONMENT, access, before=application.began, since=application.began)
        assert found.errors == 4
        assert clock.now() == application.began + timedelta(seconds=WINDOW + SETTLE_SECONDS)


class TestTrouble:
    def test_a_log_group_that_is_not_there(self, access: Access, application: Application) -> None:
        other = replace(ENVIRONMENT, logs=replace(ENVIRONMENT.logs, group="/ecs/ap"))
        found = watch(other, access, before=application.began)
        assert found.verdict is Verdict.UNKNOWN
        assert found.sentence == "The logs could not be read: There is no log group /ecs/ap."
        assert "environments.toml" in found.remedy

    def test_a_page_that_fails_for_good(self, access: Access, application: Application, wire: Wire) -> None:
        application.log("ERROR a", times=9)
        wire.faults.extend([answering(400, "AccessDeniedException")])
        found = watch(ENVIRONMENT, access, before=application.began)
        assert found.verdict is Verdict.UNKNOWN
        assert found.sentence.startswith("The logs could not be read: ")

    def test_a_page_that_fails_once_is_asked_for_again(
        self, access: Access, application: Application, wire: Wire, clock: VirtualClock, path: Path
    ) -> None:
        application.log("ERROR a", times=9)
        clock.sleep(60)
        wire.faults.extend([lambda _, proceed: proceed(), answering(500, "ServiceUnavailableException")])
        assert seen(access, application).verdict is Verdict.WORSE
        assert not [e for e in read(path) if e.kind is Kind.CALL and "Filter" in e.what]

    @pytest.mark.parametrize("skew", [-120, 120])
    def test_clocks_that_differ_are_taken_into_account(
        self, access: Access, application: Application, wire: Wire, clock: VirtualClock, skew: int
    ) -> None:
        theirs = application.began + timedelta(seconds=skew)
        application.log("ERROR before", times=2, at=theirs - timedelta(seconds=5))
        application.log("ERROR after", times=7, at=theirs)
        clock.sleep(30)
        wire.faults.append(dated(clock, skew))
        found = seen(access, application)
        assert (found.before, found.errors) == (2, 7)
        assert found.groups[0].first_at == application.began
        assert ("2 min ahead of ours" if skew > 0 else "2 min behind ours") in found.sentence

    @pytest.mark.parametrize(("skew", "way"), [(-3600, "behind"), (901, "ahead of")])
    def test_clocks_that_differ_too_much_are_not_made_good(  # noqa: PLR0917 - fixtures
        self, access: Access, application: Application, wire: Wire, clock: VirtualClock, skew: int, way: str
    ) -> None:
        """AWS itself takes no signature of such a clock."""
        application.log("ERROR a", times=9)
        clock.sleep(30)
        wire.faults.append(dated(clock, skew))
        found = watch(ENVIRONMENT, access, before=application.began, since=application.began)
        assert found.verdict is Verdict.UNKNOWN
        assert f"{way} ours" in found.sentence
        assert "NTP" in found.remedy

    def test_a_line_s_delay_is_no_difference_of_clocks(
        self, access: Access, application: Application, wire: Wire, clock: VirtualClock
    ) -> None:
        application.log("INFO fine")
        clock.sleep(30)
        wire.faults.append(dated(clock, -4))
        assert seen(access, application).skew_seconds == 0

    @pytest.mark.parametrize(
        "fault",
        [THROTTLED, FAILING, raising(TIMEOUT), raising(CLOSED, after=True)],
        ids=lambda each: each.__name__,
    )
    @pytest.mark.parametrize("at", CALLS)
    def test_what_passes_costs_neither_an_error_nor_the_watch(
        self, access: Access, application: Application, wire: Wire, fault: Fault, at: int
    ) -> None:
        """AWS is busy or down for as long as one call is tried."""
        application.log("INFO fine")
        application.log("ERROR a", times=3, every=120)
        wire.faults.extend([*[through] * at, *[fault] * ATTEMPTS])
        found = watch(ENVIRONMENT, access, before=application.began)
        assert found.verdict is Verdict.CALM
        assert found.errors == 3
        assert not wire.faults

    def test_what_was_read_of_a_slice_that_failed_is_not_counted_twice(
        self, access: Access, application: Application, wire: Wire
    ) -> None:
        """The second of its pages can't be had; a minute later both can."""
        application.log("ERROR a", times=2)
        event = {"timestamp": milliseconds(application.began), "message": "ERROR a", "logStreamName": "s"}
        page = answer_with(200, json.dumps({"events": [event], "nextToken": "more"}).encode())
        wire.faults.extend([through, through, page, *[FAILING] * ATTEMPTS])
        assert watch(ENVIRONMENT, access, before=application.began).errors == 2

    @pytest.mark.parametrize(
        "fault",
        [answering(400, f"{what}Exception") for what in ("AccessDenied", "ResourceNotFound", "ExpiredToken")],
        ids=lambda each: each.__name__,
    )
    @pytest.mark.parametrize("at", CALLS)
    def test_what_is_refused_ends_it_and_proves_nothing(  # noqa: PLR0917 - fixtures
        self, access: Access, application: Application, wire: Wire, clock: VirtualClock, fault: Fault, at: int
    ) -> None:
        application.log("INFO fine")
        wire.faults.extend([*[through] * at, fault])
        found = watch(ENVIRONMENT, access, before=application.began)
        assert found.verdict is Verdict.UNKNOWN
        assert found.sentence.startswith("The logs could not be read: ")
        assert clock.now() < application.began + timedelta(seconds=WINDOW)
        assert not wire.faults

    def test_aws_that_is_down_to_the_end_proves_nothing(
        self, access: Access, application: Application, wire: Wire, clock: VirtualClock
    ) -> None:
        application.log("ERROR a", times=9)
        clock.call_in(1, lambda: wire.faults.extend([FAILING] * 1000))
        found = watch(ENVIRONMENT, access, before=application.began)
        assert found.verdict is Verdict.UNKNOWN
        assert clock.now() >= application.began + timedelta(seconds=WINDOW)

    @pytest.mark.parametrize("at", CALLS)
    def test_whoever_was_killed_watches_again_and_sees_the_same(
        self, access: Access, application: Application, wire: Wire, at: int
    ) -> None:
        application.log("ERROR a", times=4)
        application.log("INFO fine", at=application.began + timedelta(seconds=30))
        wire.faults.extend([*[through] * at, raising(KeyboardInterrupt())])
        with pytest.raises(KeyboardInterrupt):
            watch(ENVIRONMENT, access, before=application.began, since=application.began)
        found = watch(ENVIRONMENT, access, before=application.began, since=application.began)
        assert (found.verdict, found.errors) == (Verdict.CALM, 4)
