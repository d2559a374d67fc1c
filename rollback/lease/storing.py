"""The object in S3 that says who works on an environment: looked at, and written only over what was seen.

S3 API reference, PutObject: ``If-None-Match: *`` writes where there is nothing, ``If-Match`` over just that ETag; else
it answers 412, and 409 or 404 where another request was quicker. Both are done or not done as a whole.
"""

from __future__ import annotations

from contextlib import suppress
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Final

from rollback._text import printable
from rollback.errors import AwsError, Unavailable
from rollback.lease.model import CONTENT_TYPE, Holder, LeaseUnreadable, Seen

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from typing import Any

    from mypy_boto3_s3.type_defs import PutObjectRequestTypeDef

    from rollback.access import Access
    from rollback.environment import Environment

ATTEMPTS: Final = 3
"""How often it is written whose answer is lost."""

LARGEST: Final = 65_536
"""Bytes that a lease can't have."""

_PAUSE: Final = 1.0
_NOTHING_THERE: Final = frozenset({"NoSuchKey", "404"})
_CONFLICT: Final = "ConditionalRequestConflict"
_NOT_MET: Final = frozenset({"PreconditionFailed", _CONFLICT, "412", "409", *_NOTHING_THERE})


class Contested(Exception):
    """Something else stands there than what was to be written over; nothing was written.

    Attributes:
        seen: what stands there now.
    """

    def __init__(self, seen: Seen) -> None:
        super().__init__()
        self.seen = seen


def place(environment: Environment) -> str:
    """Where it is, for people."""
    return f"s3://{environment.state_bucket}/{environment.lease.key}"


def look(environment: Environment, access: Access) -> Seen:
    """Who works on the environment, as it is written now.

    Raises:
        LeaseUnreadable: what stands there is no lease.
        AwsError: S3 doesn't say.
    """
    try:
        answer = access.aws.s3.get_object(
            Bucket=environment.state_bucket,
            Key=environment.lease.key,
            ExpectedBucketOwner=environment.account,
        )
    except AwsError as error:
        if error.code in _NOTHING_THERE:
            return Seen(None)
        raise
    with answer["Body"] as body:
        content = body.read(LARGEST)
    try:
        holder = Holder.from_json(content)
    except ValueError:
        raise LeaseUnreadable(
            f"What stands at {printable(place(environment))} is no lease, so nobody knows who works on {environment.name}.",
            remedy="Look at it; if it isn't anybody's, delete it, and begin again.",
        ) from None
    return Seen(holder, answer["ETag"], answer["LastModified"], _date(answer["ResponseMetadata"]))


def write(environment: Environment, access: Access, holder: Holder, *, over: str) -> str:
    """Write who works on it, if what stands there is still what was seen; returns S3's name for it.

    Where the answer is lost it looks before it writes again, and knows its own words.

    Args:
        environment: the place.
        access: the hands, on which no lease is a guard.
        holder: what is written.
        over: the ETag of what was seen; empty for nothing.

    Raises:
        Contested: something else stands there.
        LeaseUnreadable: and it is no lease.
        AwsError: S3 doesn't take it, or doesn't say whether it did.
    """
    failed: AwsError | None = None
    for attempt in range(ATTEMPTS):
        if attempt:
            access.clock.sleep(_PAUSE)
        try:
            return _put(environment, access, holder, over)
        except AwsError as error:
            refused = error.code in _NOT_MET
            if not refused and not isinstance(error, Unavailable):
                raise
            failed = error
        seen = look(environment, access)
        if holder.wrote(seen.holder):
            return seen.etag
        if seen.etag != over:
            raise Contested(seen)
    raise failed or AssertionError()


def _put(environment: Environment, access: Access, holder: Holder, over: str) -> str:
    wanted: PutObjectRequestTypeDef = {
        "Bucket": environment.state_bucket,
        "Key": environment.lease.key,
        "Body": holder.to_json(),
        "ContentType": CONTENT_TYPE,
        "ExpectedBucketOwner": environment.account,
    }
    if over:
        wanted["IfMatch"] = over
    else:
        wanted["IfNoneMatch"] = "*"
    return access.aws.s3.put_object(**wanted)["ETag"]


def _date(metadata: Mapping[str, Any]) -> datetime | None:
    """What S3 says the time is, in UTC (RFC 9110, Date)."""
    with suppress(ValueError, TypeError):
        told = parsedate_to_datetime(metadata.get("HTTPHeaders", {}).get("date", ""))
        return told if told.tzinfo else None
    return None
