"""What is waited for, while a rollback waits: one line that changes on a terminal, and now and then a line elsewhere."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Final, Self

from rich.status import Status
from rich.text import Text

from rollback._text import printable
from rollback.clock import spoken
from rollback.journal import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from rollback.access import Access
    from rollback.cli.screen import Screen
    from rollback.clock import Clock
    from rollback.journal import Entry

EVERY_SECONDS: Final = 15.0
"""Where there is no terminal, a line is written no more often than this."""
_TICK: Final = 1.0
_TELLING: Final = frozenset({Kind.OBSERVATION, Kind.DECISION})
_QUIET: Final = ("Take the lease", "The lease of", "The rollback may begin", "The checklist")


class Progress:
    """Listens to a journal and to a clock, and says what is waited for and how long it may still take."""

    def __init__(self, screen: Screen, clock: Clock, seconds: float) -> None:
        self._console = screen.err
        self._clock = clock
        self._seconds = seconds
        self._began = clock.monotonic()
        self._told_at = float("-inf")
        self._told = ""
        self._what = "Beginning."
        self._status: Status | None = None
        if self._console.is_terminal:
            self._status = Status(self._line(), console=self._console, spinner="dots")

    def __enter__(self) -> Self:
        if self._status is not None:
            self._status.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._status is not None:
            self._status.stop()

    def heard(self, entry: Entry) -> None:
        """Take note of what the rollback says of itself."""
        if entry.kind in _TELLING and not entry.what.startswith(_QUIET):
            self._what = printable(entry.what)
        elif entry.kind is Kind.CALL:
            self._what = f"{entry.what} was asked for."
        elif entry.kind is Kind.COMMAND:
            self._what = f"Running {printable(entry.what)}"

    def sleep(self, seconds: float) -> None:
        """Let time pass, and show it."""
        left = seconds
        while left > 0:
            self.show()
            tick = min(left, _TICK) if self._status is not None else left
            self._clock.sleep(tick)
            left -= tick

    def show(self) -> None:
        """Show where it stands."""
        if self._status is not None:
            self._status.update(self._line())
            return
        now = self._clock.monotonic()
        if now - self._told_at >= EVERY_SECONDS or (self._what != self._told and now - self._told_at >= 1):
            self._told_at, self._told = now, self._what
            self._console.print(
                Text(f"{self._clock.now():%H:%M:%S} UTC  ").append(self._line()), soft_wrap=True
            )

    def _line(self) -> Text:
        passed = self._clock.monotonic() - self._began
        left = self._seconds - passed
        budget = f"{spoken(left)} left" if left > 0 else f"{spoken(-left)} over its time"
        line = Text(f"{spoken(passed)}, {budget}: ", style="dim", no_wrap=True, overflow="ellipsis")
        return line.append(Text(self._what, style="not dim"))


class _Shown:
    """A clock whose waits are shown."""

    def __init__(self, clock: Clock, progress: Progress) -> None:
        self._clock = clock
        self._progress = progress

    def now(self) -> datetime:
        return self._clock.now()

    def monotonic(self) -> float:
        return self._clock.monotonic()

    def sleep(self, seconds: float) -> None:
        self._progress.sleep(seconds)


@contextmanager
def shown(access: Access, screen: Screen, seconds: float) -> Iterator[Access]:
    """The same hands, whose waits are shown while the block runs.

    Args:
        access: the hands.
        screen: where.
        seconds: for how long it may take at most.
    """
    progress = Progress(screen, access.clock, seconds)
    access.journal.subscribe(progress.heard)
    with progress:
        yield replace(access, clock=_Shown(access.clock, progress))
