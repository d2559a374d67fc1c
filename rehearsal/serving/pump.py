"""Real time, or a multiple of it, passing on a stage's virtual clock."""

from __future__ import annotations

import time
from contextlib import contextmanager
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING, Final, Self

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rehearsal.clock import VirtualClock

TICK: Final = 0.05
"""How often the clock is moved on, in real seconds."""


class Pump:
    """Moves a clock on, in a thread of its own, from entering to leaving.

    The clock plays what was planned under its own lock, so that whoever holds that sees a world at rest. What fails
    while it plays ends the pump, and is kept.

    Args:
        clock: the clock.
        speed: how many virtual seconds pass in a real one; with 0 none do.
        real: seconds of real time, never going back.

    Attributes:
        failure: what went wrong; a world that stands still is not to be trusted.
    """

    def __init__(
        self, clock: VirtualClock, speed: float, *, real: Callable[[], float] = time.monotonic
    ) -> None:
        self.failure: BaseException | None = None
        self._clock = clock
        self._speed = speed
        self._real = real
        self._turn = Lock()
        self._stop = Event()
        self._thread = Thread(target=self._run, name="stage-time", daemon=True)

    def __enter__(self) -> Self:
        if self._speed:
            self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Within this block only others move the clock; the time it takes passes afterwards."""
        with self._turn:
            yield

    def _run(self) -> None:
        last = self._real()
        while not self._stop.wait(TICK):
            with self._turn:
                now = self._real()
                try:
                    self._clock.sleep((now - last) * self._speed)
                except BaseException as failure:  # noqa: BLE001 - nobody calls a thread; `failure` is asked for
                    self.failure = failure
                    return
                last = now
