"""A call as a line of the AWS CLI, held against the CLI itself."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from botocore import xform_name
from botocore.utils import parse_timestamp
from hypothesis import given, settings
from hypothesis import strategies as st

from rollback.aws import HIDDEN, redacted
from rollback.byhand import UnknownCall, aws_argv, aws_line
from tests.rollback.byhand.calls import models, params, rehearsed, used
from tests.rollback.byhand.cli import Cli, listening

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from botocore.model import OperationModel, Shape

MODELS = models()
USED = used(MODELS)
REGION = "eu-central-1"
CONTENT = b"what is in the file"
PAGES = ("ContinuationToken", "NextToken", "nextToken")


@pytest.fixture(scope="module")
def cli(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cli]:
    directory: Path = tmp_path_factory.mktemp("typed")
    for name in ("the-body", "the-secret-binary", "the-ciphertext-blob"):
        (directory / name).write_bytes(CONTENT)
    with pytest.MonkeyPatch.context() as patch:
        yield listening(patch, directory)


def test_all_that_rehearsals_need_is_among_the_operations_that_are_held_against_the_cli() -> None:
    prefixes = {"elbv2": "elasticloadbalancing"}
    named = {
        f"{prefixes.get(str(each.service_model.service_name), each.service_model.service_name)}:{each.name}"
        for each in USED
    }
    assert not rehearsed() - named
    assert len(USED) >= 45


@settings(max_examples=150)
@given(st.data())
def test_the_cli_asks_for_just_what_the_line_was_made_of(cli: Cli, data: st.DataObject) -> None:
    operation = data.draw(st.sampled_from(USED), label="operation")
    asked = data.draw(
        params(operation.input_shape).filter(lambda said: _can_be_said(operation, said)), label="asked"
    )
    service = str(operation.service_model.service_name)
    understood = cli.reads(aws_line(service, operation.name, asked, REGION))
    assert (understood.service, understood.operation, understood.region) == (service, operation.name, REGION)
    assert _comparable(understood.params, operation.input_shape) == _expected(asked, operation.input_shape)


@pytest.mark.parametrize("operation", USED, ids=lambda each: f"{each.service_model.service_name}-{each.name}")
def test_every_operation_has_a_line_with_what_it_cannot_do_without(
    cli: Cli, operation: OperationModel
) -> None:
    asked = _least(operation.input_shape)
    service = str(operation.service_model.service_name)
    understood = cli.reads(aws_line(service, operation.name, asked, REGION))
    assert (understood.service, understood.operation) == (service, operation.name)
    assert _comparable(understood.params, operation.input_shape) == _expected(asked, operation.input_shape)


def test_a_line_reads_as_a_person_would_type_it() -> None:
    asked = {"cluster": "c", "service": "s", "taskDefinition": "app:41", "forceNewDeployment": True}
    assert aws_line("ecs", "UpdateService", asked, REGION, profile="on-call") == (
        "aws ecs update-service --region eu-central-1 --profile on-call"
        " --cluster c --service s --task-definition app:41 --force-new-deployment"
    )


def test_what_the_journal_hides_is_a_placeholder_in_words() -> None:
    told = {
        "SecretId": "database",
        "SecretString": "postgresql://app:hunter2@host/app",
        "ClientRequestToken": "7f" * 16,
    }
    line = aws_line("secretsmanager", "PutSecretValue", told, "")
    assert (
        line == "aws secretsmanager put-secret-value --secret-id database --secret-string '<SECRET_STRING>'"
    )
    assert aws_line("secretsmanager", "PutSecretValue", redacted(told), "") == line  # type: ignore[arg-type] # a mapping


def test_what_the_journal_hides_deep_within_is_a_placeholder_too() -> None:
    container = {
        "name": "app",
        "command": ["serve", "--key=hunter2"],
        "environment": [{"name": "KEY", "value": "hunter2"}],
    }
    said = aws_argv(
        "ecs", "RegisterTaskDefinition", {"family": "app", "containerDefinitions": [container]}, ""
    )
    assert json.loads(said[-1]) == [
        {
            "name": "app",
            "command": ["<COMMAND>", "<COMMAND>"],
            "environment": [{"name": "KEY", "value": "<VALUE>"}],
        }
    ]


def test_what_the_journal_has_of_a_time_and_of_a_body_is_enough(cli: Cli) -> None:
    at = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)
    asked = {"SourceDBInstanceIdentifier": "a", "TargetDBInstanceIdentifier": "b", "RestoreTime": at}
    line = aws_line("rds", "RestoreDBInstanceToPointInTime", asked, REGION)
    assert "--restore-time 2026-01-05T12:00:00Z" in line
    assert aws_line("rds", "RestoreDBInstanceToPointInTime", redacted(asked), REGION) == line  # type: ignore[arg-type] # a mapping
    written = redacted({"Bucket": "b", "Key": "k", "Body": b"the state", "IfNoneMatch": "*"})
    assert cli.reads(aws_line("s3", "PutObject", written, REGION)).params["Body"] == CONTENT  # type: ignore[arg-type] # a mapping


def test_a_page_of_a_list_is_asked_for_as_it_was_and_a_token_that_nobody_knows_is_left_to_the_cli(
    cli: Cli,
) -> None:
    zones = cli.reads(aws_line("route53", "ListHostedZones", {"MaxItems": "3"}, REGION))
    assert zones.params == {"MaxItems": "3"}
    events = {"logGroupName": "app", "startTime": 3, "nextToken": "opaque"}
    assert cli.reads(aws_line("logs", "FilterLogEvents", events, REGION)).params == {
        "logGroupName": "app",
        "startTime": 3,
    }


def test_what_a_line_fetches_goes_into_a_file_with_a_name_in_words(cli: Cli) -> None:
    line = aws_line("s3", "GetObject", {"Bucket": "b", "Key": "-k", "VersionId": "v"}, REGION)
    assert line.endswith(" --key=-k --version-id v received-body")
    assert cli.reads(line).params == {"Bucket": "b", "Key": "-k", "VersionId": "v"}


def test_a_blob_that_is_not_streamed_is_a_file_that_is_named(cli: Cli) -> None:
    line = aws_line("kms", "Decrypt", {"CiphertextBlob": b"secret"}, REGION)
    assert line.endswith(" --ciphertext-blob fileb://the-ciphertext-blob")
    assert cli.reads(line).params == {"CiphertextBlob": CONTENT}


@pytest.mark.parametrize(
    ("service", "operation", "asked", "end"),
    [
        (
            "kinesisanalytics",
            "AddApplicationOutput",
            {"Output": {"Name": "x"}},
            """--cli-input-json '{"Output":{"Name":"x"}}'""",
        ),
        (
            "apigateway",
            "CreateRestApi",
            {"name": "x", "version": "1"},
            """--name x --cli-input-json '{"version":"1"}'""",
        ),
        (
            "ecs",
            "UpdateService",
            {"service": "s", "enableExecuteCommand": False},
            "--service s --disable-execute-command",
        ),
        (
            "codedeploy",
            "StopDeployment",
            {"deploymentId": "d"},
            "aws deploy stop-deployment --deployment-id d",
        ),
        ("config", "DescribeConfigRules", {}, "aws configservice describe-config-rules"),
    ],
)
def test_what_the_cli_calls_otherwise_is_called_as_the_cli_does(
    service: str, operation: str, asked: dict[str, Any], end: str
) -> None:
    assert aws_line(service, operation, asked, "").endswith(end)


@pytest.mark.parametrize(
    ("service", "operation"), [("ecs", "RollBack"), ("no-such-service", "UpdateService")]
)
def test_what_botocore_does_not_know_is_a_sentence(service: str, operation: str) -> None:
    with pytest.raises(UnknownCall, match=f"botocore knows no {service}:{operation}"):
        aws_line(service, operation, {}, REGION)


def _can_be_said(operation: OperationModel, said: dict[str, Any]) -> bool:
    """The CLI takes no JSON for a whole call whose answer is a file, so that some texts have no way to be said."""
    if not operation.has_streaming_output:
        return True
    return not any(isinstance(each, str) and "://" in each for each in said.values())


def _least(shape: Shape | None) -> Any:
    if shape is None or shape.type_name == "structure":
        members: dict[str, Any] = getattr(shape, "members", {})
        return {name: _least(members[name]) for name in getattr(shape, "required_members", ())}
    plain: dict[str, Any] = {
        "string": "x", "integer": 1, "long": 1, "boolean": True, "list": [], "map": {}, "blob": b"", "double": 1.5,
    }  # fmt: skip
    return plain[shape.type_name]


def _expected(asked: dict[str, Any], shape: Shape | None) -> Any:
    """What is asked for, but for what is hidden and what is the CLI's own to say."""
    hidden: Any = redacted({name: value for name, value in asked.items() if name != "EncodingType"})
    needed = getattr(shape, "required_members", ())
    for name in [
        name for name, value in hidden.items() if value == HIDDEN and name.lower().endswith("token")
    ]:
        if name not in needed:
            del hidden[name]
    return _comparable({name: _shown(value, name) for name, value in hidden.items()}, shape)


def _shown(value: Any, name: str) -> Any:
    if isinstance(value, dict):
        return {key: _shown(each, key) for key, each in value.items()}
    if isinstance(value, list):
        return [_shown(each, name) for each in value]
    return f"<{_snake(name)}>" if value == HIDDEN else value


def _snake(name: str) -> str:
    return str(xform_name(name)).upper()


def _comparable(value: Any, shape: Shape | None, *, whole: bool = True) -> Any:
    """Times as times, and a blob as what is in the file."""
    if shape is None:
        return value
    if shape.type_name == "structure":
        members: dict[str, Shape] = getattr(shape, "members", {})
        return {
            key: CONTENT
            if whole and members[key].type_name == "blob"
            else _comparable(each, members[key], whole=False)
            for key, each in value.items()
        }
    if shape.type_name == "list" and isinstance(value, list):
        return [_comparable(each, getattr(shape, "member", None), whole=False) for each in value]
    if shape.type_name == "map":
        return {
            key: _comparable(each, getattr(shape, "value", None), whole=False) for key, each in value.items()
        }
    if shape.type_name == "timestamp" and not str(value).startswith("<"):
        return parse_timestamp(value).replace(tzinfo=UTC)
    return value
