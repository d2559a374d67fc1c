"""The virtual clock, and the timeline of everything on the stage that takes time."""

from __future__ import annotations

import heapq
import itertools
from datetime import UTC, datetime, timedelta
from threading import RLock
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

OPENING: Final = datetime(2026, 1, 5, 3, 0, tzinfo=UTC)
"""A Monday at 3 a.m.: when every rehearsal starts, so that each is the same as the last."""


class VirtualClock:
    """A clock that only moves when somebody sleeps, and a world that lives by it.

    The stage plans what will happen with `call_at` and `call_in`. `sleep` plays those events in
    the order of their times, each at its own moment, and returns at once. Two events of the same
    time happen in the order in which they were planned.

    Attributes:
        lock: held while events are played. Threads that look at or change the world (the HTTP
            servers of the stage) hold it as well.
    """

    def __init__(self, start: datetime = OPENING) -> None:
        self._start = start
        self._elapsed = 0.0
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()
        self.lock = RLock()

    def now(self) -> datetime:
        """The virtual time of day, aware, in UTC."""
        return self._start + timedelta(seconds=self._elapsed)

    def monotonic(self) -> float:
        """Virtual seconds since the clock was made."""
        return self._elapsed

    def sleep(self, seconds: float) -> None:
        """Move `seconds` on, playing on the way what was planned for then."""
        with self.lock:
            until = self._elapsed + max(0.0, seconds)
            while self._events and self._events[0][0] <= until:
                at, _, action = heapq.heappop(self._events)
                self._elapsed = max(self._elapsed, at)
                action()
            self._elapsed = until

    def call_at(self, moment: float, action: Callable[[], None]) -> None:
        """Plan `action` for the moment when `monotonic()` reads `moment`."""
        with self.lock:
            heapq.heappush(self._events, (max(moment, self._elapsed), next(self._order), action))

    def call_in(self, seconds: float, action: Callable[[], None]) -> None:
        """Plan `action` for `seconds` from now."""
        self.call_at(self._elapsed + seconds, action)
