"""Which of the operator's calls go to LocalStack, and what it lacks: another process's moto stands in for it.

What LocalStack itself does is in docs/backends.md, from what ran there.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import ClientError

from rehearsal.blueprint import Blueprint
from rehearsal.localstack.stage import LocalstackStage
from rehearsal.remote.stage import _serving
from rollback.environment import load
from rollback.errors import AwsError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rehearsal.serving.control import Control

ENVIRONMENTS = Path(__file__).parents[3] / "environments.toml"
BUCKET, KEY = "connect2-app-terraform-state-prod", "app/terraform.tfstate"


@pytest.fixture
def there() -> Control:
    """The process that stands in for LocalStack."""
    control = _serving(ENVIRONMENTS).control
    control.reopen("production", seed=0, blueprint=blueprint().model_dump())
    return control


def blueprint() -> Blueprint:
    environments = load(ENVIRONMENTS)
    section = environments.section(environments.get("prod"), "rehearsal")
    return Blueprint.read(section, file="environments.toml", key="rehearsal")


@pytest.fixture
def stage(there: Control, tmp_path: Path) -> Iterator[LocalstackStage]:
    production, url = load(ENVIRONMENTS).get("prod"), there.stage()["addresses"]["aws"]
    opened = LocalstackStage(production, blueprint(), seed=0, directory=tmp_path, url=url)
    yield opened
    opened.close()


def asked(there: Control) -> list[str]:
    return [each["what"].partition(":")[0] for each in there.requests()]


def test_only_what_is_localstacks_is_asked_there(stage: LocalstackStage, there: Control) -> None:
    world, before = stage.world(), len(there.requests())
    aws = stage.access().aws
    assert aws.ecs.list_clusters()["clusterArns"]
    assert aws.elbv2.describe_load_balancers()["LoadBalancers"]
    assert asked(there)[before:] == []
    aws.sts.get_caller_identity()
    aws.s3.list_buckets()
    assert asked(there)[before:] == ["sts", "s3"]
    world.close()


def test_the_roles_and_the_log_group_are_made_on_both_sides(stage: LocalstackStage, there: Control) -> None:
    world, aws = stage.world(), stage.access().aws
    before = len(there.requests())
    assert aws.iam.get_role(RoleName="connect2-app-prod-execution")["Role"]["RoleName"]
    assert aws.logs.describe_log_groups(logGroupNamePrefix="/ecs/connect2-app-prod")["logGroups"]
    assert asked(there)[before:] == ["iam", "logs"]
    world.damage.delete_execution_role()
    with pytest.raises(AwsError):
        aws.iam.get_role(RoleName="connect2-app-prod-execution")
    world.close()


def test_a_delete_on_a_condition_that_does_not_hold_deletes_nothing(stage: LocalstackStage) -> None:
    stage.s3.create_bucket(BUCKET, "us-east-1")
    stage.s3.put_object(BUCKET, KEY, b"mine")
    tag, s3 = stage.s3.tag(BUCKET, KEY), stage.access().aws.s3
    with pytest.raises(AwsError, match="PreconditionFailed"):
        s3.delete_object(Bucket=BUCKET, Key=KEY, IfMatch='"another"')
    assert stage.s3.tag(BUCKET, KEY) == tag
    s3.delete_object(Bucket=BUCKET, Key=KEY, IfMatch=tag)
    assert stage.s3.tag(BUCKET, KEY) == ""


def test_what_it_made_is_gone_when_it_is_closed(stage: LocalstackStage, there: Control) -> None:
    stage.world().close()
    stage.s3.create_bucket(BUCKET, "us-east-1")
    stage.s3.put_object(BUCKET, KEY, b"mine")
    iam = stage._client("iam")
    stage.close()
    assert BUCKET not in stage.s3.buckets
    with pytest.raises(ClientError, match="NoSuchEntity"):
        iam.get_role(RoleName="connect2-app-prod-execution")
    assert there.stage()["environment"] == "production"
