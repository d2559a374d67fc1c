"""Time, as everything in a rollback sees it."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Time passes only through this; no other module sleeps or reads the time."""

    def now(self) -> datetime:
        """The time of day, aware, in UTC: for the record and for comparing with AWS's times."""
        ...

    def monotonic(self) -> float:
        """Seconds since some fixed point, never going back: for durations and deadlines."""
        ...

    def sleep(self, seconds: float) -> None:
        """Let `seconds` pass."""
        ...


class SystemClock:
    """The real time of this machine."""

    __slots__ = ()

    def now(self) -> datetime:
        """The time of day, aware, in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds that a change of the time of day doesn't touch."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Let `seconds` of real time pass."""
        time.sleep(seconds)


def spoken(seconds: float) -> str:
    """A duration as a person says it: ``45 s``, ``2 min 10 s``, ``1 h 5 min``."""
    total = round(seconds)
    if total < 60:  # noqa: PLR2004
        return f"{total} s"
    minutes, rest = divmod(total, 60)
    if minutes < 60:  # noqa: PLR2004
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"
