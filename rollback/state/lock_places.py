"""The two places in which a state may be locked, and the requests with which Terraform locks it there."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Final, Protocol

from rollback.errors import AwsError
from rollback.state.digest import CONDITION_FAILED
from rollback.state.fetching import fetched
from rollback.state.lock_model import LockKind, lock_of
from rollback.state.places import lock_key, lock_path

if TYPE_CHECKING:
    from rollback.access import Access
    from rollback.environment import Environment
    from rollback.state.lock_model import HeldLock, LockInfo

TAKEN: Final = frozenset({"PreconditionFailed", "ConditionalRequestConflict", CONDITION_FAILED})
"""What AWS says where there is a lock already, or one is just coming."""
_NOTHING_THERE: Final = frozenset({"NoSuchKey", "404"})
_KEY: Final = "LockID"
_INFO: Final = "Info"


class LockPlace(Protocol):
    """Where a lock may be."""

    def look(self) -> HeldLock | None:
        """The lock that is there."""
        ...

    def put(self, lock: LockInfo) -> None:
        """Put a lock there if there is none."""
        ...

    def remove(self, lock: HeldLock) -> None:
        """Remove this lock, if it is still the same."""
        ...


def lock_places(environment: Environment, access: Access) -> tuple[LockPlace, ...]:
    """Where a lock may be, in the order in which Terraform takes and releases them."""
    file = _File(environment, access)
    return (file, _Table(environment, access)) if environment.terraform.lock_table else (file,)


class _File:
    """The object beside the state's."""

    def __init__(self, environment: Environment, access: Access) -> None:
        self._access = access
        self._bucket = environment.state_bucket
        self._key = lock_key(environment)
        self._owner = environment.account

    def look(self) -> HeldLock | None:
        try:
            content, etag, at = fetched(
                self._access, {"Bucket": self._bucket, "Key": self._key, "ExpectedBucketOwner": self._owner}
            )
        except AwsError as error:
            if error.code in _NOTHING_THERE:
                return None
            raise
        return lock_of(LockKind.FILE, content, stamp=etag, at=at.astimezone(UTC))

    def put(self, lock: LockInfo) -> None:
        self._access.aws.s3.put_object(
            Bucket=self._bucket,
            Key=self._key,
            Body=lock.as_json().encode(),
            ContentType="application/json",
            IfNoneMatch="*",
            ExpectedBucketOwner=self._owner,
        )

    def remove(self, lock: HeldLock) -> None:
        self._access.aws.s3.delete_object(
            Bucket=self._bucket, Key=self._key, IfMatch=lock.stamp, ExpectedBucketOwner=self._owner
        )


class _Table:
    """The item in the environment's lock table."""

    def __init__(self, environment: Environment, access: Access) -> None:
        self._access = access
        self._table = environment.terraform.lock_table
        self._path = lock_path(environment)

    def look(self) -> HeldLock | None:
        answer = self._access.aws.dynamodb.get_item(
            TableName=self._table, Key={_KEY: {"S": self._path}}, ConsistentRead=True
        )
        if "Item" not in answer:
            return None
        info = answer["Item"].get(_INFO, {}).get("S", "")
        return lock_of(LockKind.TABLE, info.encode(), stamp=info, at=None)

    def put(self, lock: LockInfo) -> None:
        self._access.aws.dynamodb.put_item(
            TableName=self._table,
            Item={_KEY: {"S": self._path}, _INFO: {"S": lock.as_json()}},
            ConditionExpression=f"attribute_not_exists({_KEY})",
        )

    def remove(self, lock: HeldLock) -> None:
        self._access.aws.dynamodb.delete_item(
            TableName=self._table,
            Key={_KEY: {"S": self._path}},
            ConditionExpression=f"{_INFO} = :info",
            ExpressionAttributeValues={":info": {"S": lock.stamp}},
        )
