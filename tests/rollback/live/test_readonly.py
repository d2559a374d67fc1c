"""Hands that only look: what they refuse, one by one, and that they let every plan be made."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, TypeAlias, cast

import botocore.session
import pytest
import requests

from rollback.aws import is_read
from rollback.commands import _LIBRARY
from rollback.errors import ReadOnly
from rollback.journal import Kind, read
from rollback.live import read_only
from rollback.live.readonly import ALSO_READ, MINTS, SERVICES, ReadOnlyDatabases, only_reads
from rollback.notify import Event, Notifier, Webhook
from tests.rollback.builders import ENVIRONMENT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from botocore.model import OperationModel

    from rollback.access import Access
    from rollback.database.opening import Databases
    from tests.rollback.wire import Wire


Call: TypeAlias = "tuple[str, str, dict[str, Any], str]"


@pytest.fixture
def looking(access: Access) -> Iterator[Access]:
    made = read_only(access)
    yield made
    made.aws.close()


# AWS.


@pytest.mark.parametrize(
    "asked",
    [
        ("ecs", "update_service", {"service": "s", "taskDefinition": "a:1"}, "ecs:UpdateService"),
        ("ecs", "register_task_definition", {"family": "f", "containerDefinitions": []}, "ecs:RegisterTaskDefinition"),
        ("ecs", "stop_service_deployment", {"serviceDeploymentArn": "a"}, "ecs:StopServiceDeployment"),
        ("elbv2", "modify_listener", {"ListenerArn": "a"}, "elbv2:ModifyListener"),
        ("acm", "request_certificate", {"DomainName": "d.example"}, "acm:RequestCertificate"),
        ("acm", "export_certificate", {"CertificateArn": "a" * 20, "Passphrase": b"hunter2"}, "acm:ExportCertificate"),
        ("route53", "change_resource_record_sets", {"HostedZoneId": "Z", "ChangeBatch": {"Changes": []}}, "route53:ChangeResourceRecordSets"),
        ("s3", "put_object", {"Bucket": "bucket", "Key": "k"}, "s3:PutObject"),
        ("s3", "delete_object", {"Bucket": "bucket", "Key": "k"}, "s3:DeleteObject"),
        ("dynamodb", "put_item", {"TableName": "table", "Item": {}}, "dynamodb:PutItem"),
        ("dynamodb", "execute_statement", {"Statement": "DELETE FROM x"}, "dynamodb:ExecuteStatement"),
        ("logs", "start_query", {"startTime": 0, "endTime": 1, "queryString": "x"}, "logs:StartQuery"),
        ("sts", "assume_role", {"RoleArn": "a" * 20, "RoleSessionName": "name"}, "sts:AssumeRole"),
        ("sts", "get_session_token", {}, "sts:GetSessionToken"),
        ("ecr", "get_authorization_token", {}, "ecr:GetAuthorizationToken"),
    ],
)  # fmt: skip
def test_a_call_that_is_no_read_is_refused_by_name_and_never_sent(
    looking: Access, wire: Wire, path: Path, asked: Call
) -> None:
    service, call, parameters, named = asked
    with pytest.raises(ReadOnly, match=f"only look, so {named} was refused") as refused:
        getattr(getattr(looking.aws, service), call)(**parameters)
    assert wire.attempts == []
    assert read(path) == []
    assert "hunter2" not in str(refused.value)


def test_a_call_of_another_service_is_refused_whatever_it_is_called() -> None:
    for operation in ("kms:DescribeKey", "ec2:DescribeInstances", "lambda:GetFunction"):
        with pytest.raises(ReadOnly, match=operation):
            only_reads(operation)


def test_nothing_is_signed_for_somebody_else(looking: Access) -> None:
    with pytest.raises(ReadOnly, match="s3:GeneratePresignedUrl"):
        looking.aws.s3.generate_presigned_url("put_object", Params={"Bucket": "bucket", "Key": "k"})
    with pytest.raises(ReadOnly, match="s3:GeneratePresignedUrl"):
        looking.aws.s3.generate_presigned_post("bucket", "k")


def test_pages_are_read_too(looking: Access, wire: Wire) -> None:
    for page in looking.aws.ecs.get_paginator("list_clusters").paginate():
        assert page["clusterArns"] == []
    assert wire.attempts == ["ecs:ListClusters"]


def test_the_hands_that_they_were_made_from_are_as_they_were(access: Access, looking: Access) -> None:
    looking.aws.ecs.describe_clusters()
    access.aws.ecs.create_cluster(clusterName="here")
    assert looking.aws.ecs.list_clusters()["clusterArns"]


@functools.cache
def operations(service: str) -> dict[str, OperationModel]:
    """What AWS says of its operations, by the models that botocore brings."""
    model = botocore.session.get_session().get_service_model(service)
    return {f"{service}:{name}": model.operation_model(name) for name in model.operation_names}


def permitted(service: str) -> dict[str, OperationModel]:
    """Those that are let go on."""
    return {
        name: model
        for name, model in operations(service).items()
        if name in ALSO_READ or (is_read(model.name) and name not in MINTS)
    }


@pytest.mark.parametrize("service", sorted(SERVICES))
def test_what_is_let_go_on_changes_nothing_by_aws_own_models(service: str) -> None:
    """A read takes no token against being done twice, isn't sent by a method that writes, and makes no credentials."""
    for name, model in permitted(service).items():
        members = model.input_shape.members if model.input_shape else {}
        assert not any(member.metadata.get("idempotencyToken") for member in members.values()), name
        if model.service_model.metadata["protocol"].startswith("rest-xml"):
            asks_by_post = name == "route53:ListTagsForResources"
            assert model.http["method"] in {"GET", "HEAD"} or asks_by_post, name
        answered = model.output_shape.members if model.output_shape else {}
        assert not {"Credentials", "authorizationData", "WebIdentityToken"} & set(answered), name


