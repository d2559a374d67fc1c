from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    ConnectTimeoutError,
    CredentialRetrievalError,
    EndpointConnectionError,
    LoginRefreshRequired,
    NoCredentialsError,
    NoRegionError,
    PartialCredentialsError,
    ProxyConnectionError,
    ReadTimeoutError,
    SSLError,
    SSOTokenLoadError,
    TokenRetrievalError,
    UnauthorizedSSOTokenError,
)

from rollback.aws import Aws, is_read
from rollback.aws_errors import SIGN_IN
from rollback.errors import AccessDenied, AwsError, CredentialsExpired, JournalError, Throttled, Unavailable
from rollback.journal import Entry, Journal, Kind, read
from tests.rollback.builders import REGION
from tests.rollback.wire import answer_with, answering, raising

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from rehearsal.clock import VirtualClock
    from tests.rollback.wire import Fault, Wire

THROTTLED = answering(400, "ThrottlingException", "Rate exceeded")
FAILING = answering(500, "ServerException")
TIMEOUT = ReadTimeoutError(endpoint_url="https://ecs.example")
REFUSED = EndpointConnectionError(endpoint_url="https://ecs.example")
CLOSED = ConnectionClosedError(endpoint_url="https://ecs.example")


def change(aws: Aws) -> Any:
    """A call that changes something."""
    return aws.ecs.create_cluster(clusterName="here")


def look(aws: Aws) -> Any:
    """A call that only looks."""
    return aws.ecs.describe_clusters()


def kinds(path: Path) -> list[tuple[Kind, str]]:
    return [(entry.kind, entry.what) for entry in read(path)]


def answers(path: Path) -> list[Entry]:
    return [entry for entry in read(path) if entry.kind is Kind.ANSWER]


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


# What is said.


@pytest.mark.parametrize(
    ("fault", "kind", "sentence"),
    [
        (
            answering(400, "ExpiredTokenException", "The security token is expired."),
            CredentialsExpired,
            (
                "The AWS credentials are no longer valid: ecs:CreateCluster answered The security token is expired "
                f"(ExpiredTokenException). {SIGN_IN}"
            ),
        ),
        (
            answering(400, "UnrecognizedClientException", ""),
            CredentialsExpired,
            f"The AWS credentials are no longer valid: ecs:CreateCluster answered UnrecognizedClientException. {SIGN_IN}",
        ),
        (
            answering(400, "AccessDeniedException", "User a is not authorized"),
            AccessDenied,
            (
                "These credentials may not call ecs:CreateCluster: User a is not authorized (AccessDeniedException). "
                "Use a role that allows ecs:CreateCluster, or ask for it."
            ),
        ),
        (
            FAILING,
            Unavailable,
            (
                "AWS failed at ecs:CreateCluster: as you see (ServerException), HTTP 500. "
                "Look at the AWS Health Dashboard, then try again."
            ),
        ),
        (
            answering(400, "InvalidParameterException", "That is wrong."),
            AwsError,
            "AWS refused ecs:CreateCluster: That is wrong (InvalidParameterException).",
        ),
        (
            raising(TIMEOUT),
            Unavailable,
            (
                "AWS did not answer ecs:CreateCluster in time. "
                "It may or may not have been done: look at the service before you go on."
            ),
        ),
        (
            raising(CLOSED),
            Unavailable,
            (
                "AWS can't be reached for ecs:CreateCluster (ConnectionClosedError). "
                "Look at your network and at the AWS Health Dashboard, then try again."
            ),
        ),
        (
            raising(SSLError(endpoint_url="https://ecs.example", error=Exception("bad certificate"))),
            Unavailable,
            (
                "AWS can't be reached for ecs:CreateCluster (SSLError). "
                "Look at your network and at the AWS Health Dashboard, then try again."
            ),
        ),
    ],
)
def test_every_failure_is_a_sentence(
    aws: Aws, wire: Wire, fault: Fault, kind: type[AwsError], sentence: str
) -> None:
    wire.faults.append(fault)
    with pytest.raises(AwsError) as caught:
        change(aws)
    assert type(caught.value) is kind
    assert str(caught.value) == sentence
    assert caught.value.operation == "ecs:CreateCluster"


def test_a_connection_that_is_refused_for_good_is_unavailable(aws: Aws, wire: Wire) -> None:
    wire.faults.extend([raising(REFUSED)] * 5)
    with pytest.raises(
        Unavailable, match=r"can't be reached for ecs:CreateCluster \(EndpointConnectionError\)"
    ) as caught:
        change(aws)
    assert not caught.value.reached
    assert wire.reached == []


@pytest.mark.parametrize(
    "code", ["InvalidSignatureException", "SignatureDoesNotMatch", "InvalidClientTokenId", "ExpiredToken"]
)
def test_invalid_credentials_are_told_from_missing_rights(aws: Aws, wire: Wire, code: str) -> None:
    wire.faults.append(answering(403, code))
    with pytest.raises(CredentialsExpired) as caught:
        look(aws)
    assert caught.value.code == code


