"""What the logs say: errors by message, how often they come, and a verdict."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

MINUTE = 60.0


class Verdict(StrEnum):
    """What the errors of a window say, beside those of before."""

    CALM = "calm"
    WORSE = "worse"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Group:
    """The errors of one message.

    Attributes:
        message: the message, with what differs from one to the next left out, and no secret.
        count: how many there were in the window.
        before: how many there were in the time that it is compared with.
        first_at: when the first came, UTC.
        last_at: when the last came, UTC.
        stream: the log stream of the last, where the whole message stands.
        worse: whether they are too many.
    """

    message: str
    count: int
    before: int
    first_at: datetime
    last_at: datetime
    stream: str
    worse: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """What a log group says of a window of time.

    Attributes:
        log_group: its name.
        since: when the window began, UTC.
        until: when it ended, UTC.
        before_since: when the time began that it is compared with, UTC; it ended at `before_until`.
        before_until: see there.
        errors: how many errors there were in the window.
        before: how many there were before.
        groups: the errors of the window by message, the worst first, then the most frequent.
        verdict: what follows.
        sentence: that, for a person.
        remedy: what to do; empty where all is well.
        skew_seconds: how far CloudWatch's clock is ahead of ours; 0 where they agree, or it can't be told.
        command: how to read the errors oneself.
    """

    log_group: str
    since: datetime
    until: datetime
    before_since: datetime
    before_until: datetime
    errors: int
    before: int
    groups: tuple[Group, ...]
    verdict: Verdict
    sentence: str
    remedy: str
    skew_seconds: float
    command: str

    @property
    def rate(self) -> float:
        """Errors in a minute of the window."""
        return per_minute(self.errors, (self.until - self.since).total_seconds())

    @property
    def rate_before(self) -> float:
        """Errors in a minute of the time before."""
        return per_minute(self.before, (self.before_until - self.before_since).total_seconds())


def per_minute(count: int, seconds: float) -> float:
    """How many that are in a minute."""
    return count * MINUTE / seconds if seconds > 0 else 0.0
