from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import (
    ConnectTimeoutError,
    ProxyConnectionError,
)

from rollback.aws import PRESIGNED, Aws, is_read
from rollback.errors import AwsError, JournalError, Refused, Throttled, Unavailable
from rollback.journal import Journal, Kind, read
from tests.rollback.builders import REGION
from tests.rollback.calls import CLOSED, FAILING, REFUSED, THROTTLED, TIMEOUT, answers, change, kinds, look
from tests.rollback.wire import answer_with, answering, raising

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from rehearsal.clock import VirtualClock
    from tests.rollback.wire import Fault, Wire

# What is recorded, and when.


def test_a_change_is_on_disk_before_it_goes_out_and_again_when_it_came_back(
    aws: Aws, wire: Wire, path: Path
) -> None:
    seen: list[list[tuple[Kind, str]]] = []
    wire.watchers.append(lambda _: seen.append(kinds(path)))
    change(aws)
    assert seen == [[(Kind.CALL, "ecs:CreateCluster")]]
    call, answer = read(path)
    assert call.detail == {"parameters": {"clusterName": "here"}}
    assert (answer.kind, answer.what) == (Kind.ANSWER, "ecs:CreateCluster")
    assert answer.detail == {"status": 200, "seconds": 0.0}


def test_a_look_is_recorded_only_when_it_came_back(aws: Aws, wire: Wire, path: Path) -> None:
    seen: list[list[tuple[Kind, str]]] = []
    wire.watchers.append(lambda _: seen.append(kinds(path)))
    look(aws)
    assert seen == [[]]
    assert kinds(path) == [(Kind.ANSWER, "ecs:DescribeClusters")]


