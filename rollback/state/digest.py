"""The digest that Terraform keeps of the state in its lock table, and without which it refuses to read it.

A Terraform with a lock table compares the state's MD5 with it at each reading ("state data in S3 does not have the
expected content"), also where there is no state any more. What it can't write there, it only logs.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from rollback.errors import AwsError, Outdated, RollbackError, Unavailable
from rollback.state.places import digest_path

if TYPE_CHECKING:
    from rollback.access import Access
    from rollback.environment import Environment

CONDITION_FAILED: Final = "ConditionalCheckFailedException"
_KEY: Final = "LockID"
_DIGEST: Final = "Digest"


@dataclass(frozen=True, slots=True)
class Digest:
    """What the lock table says of the state.

    Attributes:
        kept: whether there is a lock table at all.
        md5: in hexadecimal; empty where it says nothing.
    """

    kept: bool
    md5: str = ""

    def allows(self, content: bytes | None) -> bool:
        """Whether Terraform reads a state with this content.

        Args:
            content: of the current object; None where there is none.
        """
        # To Terraform an empty object is none.
        return not self.md5 or (bool(content) and self.md5 == md5_of(content or b""))


def md5_of(content: bytes) -> str:
    """The digest of a state, in hexadecimal."""
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


def read(environment: Environment, access: Access) -> Digest:
    """What the lock table says now.

    Raises:
        AwsError: the table can't be read.
    """
    table = environment.terraform.lock_table
    if not table:
        return Digest(kept=False)
    answer = access.aws.dynamodb.get_item(
        TableName=table, Key={_KEY: {"S": digest_path(environment)}}, ConsistentRead=True
    )
    return Digest(kept=True, md5=answer.get("Item", {}).get(_DIGEST, {}).get("S", ""))


def mend(environment: Environment, access: Access, content: bytes | None, *, seen: Digest) -> Digest:
    """Have the table say the digest of `content`, if it still says what was `seen`, and read it back.

    Doing it again does nothing. Where there is no table, nothing is done.

    Args:
        environment: whose state.
        access: the hands.
        content: of the current object; with None the digest is taken away.
        seen: what `read` returned.

    Raises:
        Outdated: somebody else has changed it since.
        AwsError: the table can't be written or read.
        RollbackError: what is read back isn't what was written.
    """
    return put_back(environment, access, md5_of(content) if content else "", seen=seen)


def put_back(environment: Environment, access: Access, md5: str, *, seen: Digest) -> Digest:
    """Have the table say this digest, whatever the state's content; else as `mend`.

    Args:
        environment: whose state.
        access: the hands.
        md5: in hexadecimal; when empty, the digest is taken away.
        seen: what `read` returned.

    Raises:
        Outdated: somebody else has changed it since.
        AwsError: the table can't be written or read.
        RollbackError: what is read back isn't what was written.
    """
    wanted = Digest(kept=seen.kept, md5=md5)
    if not seen.kept or seen == wanted:
        return seen
    try:
        _write(environment, access, wanted, seen)
    except AwsError as error:
        # A lost answer may hide that it was done, so it is looked at before anything is said.
        uncertain = isinstance(error, Unavailable)
        if error.code != CONDITION_FAILED and not uncertain:
            raise
        now = read(environment, access)
        if now == wanted:
            return now
        if uncertain:
            raise
        raise Outdated(
            f"Somebody else has changed the digest of the state in the table {environment.terraform.lock_table}.",
            remedy="Look who works on the state, then plan again.",
        ) from None
    now = read(environment, access)
    if now != wanted:
        raise RollbackError(
            f"The digest in the table {environment.terraform.lock_table} isn't what has just been written there.",
            remedy="Somebody else works on the state: look at its lock, then plan again.",
        )
    return now


def _write(environment: Environment, access: Access, wanted: Digest, seen: Digest) -> None:
    table = environment.terraform.lock_table
    key = {_KEY: {"S": digest_path(environment)}}
    condition: dict[str, Any] = {"ConditionExpression": f"attribute_not_exists({_DIGEST})"}
    if seen.md5:
        condition = {
            "ConditionExpression": f"{_DIGEST} = :seen",
            "ExpressionAttributeValues": {":seen": {"S": seen.md5}},
        }
    if wanted.md5:
        item = {**key, _DIGEST: {"S": wanted.md5}}
        access.aws.dynamodb.put_item(TableName=table, Item=item, **condition)
    else:
        access.aws.dynamodb.delete_item(TableName=table, Key=key, **condition)
