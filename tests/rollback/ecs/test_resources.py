from __future__ import annotations

import functools
import operator
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

import pytest

from rollback.ecs import resources
from rollback.plan import Finding, Severity
from tests.rollback.builders import ACCOUNT, REGION, definition

if TYPE_CHECKING:
    from rollback.access import Access
    from tests.rollback.wire import Wire

ELSEWHERE: Final = "arn:aws:{}:eu-west-1:" + ACCOUNT
OTHERS: Final = "arn:aws:{}:" + REGION + ":999999999999"


def only(findings: Any) -> Finding:
    (finding,) = findings
    assert isinstance(finding, Finding)
    return finding


# Secrets and parameters.


def secret(access: Access, name: str) -> str:
    return access.aws.secretsmanager.create_secret(Name=name, SecretString="x")["ARN"]


def secrets(access: Access, *references: str) -> list[Finding]:
    made = definition({"secrets": [{"name": f"S{n}", "valueFrom": ref} for n, ref in enumerate(references)]})
    return list(resources.secrets(made, access))


@pytest.mark.parametrize(
    "suffix", ["", ":password::", ":password:AWSPREVIOUS:", "::AWSCURRENT:", ":key::0123-45"]
)
def test_a_secret_is_found_whatever_part_of_it_is_read(access: Access, wire: Wire, suffix: str) -> None:
    arn = secret(access, "team/database")
    finding = only(secrets(access, arn + suffix))
    assert (finding.check, finding.severity) == ("secret-exists", Severity.OK)
    assert "team/database" in finding.seen
    assert "password" not in finding.seen
    assert wire.attempts[-1] == "secrets-manager:DescribeSecret"


def test_a_secret_that_is_gone_is_refused(access: Access) -> None:
    arn = secret(access, "team/database")
    access.aws.secretsmanager.delete_secret(SecretId=arn, ForceDeleteWithoutRecovery=True)
    finding = only(secrets(access, f"{arn}:password::"))
    assert finding.severity is Severity.REFUSAL
    assert finding.commands == (f"aws secretsmanager restore-secret --region {REGION} --secret-id {arn}",)


def test_a_secret_that_is_scheduled_for_deletion_is_refused(access: Access) -> None:
    arn = secret(access, "team/database")
    access.aws.secretsmanager.delete_secret(SecretId=arn)
    assert only(secrets(access, arn)).severity is Severity.REFUSAL


def test_a_secret_is_looked_up_once_however_often_it_is_named(access: Access, wire: Wire) -> None:
    arn = secret(access, "database")
    wire.attempts.clear()
    made = definition(
        {"secrets": [{"name": "A", "valueFrom": arn}]}, {"secrets": [{"name": "B", "valueFrom": arn}]}
    )
    assert len(list(resources.secrets(made, access))) == 1
    assert wire.attempts == ["secrets-manager:DescribeSecret"]


@pytest.mark.parametrize(
    "reference",
    [
        ELSEWHERE.format("secretsmanager") + ":secret:database-AbCdEf:password::",
        OTHERS.format("secretsmanager") + ":secret:database-AbCdEf",
        ELSEWHERE.format("ssm") + ":parameter/database",
        OTHERS.format("ssm") + ":parameter/database",
    ],
)
def test_what_is_elsewhere_is_not_looked_up(access: Access, wire: Wire, reference: str) -> None:
    finding = only(secrets(access, reference))
    assert finding.severity is Severity.WARNING
    assert "is in another region or account" in finding.seen
    assert "password" not in finding.seen
    assert wire.attempts == []


def parameter(access: Access, name: str) -> None:
    access.aws.ssm.put_parameter(Name=name, Value="x", Type="String")


@pytest.mark.parametrize(
    ("name", "reference"),
    [
        ("database", "database"),
        ("/database", "/database"),
        ("/team/app/database", "/team/app/database"),
        ("database", "arn:aws:ssm:us-east-1:111122223333:parameter/database"),
        ("/database", "arn:aws:ssm:us-east-1:111122223333:parameter/database"),
        ("/team/app/database", "arn:aws:ssm:us-east-1:111122223333:parameter/team/app/database"),
    ],
)
def test_a_parameter_is_found_by_its_name_or_its_arn(access: Access, name: str, reference: str) -> None:
    """The ARNs of ``database`` and ``/database`` are the same."""
    parameter(access, name)
    finding = only(secrets(access, reference))
    assert (finding.check, finding.severity) == ("parameter-exists", Severity.OK)


@pytest.mark.parametrize(
    ("there", "reference"),
    [
        ("/database", "database"),
        ("database2", "database"),
        ("/team/database", "arn:aws:ssm:us-east-1:111122223333:parameter/database"),
    ],
)
def test_a_parameter_that_is_gone_is_refused(access: Access, there: str, reference: str) -> None:
    parameter(access, there)
    finding = only(secrets(access, reference))
    assert finding.severity is Severity.REFUSAL
    assert (
        finding.seen == "The parameter database that this revision names is gone, so no task of it can start."
    )
    assert finding.remedy