@pytest.mark.parametrize(
    "error",
    [
        NoCredentialsError(),
        PartialCredentialsError(provider="env", cred_var="AWS_SECRET_ACCESS_KEY"),
        CredentialRetrievalError(provider="process", error_msg="no"),
        TokenRetrievalError(provider="sso", error_msg="Token has expired and refresh failed"),
        UnauthorizedSSOTokenError(),
        SSOTokenLoadError(error_msg="no token"),
        LoginRefreshRequired(),
        ClientError({"Error": {"Code": "ExpiredToken", "Message": "too old"}}, "AssumeRole"),
    ],
)
@pytest.mark.parametrize("call", [change, look])
def test_without_credentials_nothing_goes_out(
    aws: Aws, wire: Wire, path: Path, error: Exception, call: Callable[[Aws], Any]
) -> None:
    """They are looked up when a request is signed, which happens before it is sent."""

    def unsigned(**_: object) -> None:
        raise error

    events = wire.client("ecs").meta.events
    events.register_first("request-created.ecs", unsigned, unique_id="unsigned")
    try:
        with pytest.raises(
            CredentialsExpired, match=r"There are no valid AWS credentials for ecs:\w+"
        ) as caught:
            call(aws)
    finally:
        events.unregister("request-created.ecs", unique_id="unsigned")
    assert wire.attempts == []
    assert caught.value.remedy == SIGN_IN
    assert answers(path)[0].detail["failed"] == type(error).__name__


def test_a_refused_role_is_named_as_what_was_refused(aws: Aws, wire: Wire) -> None:
    error = ClientError({"Error": {"Code": "ExpiredToken", "Message": "too old."}}, "AssumeRole")
    wire.faults.append(raising(error))
    with pytest.raises(CredentialsExpired, match=r"AssumeRole answered too old \(ExpiredToken\)\."):
        look(aws)


@pytest.mark.parametrize("service", ["sts", "elbv2", "iam"])
def test_the_query_protocol_is_understood_as_well(
    aws: Aws, wire: Wire, clock: VirtualClock, service: str
) -> None:
    calls: dict[str, Callable[[], Any]] = {
        "sts": aws.sts.get_caller_identity,
        "elbv2": aws.elbv2.describe_target_groups,
        "iam": aws.iam.list_roles,
    }
    names = {"sts": "GetCallerIdentity", "elbv2": "DescribeTargetGroups", "iam": "ListRoles"}
    operation = f"{service}:{names[service]}"
    wire.faults.extend([answering(400, "Throttling", "Rate exceeded")] * 2)
    calls[service]()
    assert (len(wire.attempts), clock.monotonic()) == (3, 3)
    for code, kind in (
        ("AccessDenied", AccessDenied),
        ("ExpiredToken", CredentialsExpired),
        ("ValidationError", AwsError),
    ):
        wire.faults.append(answering(403, code))
        with pytest.raises(AwsError, match=operation) as caught:
            calls[service]()
        assert (type(caught.value), caught.value.code, caught.value.operation) == (kind, code, operation)


def test_a_services_own_error_keeps_its_code(aws: Aws) -> None:
    with pytest.raises(AwsError) as caught:
        aws.iam.get_role(RoleName="nobody")
    assert (type(caught.value), caught.value.code) == (AwsError, "NoSuchEntity")
    with pytest.raises(AwsError) as caught:
        aws.ecs.describe_services(cluster="nowhere", services=["a"])
    assert caught.value.code == "ClusterNotFoundException"


def test_an_answer_that_cannot_be_read_is_a_sentence(aws: Aws, wire: Wire) -> None:
    wire.faults.append(answer_with(200, b"<html>Please sign in to the guest network"))
    with pytest.raises(Unavailable, match=r"The answer to sts:GetCallerIdentity can't be read\."):
        aws.sts.get_caller_identity()


def test_wrong_parameters_are_a_sentence_and_never_go_out(aws: Aws, wire: Wire, path: Path) -> None:
    with pytest.raises(AwsError) as caught:
        aws.ecs.update_service(cluster=7, colour="red")  # type: ignore[call-arg,arg-type]
    assert caught.value.code == "ParamValidationError"
    assert str(caught.value).startswith(
        'ecs:UpdateService was not sent, since its parameters are wrong: Missing required parameter in input: "service"; '
        'Unknown parameter in input: "colour", must be one of: '
    )
    assert "\n" not in str(caught.value)
    assert wire.attempts == []
    assert kinds(path) == []


def test_wrong_parameters_are_named_without_their_values(aws: Aws) -> None:
    told: Any = "serve\n--password=hunter2, type: <class\nhunter2, valid min "
    container: Any = {"name": "a", "image": "b", "command": told, "memory": told}
    with pytest.raises(AwsError, match=r"containerDefinitions\[0\]\.command") as caught:
        aws.ecs.register_task_definition(family="app", containerDefinitions=[container])
    assert "hunter2" not in str(caught.value)


def test_a_client_that_cannot_be_made_is_a_sentence(journal: Journal, clock: VirtualClock) -> None:
    def no_region(_: str, /) -> Any:
        raise NoRegionError

    aws = Aws(no_region, region=REGION, journal=journal, clock=clock)
    with pytest.raises(AwsError, match=r"^ecs could not be asked: You must specify a region\."):
        look(aws)


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
