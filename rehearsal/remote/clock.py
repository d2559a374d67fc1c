"""The clock of a stage that is in another process."""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING

from rehearsal.clock import VirtualClock

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from rehearsal.serving.control import Control


class RemoteClock(VirtualClock):
    """Moves the other process's clock, and plays on the way what was planned in this one.

    What the stage has planned for a moment happens before what was planned here for the same.

    Args:
        control: the other process.
        start: when its clock began.
    """

    def __init__(self, control: Control, start: datetime) -> None:
        super().__init__(start)
        self._control = control

    @property
    def is_awaited(self) -> bool:
        """Whether anything is planned in this process."""
        return bool(self._events)

    def now(self) -> datetime:
        """The virtual time of day, aware, in UTC."""
        self._elapsed = self._control.elapsed
        return super().now()

    def monotonic(self) -> float:
        """Virtual seconds since the stage was opened."""
        self._elapsed = self._control.elapsed
        return self._elapsed

    def sleep(self, seconds: float) -> None:
        """Move `seconds` on, playing on the way what was planned for then, here and there."""
        with self.lock:
            until = self.monotonic() + max(0.0, seconds)
            while self._events and self._events[0][0] <= until:
                at, _, action = heapq.heappop(self._events)
                self._move_to(at)
                action()
            self._move_to(until)

    def call_in(self, seconds: float, action: Callable[[], None]) -> None:
        """Plan `action` for `seconds` from now."""
        self.call_at(self.monotonic() + seconds, action)

    def _move_to(self, moment: float) -> None:
        ahead = moment - self.monotonic()
        if ahead > 0:
            self._elapsed = self._control.advance(ahead)