def test_a_change_that_cannot_be_recorded_does_not_go_out(
    aws: Aws, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.write", full)
    with pytest.raises(JournalError):
        change(aws)
    assert wire.attempts == []


@pytest.mark.parametrize(
    ("fault", "detail"),
    [
        (answering(400, "InvalidParameterException"), {"status": 400, "error": "InvalidParameterException"}),
        (raising(TIMEOUT), {"failed": "ReadTimeoutError"}),
    ],
)
def test_how_a_change_failed_is_recorded(
    aws: Aws, wire: Wire, path: Path, fault: Fault, detail: dict[str, Any]
) -> None:
    wire.faults.append(fault)
    with pytest.raises(AwsError):
        change(aws)
    assert [dict(entry.detail) for entry in answers(path)] == [{**detail, "seconds": 0.0}]


def test_the_seconds_of_an_answer_count_its_retries(aws: Aws, wire: Wire, path: Path) -> None:
    wire.faults.extend([THROTTLED, THROTTLED])
    change(aws)
    assert answers(path)[0].detail["seconds"] == 3.0


def test_a_retry_is_told_before_the_pause(aws: Aws, wire: Wire, path: Path) -> None:
    wire.faults.extend([THROTTLED, raising(REFUSED)])
    change(aws)
    told = [entry.what for entry in read(path) if entry.kind is Kind.OBSERVATION]
    assert told == [
        "ecs:CreateCluster failed (ThrottlingException); trying again in 1 s.",
        "ecs:CreateCluster failed (EndpointConnectionError); trying again in 2 s.",
    ]


def test_pages_are_calls_of_their_own(aws: Aws, path: Path) -> None:
    for _ in aws.ecs.get_paginator("list_clusters").paginate():
        pass
    assert kinds(path) == [(Kind.ANSWER, "ecs:ListClusters")]


# What is tried again.


def test_throttling_is_waited_out_by_the_clock(aws: Aws, wire: Wire, clock: VirtualClock) -> None:
    wire.faults.extend([THROTTLED] * 4)
    assert change(aws)["cluster"]["clusterName"] == "here"
    assert (len(wire.attempts), clock.monotonic()) == (5, 1 + 2 + 4 + 8)
    assert wire.reached == ["ecs:CreateCluster"]


@pytest.mark.parametrize("call", [change, look])
def test_throttling_for_good_is_said(
    aws: Aws, wire: Wire, clock: VirtualClock, call: Callable[[Aws], Any]
) -> None:
    wire.faults.extend([THROTTLED] * 9)
    with pytest.raises(
        Throttled, match=r"^AWS kept throttling ecs:\w+: Rate exceeded \(ThrottlingException\)\. Try"
    ):
        call(aws)
    assert (len(wire.attempts), clock.monotonic(), wire.reached) == (5, 15, [])


@pytest.mark.parametrize(
    "fault", [FAILING, answering(503, "ServiceUnavailable"), raising(TIMEOUT), raising(CLOSED)]
)
def test_a_look_is_repeated_when_aws_fails(aws: Aws, wire: Wire, clock: VirtualClock, fault: Fault) -> None:
    wire.faults.extend([fault, fault])
    look(aws)
    assert (len(wire.attempts), clock.monotonic()) == (3, 3)


@pytest.mark.parametrize(
    "fault",
    [
        FAILING,
        answering(503, "ServiceUnavailable"),
        answer_with(502, b"<html>Bad Gateway</html>"),
        raising(TIMEOUT),
        raising(TIMEOUT, after=True),
        raising(CLOSED, after=True),
    ],
)
def test_a_change_that_may_have_been_done_is_never_repeated(
    aws: Aws, wire: Wire, clock: VirtualClock, fault: Fault
) -> None:
    wire.faults.append(fault)
    with pytest.raises(Unavailable):
        change(aws)
    assert (len(wire.attempts), clock.monotonic()) == (1, 0)
    assert len(wire.reached) <= 1


@pytest.mark.parametrize(
    "error",
    [
        REFUSED,
        ConnectTimeoutError(endpoint_url="https://ecs.example"),
        ProxyConnectionError(proxy_url="http://proxy.example"),
    ],
)
def test_a_change_that_never_went_out_is_repeated(
    aws: Aws, wire: Wire, clock: VirtualClock, error: Exception
) -> None:
    wire.faults.extend([raising(error), raising(error)])
    change(aws)
    assert wire.reached == ["ecs:CreateCluster"]
    assert (len(wire.attempts), clock.monotonic()) == (3, 3)


@pytest.mark.parametrize("call", [change, look])
@pytest.mark.parametrize(
    "fault",
    [
        answering(400, "AccessDeniedException"),
        answering(400, "ExpiredTokenException"),
        answering(400, "Other"),
    ],
)
def test_what_would_fail_again_is_not_repeated(
    aws: Aws, wire: Wire, fault: Fault, call: Callable[[Aws], Any]
) -> None:
    wire.faults.append(fault)
    with pytest.raises(AwsError):
        call(aws)
    assert len(wire.attempts) == 1


def test_within_tried_once_nothing_is_repeated(aws: Aws, wire: Wire, clock: VirtualClock) -> None:
    wire.faults.append(THROTTLED)
    with pytest.raises(Throttled), aws.tried_once():
        look(aws)
    assert (len(wire.attempts), clock.monotonic()) == (1, 0)
    wire.faults.append(THROTTLED)
    look(aws)
    assert len(wire.attempts) == 3


# Clients that are shared.


def test_a_second_aws_on_the_same_clients_records_only_for_itself(
    aws: Aws, wire: Wire, path: Path, tmp_path: Path, clock: VirtualClock
) -> None:
    change(aws)
    first = kinds(path)
    aws.close()
    with Journal.create(tmp_path / "second.jsonl", clock) as second:
        other = Aws(wire.client, region=REGION, journal=second, clock=clock)
        wire.faults.append(THROTTLED)
        change(other)
        other.close()
        change_unwatched: Any = wire.client("ecs")
        change_unwatched.create_cluster(clusterName="unwatched")
    assert kinds(path) == first
    assert kinds(tmp_path / "second.jsonl") == [
        (Kind.CALL, "ecs:CreateCluster"),
        (Kind.OBSERVATION, "ecs:CreateCluster failed (ThrottlingException); trying again in 1 s."),
        (Kind.ANSWER, "ecs:CreateCluster"),
    ]


def test_closed_hands_can_be_used_again(aws: Aws, path: Path) -> None:
    aws.close()
    change(aws)
    assert kinds(path) == [(Kind.CALL, "ecs:CreateCluster"), (Kind.ANSWER, "ecs:CreateCluster")]


@pytest.mark.parametrize("operation", ["DescribeServices", "ListTasks", "GetRole", "BatchGetImage"])
def test_a_look_is_known_by_its_name(operation: str) -> None:
    assert is_read(operation)


@pytest.mark.parametrize(
    "operation", ["UpdateService", "StopServiceDeployment", "RegisterTaskDefinition", "PutParameter"]
)
def test_everything_else_counts_as_a_change(operation: str) -> None:
    assert not is_read(operation)


def test_two_pairs_of_hands_on_the_same_clients_see_nothing_of_each_other(
    wire: Wire, aws: Aws, path: Path, tmp_path: Path, clock: VirtualClock
) -> None:
    with Journal.create(tmp_path / "other.jsonl", clock) as journal:
        other = Aws(wire.client, region=REGION, journal=journal, clock=clock)
        change(aws)
        look(other)
        wire.faults.append(THROTTLED)
        began = clock.monotonic()
        look(aws)
        other.close()
    assert clock.monotonic() - began == 1, "each of them waited"
    assert [what for _, what in kinds(path)][:2] == ["ecs:CreateCluster", "ecs:CreateCluster"]
    assert kinds(tmp_path / "other.jsonl") == [(Kind.ANSWER, "ecs:DescribeClusters")]


def test_a_guard_stands_before_the_journal_and_before_the_wire(wire: Wire, aws: Aws, path: Path) -> None:
    def guard(operation: str) -> None:
        if operation == "ecs:CreateCluster":
            raise Refused(operation)

    guarded = aws.guarded(guard)
    look(guarded)
    sent = len(wire.attempts)
    with pytest.raises(Refused, match="ecs:CreateCluster"):
        change(guarded)
    assert len(wire.attempts) == sent
    assert [what for _, what in kinds(path)] == ["ecs:DescribeClusters"]
    change(aws)
    assert len(wire.attempts) == sent + 1, "the hands that it was made from are as they were"
    guarded.close()


def test_a_guard_is_asked_before_a_call_is_signed_for_somebody_else(aws: Aws) -> None:
    asked: list[str] = []
    guarded = aws.guarded(asked.append)
    guarded.s3.generate_presigned_url("get_object", Params={"Bucket": "b", "Key": "k"})
    guarded.s3.generate_presigned_post("b", "k")
    assert asked == [f"s3:{PRESIGNED}"] * 2
    guarded.close()
