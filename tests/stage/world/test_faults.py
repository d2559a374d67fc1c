"""Each way in which AWS misbehaves, as rollback code and plain botocore see it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import (
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    ReadTimeoutError,
)

from rehearsal.faults import Fault, Kind, Recorded, inject, record
from rehearsal.world.version import AppVersion
from rollback.errors import AccessDenied, AwsError, CredentialsExpired, Throttled, Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable

    from rehearsal.embedded import EmbeddedStage
    from rehearsal.world.world import World
    from rollback.access import Access
    from rollback.aws import Aws
    from rollback.environment import Environment

SERVICES: dict[str, Callable[[Any], object]] = {
    "ecr": lambda client: client.describe_repositories(),
    "ecs": lambda client: client.list_clusters(),
    "elbv2": lambda client: client.describe_load_balancers(),
    "iam": lambda client: client.list_roles(),
    "logs": lambda client: client.describe_log_groups(),
    "secretsmanager": lambda client: client.list_secrets(),
    "ssm": lambda client: client.describe_parameters(),
    "sts": lambda client: client.get_caller_identity(),
}
QUERY = {"elbv2", "iam", "sts"}


def plain(stage: EmbeddedStage, service: str) -> Any:
    """A client of the operator without the hooks of rollback code."""
    return stage.operator.client(service, stage.environment.region)


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize(
    ("kind", "json", "query"),
    [
        (Kind.THROTTLED, (400, "ThrottlingException"), (400, "Throttling")),
        (Kind.ACCESS_DENIED, (400, "AccessDeniedException"), (403, "AccessDenied")),
        (Kind.EXPIRED, (400, "ExpiredTokenException"), (403, "ExpiredToken")),
        (Kind.INTERNAL_ERROR, (500, ""), (500, "InternalFailure")),
    ],
)
def test_an_error_is_parsed_as_aws_would_have_sent_it(
    stage: EmbeddedStage, service: str, kind: Kind, json: tuple[int, str], query: tuple[int, str]
) -> None:
    inject(stage, Fault(kind=kind))
    with pytest.raises(ClientError) as caught:
        SERVICES[service](plain(stage, service))
    error, metadata = caught.value.response["Error"], caught.value.response["ResponseMetadata"]
    status, code = query if service in QUERY else json
    assert metadata["HTTPStatusCode"] == status
    assert error["Code"] == (code or error["Code"])
    assert error["Message"]
    assert metadata["RequestId"]


@pytest.mark.parametrize("service", sorted(SERVICES.keys() - QUERY))
def test_an_internal_error_is_one_that_the_service_knows(stage: EmbeddedStage, service: str) -> None:
    """The code is an exception of the service's own model."""
    inject(stage, Fault(kind=Kind.INTERNAL_ERROR))
    client = plain(stage, service)
    with pytest.raises(ClientError) as caught:
        SERVICES[service](client)
    assert type(caught.value).__name__ == caught.value.response["Error"]["Code"]
    assert isinstance(caught.value, getattr(client.exceptions, type(caught.value).__name__))


def test_a_denied_call_names_the_user_and_the_action(stage: EmbeddedStage, environment: Environment) -> None:
    inject(stage, Fault(kind=Kind.ACCESS_DENIED))
    with pytest.raises(ClientError) as caught:
        plain(stage, "elbv2").describe_load_balancers()
    message = caught.value.response["Error"]["Message"]
    assert message.startswith(f"User: arn:aws:iam::{environment.account}:user/operator is not authorized to")
    assert "elasticloadbalancing:DescribeLoadBalancers" in message


@pytest.mark.parametrize(
    ("kind", "error", "seconds"),
    [
        (Kind.TIMEOUT_BEFORE, ReadTimeoutError, 20.1),
        (Kind.TIMEOUT_AFTER, ReadTimeoutError, 20.1),
        (Kind.CONNECT_TIMEOUT, ConnectTimeoutError, 5.1),
        (Kind.CONNECTION_REFUSED, EndpointConnectionError, 0.1),
    ],
)
def test_a_lost_connection_is_botocores_own_error_after_its_time(
    stage: EmbeddedStage, kind: Kind, error: type[Exception], seconds: float
) -> None:
    inject(stage, Fault(kind=kind))
    with pytest.raises(error):
        plain(stage, "ecs").list_clusters()
    assert stage.clock.monotonic() == pytest.approx(seconds)


