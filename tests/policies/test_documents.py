"""The policies are well-formed, no wider than what was recorded, and those in docs/iam are the ones that are made."""

from __future__ import annotations

import json
import re
from pathlib import Path
from string import Template
from typing import Any

import botocore.session
import pytest

from rehearsal.policies import KINDS, LARGEST, Further, NotCovered, Use, allowed, documents, uses, values
from rehearsal.policies.__main__ import files, main
from rehearsal.policies.documents import NO_RESOURCE, size
from rehearsal.policies.operations import OPERATIONS
from rehearsal.policies.recording import must_be_allowed
from rehearsal.policies.resources import PLACEHOLDERS, RESOURCES
from rollback.aws import is_read
from rollback.environment import load

ROOT = Path(__file__).parents[2]
PRODUCTION = load(ROOT / "environments.toml").get("production")
NAMES = values(PRODUCTION, Further("shop", "shop/database-??????", "shop-*", "shop"))
PERMISSIONS = {
    "iam:PassRole",
    "s3:GetObjectVersion",
    "s3:ListBucket",
    "s3:ListBucketVersions",
    "s3:DeleteObjectVersion",
}
"""What IAM calls otherwise than the API: permissions without an operation of that name."""
NOT_RECORDED = {"dynamodb:DescribeTable", "ecs:TagResource", "elasticloadbalancing:DescribeListenerCertificates",
                "elasticloadbalancing:DescribeLoadBalancers", "s3:DeleteObjectVersion"}  # fmt: skip
"""What is known and was needed by no rehearsal, so that no policy allows it."""


def _statements(kind: str) -> list[dict[str, Any]]:
    return [each for document in documents(allowed(kind), NAMES) for each in document["Statement"]]


def _as_list(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def _operations() -> set[str]:
    """Every operation of the services that are used, with IAM's name of the service."""
    session = botocore.session.get_session()
    found = set()
    for service in {name.partition(":")[0] for name in OPERATIONS}:
        prefix = {"elbv2": "elasticloadbalancing"}.get(service, service)
        found |= {f"{prefix}:{each}" for each in session.get_service_model(service).operation_names}
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_the_files_in_the_docs_are_the_policies(kind: str) -> None:
    there = {
        path.name: path.read_text(encoding="utf-8") for path in (ROOT / "docs/iam").glob(f"{kind}*.json")
    }
    assert there == files(kind), "make policies writes them anew"


@pytest.mark.parametrize("kind", KINDS)
def test_a_policy_is_what_iam_takes(kind: str) -> None:
    """IAM User Guide, "IAM JSON policy elements reference" and "IAM and AWS STS quotas"."""
    for document in documents(allowed(kind), NAMES):
        assert document["Version"] == "2012-10-17"
        assert size(document) <= LARGEST
        sids = [each["Sid"] for each in document["Statement"]]
        assert len(set(sids)) == len(sids)
        assert all(re.fullmatch("[A-Za-z0-9]+", sid) for sid in sids)
        assert "${" not in json.dumps(document)


@pytest.mark.parametrize("kind", KINDS)
def test_no_action_has_a_wildcard_and_all_are_known_to_aws(kind: str) -> None:
    actions = {action for each in _statements(kind) for action in each["Action"]}
    assert not [action for action in actions if "*" in action]
    assert actions - PERMISSIONS <= _operations()


@pytest.mark.parametrize("kind", KINDS)
def test_only_what_supports_no_resource_is_allowed_on_everything(kind: str) -> None:
    for each in _statements(kind):
        if "*" in _as_list(each["Resource"]):
            assert each["Sid"] == NO_RESOURCE or "Condition" in each
            assert each["Resource"] == "*"


def test_who_looks_may_only_read() -> None:
    assert [use for use in allowed("readiness") if not is_read(use.action.partition(":")[2])] == []


def test_a_drill_may_do_less_than_an_incident() -> None:
    assert allowed("drill") < allowed("incident")
    writes = {use.action for use in allowed("drill") if not is_read(use.action.partition(":")[2])}
    assert writes == {
        "ecs:RegisterTaskDefinition",
        "ecs:StopServiceDeployment",
        "ecs:UpdateService",
        "iam:PassRole",
        "s3:PutObject",
    }
    assert {use.resource for use in allowed("drill") if use.action == "s3:PutObject"} == {"lease"}


def test_a_role_can_only_be_passed_to_tasks() -> None:
    (passing,) = [each for each in _statements("incident") if "iam:PassRole" in each["Action"]]
    assert passing["Condition"] == {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}}
    assert passing["Action"] == ["iam:PassRole"]
    assert passing["Resource"] == f"arn:aws:iam::{PRODUCTION.account}:role/shop-*"


def test_what_is_known_and_not_needed_is_listed() -> None:
    known = {need.action for needs in OPERATIONS.values() for need in needs}
    assert known - {use.action for kind in KINDS for use in allowed(kind)} == NOT_RECORDED