def test_many_parameters_are_asked_for_in_batches(
    access: Access, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resources, "PARAMETERS_AT_ONCE", 2)
    names = [f"/p{n}" for n in range(5)]
    for name in names:
        parameter(access, name)
    wire.attempts.clear()
    findings = secrets(access, *names, "/gone")
    assert [f.severity for f in findings] == [Severity.OK] * 5 + [Severity.REFUSAL]
    assert wire.attempts == ["ssm:DescribeParameters"] * 3


def test_no_batch_is_larger_than_the_api_takes(wire: Wire) -> None:
    model = wire.client("ssm").meta.service_model
    assert model.shape_for("ParameterStringFilterValueList").metadata["max"] == resources.PARAMETERS_AT_ONCE


def test_the_secrets_of_log_drivers_and_registries_count_as_well(access: Access) -> None:
    registry, logs = secret(access, "registry"), secret(access, "logs")
    bare = definition(
        {
            "logConfiguration": {"logDriver": "splunk", "secretOptions": [{"name": "t", "valueFrom": logs}]},
            "repositoryCredentials": {"credentialsParameter": registry},
        },
        {"repositoryCredentials": {"credentialsParameter": "registry"}},
        {"repositoryCredentials": {"credentialsParameter": "gone"}},
    )
    assert [f.severity for f in resources.secrets(bare, access)] == [
        Severity.OK,
        Severity.OK,
        Severity.REFUSAL,
        Severity.OK,
    ]


def test_a_task_without_secrets_asks_nobody(access: Access, wire: Wire) -> None:
    assert list(resources.secrets(definition({}), access)) == []
    assert wire.attempts == []


def test_no_value_of_a_secret_is_ever_read(access: Access, wire: Wire) -> None:
    arn = secret(access, "database")
    parameter(access, "/key")
    wire.attempts.clear()
    secrets(access, arn, "/key")
    assert set(wire.attempts) == {"secrets-manager:DescribeSecret", "ssm:DescribeParameters"}


# Roles and log groups.


def test_roles_are_looked_up_once_and_missing_ones_refused(access: Access, wire: Wire) -> None:
    arn = access.aws.iam.create_role(RoleName="there", Path="/team/", AssumeRolePolicyDocument="{}")["Role"][
        "Arn"
    ]
    wire.attempts.clear()
    made = definition(executionRoleArn=arn, taskRoleArn=arn)
    found = only(resources.roles(made, access))
    assert (found.check, found.severity) == ("role-exists", Severity.OK)
    assert wire.attempts == ["iam:GetRole"]
    gone = definition(executionRoleArn=arn, taskRoleArn=f"arn:aws:iam::{ACCOUNT}:role/gone")
    assert [f.severity for f in resources.roles(gone, access)] == [Severity.OK, Severity.REFUSAL]
    assert list(resources.roles(definition(), access)) == []


def logging(**options: str) -> dict[str, Any]:
    named = {f"awslogs-{key.replace('_', '-')}": value for key, value in options.items()}
    return {"logConfiguration": {"logDriver": "awslogs", "options": named}}


def groups(access: Access, *containers: dict[str, Any]) -> list[Finding]:
    return list(resources.log_groups(definition(*containers), access))


def test_a_log_group_is_found_by_its_very_name(access: Access) -> None:
    access.aws.logs.create_log_group(logGroupName="/ecs/app-other")
    assert only(groups(access, logging(group="/ecs/app"))).severity is Severity.REFUSAL
    access.aws.logs.create_log_group(logGroupName="/ecs/app")
    assert (
        only(groups(access, logging(group="/ecs/app"), logging(group="/ecs/app", region=REGION))).severity
        is Severity.OK
    )


def test_a_missing_log_group_comes_with_what_to_type(access: Access) -> None:
    finding = only(groups(access, logging(group="#a; rm")))
    assert finding.commands == (f"aws logs create-log-group --region {REGION} --log-group-name '#a; rm'",)


@pytest.mark.parametrize(
    "container",
    [
        {},
        logging(group="/gone", create_group="true"),
        logging(group="/gone", create_group="True"),
        logging(group="/gone", region="eu-west-1"),
        logging(),
        {"logConfiguration": {"logDriver": "awslogs"}},
        {"logConfiguration": {"logDriver": "json-file", "options": {"awslogs-group": "/gone"}}},
    ],
    ids=["none", "created", "Created", "elsewhere", "unnamed", "without options", "another driver"],
)
def test_a_log_group_that_needs_not_be_here_is_not_asked_for(
    access: Access, wire: Wire, container: Any
) -> None:
    assert groups(access, container) == []
    assert wire.attempts == []


@pytest.mark.parametrize(("count", "sizes"), [(0, []), (3, [3]), (50, [50]), (51, [50, 1])])
def test_values_are_asked_for_in_batches(count: int, sizes: list[int]) -> None:
    values = [str(n) for n in range(count)]
    batches = list(resources.batched(values, 50))
    assert [len(batch) for batch in batches] == sizes
    assert functools.reduce(operator.iadd, batches, []) == values


def test_an_image_is_plain_data() -> None:
    assert asdict(resources.Image("c", "app")) == {
        "container": "c",
        "reference": "app",
        "digest": "",
        "tags": (),
    }
