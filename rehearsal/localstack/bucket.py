"""An S3 that is asked by its API, in the few words that the house of Terraform's state needs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn

from botocore.exceptions import ClientError
from moto.s3.models import FakeDeleteMarker

from rehearsal.remote.beyond import beyond

if TYPE_CHECKING:
    from datetime import datetime

    from mypy_boto3_s3 import S3Client


@dataclass(slots=True)
class Kept:
    """A version of an object; what is set on it changes nothing: a real S3 dates what it keeps."""

    version_id: str
    last_modified: datetime | None
    value: bytes


class Marker(FakeDeleteMarker):
    """A delete marker, likewise."""

    def __init__(self, version_id: str, at: datetime) -> None:
        self._id = version_id
        self._at = at

    @property
    def version_id(self) -> str:
        """Its version id."""
        return self._id

    @property
    def last_modified(self) -> datetime:
        """When it was written."""
        return self._at

    @last_modified.setter
    def last_modified(self, at: datetime) -> None:
        """Change nothing."""


class _Keys:
    def __init__(self, client: S3Client, bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def getlist(self, key: str, default: list[Any]) -> list[Any]:
        """The versions and delete markers of a key, oldest first.

        S3 tells them in two lists, each newest first, with times of whole seconds; which is the newest of all it says.
        """
        pages = self._client.get_paginator("list_object_versions").paginate(Bucket=self._bucket, Prefix=key)
        found: list[tuple[bool, float, int, Any]] = []

        def note(each: Any, made: Any) -> None:
            found.append((not each["IsLatest"], -each["LastModified"].timestamp(), len(found), made))

        for page in pages:
            for each in page.get("Versions", ()):
                if each["Key"] == key:
                    note(each, self._kept(key, each["VersionId"]))
            for marker in page.get("DeleteMarkers", ()):
                if marker["Key"] == key:
                    note(marker, Marker(marker["VersionId"], marker["LastModified"]))
        return [made for *_, made in sorted(found, key=lambda each: each[:3], reverse=True)] or default

    def _kept(self, key: str, version: str) -> Kept:
        answer = self._client.get_object(Bucket=self._bucket, Key=key, VersionId=version)
        return Kept(version, answer["LastModified"], answer["Body"].read())

    def __getattr__(self, name: str) -> NoReturn:
        beyond(f"an S3 whose past can be changed ({name})")


class _Bucket:
    __slots__ = ("keys",)

    def __init__(self, keys: _Keys) -> None:
        object.__setattr__(self, "keys", keys)

    def __setattr__(self, name: str, value: object) -> None:
        beyond(f"an S3 whose past can be changed ({name})")


class ApiS3:
    """The words of moto's S3 that `rehearsal.world.state_house.StateHouse` uses, said to an S3 by its API."""

    def __init__(self, client: S3Client) -> None:
        self._client = client

    @property
    def buckets(self) -> set[str]:
        """The names of all buckets."""
        return {each.get("Name", "") for each in self._client.list_buckets()["Buckets"]}

    def get_bucket(self, name: str) -> Any:
        """A bucket, as far as it can be looked into."""
        return _Bucket(_Keys(self._client, name))

    def create_bucket(self, name: str, region: str) -> None:
        """Create a bucket in the region of the client."""
        if region == "us-east-1":
            self._client.create_bucket(Bucket=name)
        else:
            where: Any = {"LocationConstraint": region}
            self._client.create_bucket(Bucket=name, CreateBucketConfiguration=where)

    def put_bucket_versioning(self, name: str, status: Any) -> None:
        """Enable or suspend versioning."""
        self._client.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": status})

    def put_object(self, bucket: str, key: str, content: bytes) -> Kept:
        """Write an object."""
        answer = self._client.put_object(Bucket=bucket, Key=key, Body=content)
        return Kept(answer.get("VersionId", ""), None, content)

    def delete_object(self, bucket: str, key: str, version: str = "") -> tuple[bool, dict[str, str]]:
        """Delete an object, or one version of it for good."""
        more: Any = {"VersionId": version} if version else {}
        answer = self._client.delete_object(Bucket=bucket, Key=key, **more)
        return True, {"version-id": answer.get("VersionId", "")}

    def tag(self, bucket: str, key: str) -> str:
        """The entity tag of the newest version of an object; empty where there is none."""
        try:
            return self._client.head_object(Bucket=bucket, Key=key)["ETag"]
        except ClientError:
            return ""

    def delete_bucket(self, name: str) -> None:
        """Delete a bucket with all that is in it; one that isn't there is no mistake."""
        try:
            pages = list(self._client.get_paginator("list_object_versions").paginate(Bucket=name))
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") == "NoSuchBucket":
                return
            raise
        for page in pages:
            for each in (*page.get("Versions", ()), *page.get("DeleteMarkers", ())):
                self._client.delete_object(Bucket=name, Key=each["Key"], VersionId=each["VersionId"])
        self._client.delete_bucket(Bucket=name)
