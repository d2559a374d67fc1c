from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import (
    ClientError,
    CredentialRetrievalError,
    LoginRefreshRequired,
    NoCredentialsError,
    NoRegionError,
    PartialCredentialsError,
    SSLError,
    SSOTokenLoadError,
    TokenRetrievalError,
    UnauthorizedSSOTokenError,
)

from rollback.aws import Aws
from rollback.aws_errors import SET_THE_CLOCK, SIGN_IN
from rollback.errors import AccessDenied, AwsError, CredentialsExpired, Unavailable
from tests.rollback.builders import REGION
from tests.rollback.calls import CLOSED, FAILING, REFUSED, TIMEOUT, answers, change, kinds, look
from tests.rollback.wire import answer_with, answering, raising

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from rehearsal.clock import VirtualClock
    from rollback.journal import Journal
    from tests.rollback.wire import Fault, Wire


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
            answering(
                400,
                "InvalidSignatureException",
                "Signature expired: 20260105T030000Z is now earlier than 20260105T031500Z",
            ),
            CredentialsExpired,
            (
                "AWS takes no request with the time that this machine has: ecs:CreateCluster answered Signature expired: "
                f"20260105T030000Z is now earlier than 20260105T031500Z (InvalidSignatureException). {SET_THE_CLOCK}"
            ),
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
