"""The house of Terraform's state on an S3 that is asked by its API: here on moto's, which says what it holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from moto.s3.models import FakeDeleteMarker

from rehearsal.localstack.bucket import ApiS3
from rehearsal.localstack.stage import _at

if TYPE_CHECKING:
    from rehearsal.embedded import EmbeddedStage

BUCKET, KEY = "state-of-a-test", "app/terraform.tfstate"


@pytest.fixture
def s3(stage: EmbeddedStage) -> ApiS3:
    made = ApiS3(stage.clients.s3)
    made.create_bucket(BUCKET, stage.environment.region)
    made.put_bucket_versioning(BUCKET, "Enabled")
    return made


def seen(s3: ApiS3, key: str = KEY) -> list[bytes | None]:
    """The contents of a key's versions, oldest first; None for a delete marker."""
    kept = s3.get_bucket(BUCKET).keys.getlist(key, [])
    return [None if isinstance(each, FakeDeleteMarker) else each.value for each in kept]


def test_versions_and_markers_come_oldest_first_and_only_those_of_the_key(s3: ApiS3) -> None:
    s3.put_object(BUCKET, KEY, b"1")
    s3.put_object(BUCKET, f"{KEY}.tflock", b"a lock")
    written = s3.put_object(BUCKET, KEY, b"2")
    s3.delete_object(BUCKET, KEY)
    assert seen(s3) == [b"1", b"2", None]
    s3.delete_object(BUCKET, KEY, written.version_id)
    assert seen(s3) == [b"1", None]
    assert seen(s3, "nothing") == []


def test_of_one_second_the_newest_is_the_one_that_is_latest(s3: ApiS3) -> None:
    s3.put_object(BUCKET, KEY, b"1")
    s3.delete_object(BUCKET, KEY)
    s3.put_object(BUCKET, KEY, b"2")
    assert seen(s3)[-1] == b"2"


def test_a_bucket_goes_with_all_that_is_in_it_and_may_be_gone_already(s3: ApiS3) -> None:
    s3.put_object(BUCKET, KEY, b"1")
    s3.delete_object(BUCKET, KEY)
    s3.delete_bucket(BUCKET)
    s3.delete_bucket(BUCKET)
    assert BUCKET not in s3.buckets


def test_its_past_can_not_be_changed_and_that_leaves_the_scenario_out(s3: ApiS3) -> None:
    bucket = s3.get_bucket(BUCKET)
    with pytest.raises(pytest.skip.Exception, match="an S3 whose past can be changed"):
        bucket.account_id = "111122223333"
    with pytest.raises(pytest.skip.Exception, match="an S3 whose past can be changed"):
        bucket.keys.setlist(KEY, [])


@pytest.mark.parametrize(
    ("url", "there"),
    [
        ("https://iam.amazonaws.com/", "http://127.0.0.1:4566/"),
        ("https://my-bucket.s3.amazonaws.com/a/b?c=d", "http://127.0.0.1:4566/my-bucket/a/b?c=d"),
        ("https://my.bucket.s3.eu-central-1.amazonaws.com/a%20b", "http://127.0.0.1:4566/my.bucket/a%20b"),
        ("https://s3.eu-central-1.amazonaws.com/bucket/a", "http://127.0.0.1:4566/bucket/a"),
    ],
)
def test_an_address_of_awss_leads_to_localstack(url: str, there: str) -> None:
    assert _at(url, "http://127.0.0.1:4566") == there