@pytest.mark.parametrize("kind", Kind)
def test_only_the_timeout_after_the_effect_has_an_effect(
    world: World, stage: EmbeddedStage, environment: Environment, kind: Kind
) -> None:
    world.open_with(AppVersion("v1"))
    revision = world.team.release(AppVersion("v2"))
    inject(stage, Fault(kind=kind, operation="ecs:UpdateService"))
    with pytest.raises((ClientError, ReadTimeoutError, ConnectTimeoutError, EndpointConnectionError)):
        plain(stage, "ecs").update_service(
            cluster=environment.cluster,
            service=environment.service,
            taskDefinition=world.team.named(revision),
        )
    changed = world.look.primary_revision() == revision
    assert changed == (kind is Kind.TIMEOUT_AFTER)


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        (Kind.THROTTLED, Throttled),
        (Kind.ACCESS_DENIED, AccessDenied),
        (Kind.EXPIRED, CredentialsExpired),
        (Kind.INTERNAL_ERROR, Unavailable),
        (Kind.TIMEOUT_BEFORE, Unavailable),
        (Kind.TIMEOUT_AFTER, Unavailable),
        (Kind.CONNECT_TIMEOUT, Unavailable),
        (Kind.CONNECTION_REFUSED, Unavailable),
    ],
)
def test_rollback_code_is_told_in_its_own_terms(
    stage: EmbeddedStage, access: Access, kind: Kind, error: type[AwsError]
) -> None:
    inject(stage, Fault(kind=kind))
    with pytest.raises(error) as caught:
        access.aws.ecs.list_clusters()
    assert caught.value.operation == "ecs:ListClusters"


def call(aws: Aws, times: int = 1) -> list[bool]:
    """Which of so many calls fail, each tried once."""
    return [_fails(aws) for _ in range(times)]


def _fails(aws: Aws) -> bool:
    try:
        with aws.tried_once():
            aws.ecs.list_clusters()
    except AwsError:
        return True
    return False


def test_a_fault_strikes_from_its_occurrence_on(stage: EmbeddedStage, access: Access) -> None:
    inject(stage, Fault(kind=Kind.THROTTLED, operation="ecs:ListClusters", occurrence=3))
    assert call(access.aws, 5) == [False, False, True, True, True]


def test_a_fault_strikes_so_many_times_and_no_more(stage: EmbeddedStage, access: Access) -> None:
    inject(stage, Fault(kind=Kind.THROTTLED, operation="ecs:ListClusters", occurrence=2, times=2))
    assert call(access.aws, 5) == [False, True, True, False, False]


def test_other_operations_are_left_alone(
    stage: EmbeddedStage, access: Access, environment: Environment
) -> None:
    inject(stage, Fault(kind=Kind.THROTTLED, operation="ecs:ListClusters"))
    assert access.aws.sts.get_caller_identity()["Account"] == environment.account
    assert call(access.aws) == [True]


def test_without_an_operation_all_calls_are_counted_and_struck(stage: EmbeddedStage, access: Access) -> None:
    inject(stage, Fault(kind=Kind.EXPIRED, occurrence=2))
    access.aws.sts.get_caller_identity()
    assert call(access.aws) == [True]
    with pytest.raises(CredentialsExpired):
        access.aws.sts.get_caller_identity()


def test_a_fault_strikes_between_two_moments(stage: EmbeddedStage, access: Access) -> None:
    inject(stage, Fault(kind=Kind.THROTTLED, from_second=10, until_second=20))
    assert call(access.aws) == [False]
    stage.clock.sleep(10)
    assert call(access.aws) == [True]
    stage.clock.sleep(10)
    assert call(access.aws) == [False]


def test_a_call_that_is_throttled_for_a_while_succeeds_by_its_retries(
    stage: EmbeddedStage, access: Access
) -> None:
    inject(stage, Fault(kind=Kind.THROTTLED, operation="ecs:ListClusters", times=2))
    assert access.aws.ecs.list_clusters()["clusterArns"] == []
    assert stage.clock.monotonic() == pytest.approx(1 + 2 + 3 * 0.1)


def test_the_retries_of_a_call_are_attempts_and_no_calls(stage: EmbeddedStage, access: Access) -> None:
    calls = record(stage)
    inject(stage, Fault(kind=Kind.THROTTLED, operation="ecs:ListClusters", times=3))
    access.aws.ecs.list_clusters()
    access.aws.sts.get_caller_identity()
    access.aws.ecs.list_clusters()
    assert calls == [
        Recorded("ecs:ListClusters", 1),
        Recorded("sts:GetCallerIdentity", 1),
        Recorded("ecs:ListClusters", 2),
    ]
    assert str(calls[-1]) == "ecs:ListClusters#2"


def test_the_second_call_is_struck_even_if_the_first_was_retried(
    stage: EmbeddedStage, access: Access
) -> None:
    inject(stage, Fault(kind=Kind.THROTTLED, operation="ecs:ListClusters", times=2))
    inject(stage, Fault(kind=Kind.ACCESS_DENIED, operation="ecs:ListClusters", occurrence=2))
    access.aws.ecs.list_clusters()
    with pytest.raises(AccessDenied):
        access.aws.ecs.list_clusters()


def test_the_team_is_not_struck(stage: EmbeddedStage, world: World) -> None:
    inject(stage, Fault(kind=Kind.CONNECTION_REFUSED))
    world.open_with(AppVersion("v1"))
    assert world.look.status() == "ACTIVE"


def test_a_fault_ends_with_its_stage(stage: EmbeddedStage) -> None:
    inject(stage, Fault(kind=Kind.CONNECTION_REFUSED))
    stage.close()
    assert stage.operator.interceptors == []