def test_every_placeholder_and_every_resource_is_used() -> None:
    assert set(values(PRODUCTION)) == set(PLACEHOLDERS)
    used = {use.resource for kind in KINDS for use in allowed(kind)}
    assert used == set(RESOURCES)
    assert all(Template(each).safe_substitute(NAMES).find("${") < 0 for each in RESOURCES.values())


def test_what_an_environment_has_not_is_left_out() -> None:
    assert not PRODUCTION.terraform.lock_table
    assert "dynamodb" not in json.dumps(documents(allowed("incident"), NAMES))
    assert "dynamodb" in json.dumps(documents(allowed("incident"), NAMES | {"lock_table": "locks"}))


def test_more_than_iam_takes_becomes_two() -> None:
    long = documents(
        allowed("incident"), NAMES | {"cluster": "c" * 255, "service": "s" * 255, "lock_table": "t" * 255}
    )
    assert len(long) > 1
    assert all(size(each) <= LARGEST for each in long)


def test_a_call_that_no_policy_allows_is_said_in_a_sentence() -> None:
    (seen,) = uses("ecs:UpdateService", {"cluster": PRODUCTION.cluster, "service": PRODUCTION.service}, NAMES)
    must_be_allowed("drill", [seen], [])
    with pytest.raises(AssertionError, match="ecs:UpdateService on service isn't in the policy of readiness"):
        must_be_allowed("readiness", [seen], [])


@pytest.mark.parametrize(
    ("operation", "parameters", "words"),
    [
        ("ecs:DeleteCluster", {}, "isn't in rehearsal/policies/operations.py"),
        (
            "ecs:UpdateService",
            {"cluster": "other", "service": "s"},
            "service/other/s, which is none of: service",
        ),
        (
            "s3:PutObject",
            {"Bucket": PRODUCTION.state_bucket, "Key": "else"},
            "which is none of: state, state-lock, lease",
        ),
        (
            "route53:ChangeResourceRecordSets",
            {"HostedZoneId": "/hostedzone/Z1"},
            "hostedzone/Z1, which is none of: zone",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_call_about_something_else_is_covered_by_nothing(
    operation: str, parameters: dict[str, str], words: str
) -> None:
    with pytest.raises(NotCovered, match=re.escape(words)):
        list(uses(operation, parameters, NAMES))


def test_an_older_version_is_another_permission() -> None:
    of = {"Bucket": PRODUCTION.state_bucket, "Key": PRODUCTION.state_key}
    assert {str(each) for each in uses("s3:GetObject", of, NAMES)} == {
        "s3:GetObject on state",
        "s3:ListBucket on bucket",
    }
    assert Use("s3:GetObjectVersion", "state") in set(uses("s3:GetObject", of | {"VersionId": "1"}, NAMES))


@pytest.mark.parametrize(
    ("operation", "parameter", "part"),
    [
        ("ecs:DescribeServiceDeployments", "serviceDeploymentArns", "service-deployment"),
        ("ecs:DescribeServiceRevisions", "serviceRevisionArns", "service-revision"),
        ("ecs:StopServiceDeployment", "serviceDeploymentArn", "service-deployment"),
    ],
)
def test_what_is_done_on_a_part_of_a_service_needs_the_service_too(
    operation: str, parameter: str, part: str
) -> None:
    """Service Authorization Reference, Amazon ECS: both resource types are required."""
    here = f"arn:aws:ecs:{PRODUCTION.region}:{PRODUCTION.account}"
    arn = f"{here}:{part}/{PRODUCTION.cluster}/{PRODUCTION.service}/1"
    needed = {Use(operation, "service"), Use(operation, f"{part}s")}
    assert set(uses(operation, {parameter: arn}, NAMES)) == needed


def test_who_updates_to_a_task_definition_passes_its_roles() -> None:
    of = {"cluster": PRODUCTION.cluster, "service": PRODUCTION.service}
    assert Use("iam:PassRole", "roles") in set(
        uses("ecs:UpdateService", of | {"taskDefinition": "f:1"}, NAMES)
    )
    assert set(uses("ecs:UpdateService", of | {"desiredCount": 1}, NAMES)) == {
        Use("ecs:UpdateService", "service")
    }


def test_each_of_what_is_allowed_is_in_a_statement_and_nothing_else() -> None:
    for kind in KINDS:
        written = sorted(
            (action, resource)
            for each in _statements(kind)
            for action in each["Action"]
            for resource in _as_list(each["Resource"])
        )
        wanted = [(use.action, Template(RESOURCES[use.resource]).substitute(NAMES)) for use in allowed(kind)]
        assert written == sorted(each for each in wanted if "table/" not in each[1])


def test_the_command_prints_the_policy_of_an_environment(capsys: pytest.CaptureFixture[str]) -> None:
    assert (
        main(["--env", "production", "--kind", "drill", "--environments", str(ROOT / "environments.toml")])
        == 0
    )
    out, err = capsys.readouterr()
    assert json.loads(out)["Version"] == "2012-10-17"
    assert PRODUCTION.service in out
    assert "--secret" in err
    assert main(["--env", "nowhere", "--environments", str(ROOT / "environments.toml")]) == 2
    assert "knows no environment" in capsys.readouterr().err
