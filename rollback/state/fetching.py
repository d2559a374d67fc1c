"""Fetching an object to its last byte."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Final

from botocore.exceptions import BotoCoreError

from rollback.errors import Unavailable

if TYPE_CHECKING:
    from datetime import datetime

    from mypy_boto3_s3.type_defs import GetObjectRequestTypeDef

    from rollback.access import Access

ATTEMPTS: Final = 3
"""How often an object is fetched that doesn't arrive whole. The pauses between are 1 and 2 seconds."""


def fetched(access: Access, wanted: GetObjectRequestTypeDef) -> tuple[bytes, str, datetime]:
    """An object's content, ETag and time; fetched anew where it breaks off on the way.

    Raises:
        AwsError: S3 doesn't hand it out, or it never arrives whole.
    """
    for attempt in itertools.count(1):
        answer = access.aws.s3.get_object(**wanted)
        try:
            # `read` compares the length and, where S3 sent one, the checksum.
            return answer["Body"].read(), answer["ETag"], answer["LastModified"]
        except BotoCoreError as error:
            if attempt == ATTEMPTS:
                raise Unavailable(
                    f"The answer to s3:GetObject didn't arrive whole ({type(error).__name__}).",
                    operation="s3:GetObject",
                    code=type(error).__name__,
                    remedy="Look at your network, then try again.",
                    reached=False,
                ) from None
            access.clock.sleep(attempt)
    raise AssertionError  # pragma: no cover - the loop has no end