def test_every_exception_is_an_operation_of_aws() -> None:
    known = {name for service in SERVICES for name in operations(service)}
    assert known >= MINTS | ALSO_READ


# HTTP and GitHub.


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_the_application_is_only_looked_at(looking: Access, path: Path, method: str) -> None:
    with pytest.raises(ReadOnly, match=f"{method} https://app.example/orders was refused"):
        looking.http.request(method, "https://me:hunter2@app.example/orders?token=hunter2")
    assert read(path) == []


def test_a_session_that_was_prepared_by_hand_goes_through_the_same_door(looking: Access) -> None:
    request = requests.Request("POST", "https://app.example/orders").prepare()
    with pytest.raises(ReadOnly):
        looking.http.send(request)


def test_github_is_only_read(looking: Access, path: Path) -> None:
    with pytest.raises(
        ReadOnly, match=r"POST https://github.example/api/v3/repos/team/app/pulls was refused"
    ):
        looking.github.open_pull_request(head="a", base="b", title="t", body="b")
    assert read(path) == []


def test_the_webhook_is_not_told_anything(looking: Access, path: Path) -> None:
    notifier = Notifier(ENVIRONMENT, looking, Webhook("https://hooks.example/hunter2"))
    notifier.post(Event.BEGINS, "A rollback begins.")
    assert notifier.settled(0)
    (entry,) = read(path)
    assert entry.kind is Kind.OBSERVATION
    assert entry.what == "The team was not told: these hands only look."


# The database.


class Opening:
    """What opens databases, and notes it."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __getattr__(self, name: str) -> Any:
        return lambda url: self.asked.append(f"{name} {url}")


def test_no_database_is_made_for_a_trial() -> None:
    inner = Opening()
    databases = ReadOnlyDatabases(cast("Databases", inner))
    databases.opened("x")
    with pytest.raises(ReadOnly, match="no empty database") as refused:
        databases.empty("postgresql://me:hunter2@db.example/app")
    assert "hunter2" not in str(refused.value)
    with pytest.raises(ReadOnly, match="no copy"):
        databases.copied("postgresql://me:hunter2@db.example/app")
    assert inner.asked == ["opened x"]


def test_whatever_the_hands_open_databases_with_is_made_to_look_only(looking: Access, access: Access) -> None:
    if hasattr(access, "databases"):
        assert isinstance(looking.databases, ReadOnlyDatabases)  # type: ignore[attr-defined, unused-ignore]


# Programs.

TERRAFORM = "/opt/bin/terraform"


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["git", "push", "origin", "main"], "`git push`"),
        (["git", "--git-dir=/x", "push"], "`git push`"),
        (["git", "-C", "/x", "-c", "a=b", "push", "--force"], "`git push`"),
        (["git", "send-pack", "x"], "`git send-pack`"),
        (["git", "commit"], "`git commit`"),
        ([TERRAFORM, "apply", "-auto-approve"], "`terraform apply`"),
        ([TERRAFORM, "-chdir=x", "apply"], "`terraform apply`"),
        (["tofu", "destroy"], "`tofu destroy`"),
        ([TERRAFORM, "state", "push", "x"], "`terraform state push`"),
        ([TERRAFORM, "state", "rm", "x"], "`terraform state rm`"),
        ([TERRAFORM, "state", "mv", "x", "y"], "`terraform state mv`"),
        ([TERRAFORM, "state", "replace-provider", "x", "y"], "`terraform state replace-provider`"),
        ([TERRAFORM, "force-unlock", "-force", "x"], "`terraform force-unlock`"),
        ([TERRAFORM, "import", "a", "b"], "`terraform import`"),
        ([TERRAFORM, "taint", "a"], "`terraform taint`"),
        ([TERRAFORM, "untaint", "a"], "`terraform untaint`"),
        ([TERRAFORM, "refresh"], "`terraform refresh`"),
        ([TERRAFORM, "workspace", "new", "a"], "`terraform workspace new`"),
        ([TERRAFORM, "workspace", "delete", "a"], "`terraform workspace delete`"),
        ([TERRAFORM, "init", "-migrate-state"], "`terraform init -migrate-state`"),
        ([TERRAFORM, "init", "-force-copy"], "`terraform init -force-copy`"),
        ([TERRAFORM, "init", "--migrate-state=true"], "`terraform init --migrate-state=true`"),
        ([TERRAFORM, "plan"], "`terraform plan` without -lock=false"),
        ([TERRAFORM, "plan", "-lock=true"], "`terraform plan` without -lock=false"),
        ([TERRAFORM, "plan", "-lock=false", "-lock=true"], "`terraform plan` without -lock=false"),
        ([TERRAFORM], "`terraform`"),
        (["/usr/bin/python", "-P", _LIBRARY, "apply"], "`terraform apply`"),
        (["aws", "s3", "cp", "a", "b"], '"aws"'),
        (["/bin/sh", "-c", "git log"], '"sh"'),
    ],
)
def test_a_program_that_writes_elsewhere_is_not_started(
    looking: Access, path: Path, words: list[str], named: str
) -> None:
    with pytest.raises(ReadOnly) as refused:
        looking.processes.run(words, timeout_seconds=1)
    assert f"only look, so {named}" in refused.value.sentence
    assert read(path) == []


def test_a_program_that_looks_is_run(looking: Access, path: Path) -> None:
    done = looking.processes.run(["git", "version"], timeout_seconds=10)
    assert done.code == 0
    assert [entry.kind for entry in read(path)] == [Kind.COMMAND, Kind.EXIT]
    assert looking.processes.which("git")
