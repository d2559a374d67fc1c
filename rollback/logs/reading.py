"""Reading CloudWatch Logs, page by page."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Final

from rollback.clock import spoken
from rollback.errors import AwsError

if TYPE_CHECKING:
    from rollback.access import Access
    from rollback.environment import Environment
    from rollback.logs.grouping import Tally

TOLERATED: Final = 5.0
"""A difference of the clocks up to so many seconds is that of the line and of rounding."""
TRUSTED: Final = 15 * 60.0
"""A greater difference isn't made good: AWS itself takes no request that was signed so far off (IAM User Guide, "Troubleshoot
AWS API requests signatures"), so that one of the clocks, or the date of the answer, means nothing."""


class GroupMissing(AwsError):
    """There is no such log group."""


class ClocksApart(AwsError):
    """The clocks differ so much that no time of one says anything of the other."""


def skew(environment: Environment, access: Access) -> float:
    """How many seconds the clock of CloudWatch Logs is ahead of ours, by the date of an answer; 0 within tolerance.

    Raises:
        GroupMissing: the environment's log group isn't there.
        ClocksApart: they differ too much to be trusted.
        AwsError: AWS doesn't answer.
    """
    name = environment.logs.group
    answer = access.aws.logs.describe_log_groups(logGroupNamePrefix=name, limit=50)
    if not any(group.get("logGroupName") == name for group in answer["logGroups"]):
        raise GroupMissing(
            f"There is no log group {name}.",
            operation="logs:DescribeLogGroups",
            code="ResourceNotFoundException",
            remedy=f"Compare it with logs.group of {environment.name} in environments.toml.",
        )
    date = answer["ResponseMetadata"].get("HTTPHeaders", {}).get("date", "")
    try:
        theirs = parsedate_to_datetime(date)
    except ValueError:
        return 0.0
    # The date has no fractions of a second.
    ahead = math.ceil((theirs.replace(tzinfo=theirs.tzinfo or UTC) - access.clock.now()).total_seconds())
    if abs(ahead) > TRUSTED:
        raise ClocksApart(
            f"The clock of CloudWatch is {spoken(abs(ahead))} {'ahead of' if ahead > 0 else 'behind'} ours, "
            "so that no event can be told to lie in the window.",
            operation="logs:DescribeLogGroups",
            code="ClocksApart",
            remedy="Set the clock of this machine by NTP, and look again.",
        )
    return ahead if abs(ahead) > TOLERATED else 0.0


def count(environment: Environment, access: Access, tally: Tally, since: datetime, until: datetime) -> None:
    """Count the errors from `since` on and before `until`, times of CloudWatch, holding one page at a time.

    Raises:
        AwsError: AWS doesn't answer.
    """
    if until <= since:
        return
    pages = access.aws.logs.get_paginator("filter_log_events").paginate(
        logGroupName=environment.logs.group,
        startTime=milliseconds(since),
        endTime=milliseconds(until) - 1,  # AWS takes it as included
        filterPattern=pattern(environment),
    )
    for page in pages:
        for event in page["events"]:
            tally.take(event.get("timestamp", 0), event.get("message", ""), event.get("logStreamName", ""))


def anything(environment: Environment, access: Access, since: datetime, until: datetime) -> bool:
    """Whether anything at all was logged from `since` on and before `until`.

    Raises:
        AwsError: AWS doesn't answer.
    """
    if until <= since:
        return False
    pages = access.aws.logs.get_paginator("filter_log_events").paginate(
        logGroupName=environment.logs.group,
        startTime=milliseconds(since),
        endTime=milliseconds(until) - 1,
        PaginationConfig={"PageSize": 1},
    )
    return any(page["events"] for page in pages)


def pattern(environment: Environment) -> str:
    """The filter pattern for any of the words (CloudWatch Logs User Guide, "Filter pattern syntax")."""
    words = environment.logs.errors
    return words[0] if len(words) == 1 else " ".join(f"?{word}" for word in words)


def milliseconds(at: datetime) -> int:
    """The time as CloudWatch Logs has it."""
    return (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)


def moment(at: int) -> datetime:
    """The time that CloudWatch Logs means, in UTC."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=at)
