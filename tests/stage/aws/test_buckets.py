"""Buckets that belong to somebody else: what moto doesn't ask, and S3 does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from rehearsal.world.world import World

if TYPE_CHECKING:
    from rehearsal.embedded import EmbeddedStage
    from rehearsal.world.state_house import StateHouse

OTHER = "999988887777"
CALLS: dict[str, dict[str, Any]] = {
    "get_object": {"Key": True},
    "head_object": {"Key": True},
    "put_object": {"Key": True, "Body": b"ours"},
    "delete_object": {"Key": True},
    "list_object_versions": {},
    "get_bucket_versioning": {},
    "head_bucket": {},
}


@pytest.fixture
def house(stage: EmbeddedStage) -> StateHouse:
    return World(stage).state.open()


def called(stage: EmbeddedStage, name: str, **more: Any) -> Any:
    arguments = {**CALLS[name], "Bucket": stage.environment.state_bucket, **more}
    if "Key" in arguments:
        arguments["Key"] = stage.environment.state_key
    return getattr(stage.operator.client("s3", stage.environment.region), name)(**arguments)


@pytest.mark.parametrize("name", CALLS)
def test_a_bucket_of_another_account_than_expected_is_refused(
    stage: EmbeddedStage, house: StateHouse, name: str
) -> None:
    """Although its policy lets everybody in, and nothing has changed in it."""
    house.belong_to(OTHER)
    before = house.versions
    with pytest.raises(ClientError) as refused:
        called(stage, name, ExpectedBucketOwner=stage.environment.account)
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403
    assert refused.value.response["Error"]["Code"] in {"AccessDenied", "403"}
    assert house.versions == before


@pytest.mark.parametrize("name", CALLS)
def test_whoever_expects_its_owner_or_nobody_gets_in(
    stage: EmbeddedStage, house: StateHouse, name: str
) -> None:
    house.belong_to(OTHER)
    called(stage, name)
    if name != "delete_object":
        called(stage, name, ExpectedBucketOwner=OTHER)


def test_a_bucket_that_isn_t_there_isn_t_denied(stage: EmbeddedStage, house: StateHouse) -> None:
    house.delete_bucket()
    with pytest.raises(ClientError, match="NoSuchBucket"):
        called(stage, "get_object", ExpectedBucketOwner=stage.environment.account)
