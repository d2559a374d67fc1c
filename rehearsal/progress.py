"""Where a run stands, for whoever sits before it: chapter, step, what is waited for, how long, what is left of the budget.

On a terminal it is one line that changes and leaves nothing behind. Elsewhere, and in CI, it is one plain line a step.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from rich.live import Live
from rich.spinner import Spinner
from rich.text import Text

from rollback._text import printable
from rollback.clock import spoken
from rollback.journal import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rich.console import Console, RenderableType

    from rollback.journal import Entry

_TELLING: Final = frozenset({Kind.OBSERVATION, Kind.DECISION})
_A_SECOND: Final = 4
"""How often the line is drawn anew."""
_SAVE, _UP, _ERASE, _RESTORE = "\x1b7", "\x1b[1A\r", "\x1b[K", "\x1b8"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where a run stands.

    Attributes:
        chapter: the chapter that is played; empty where nobody is to know it.
        step: the step of it, keyword and text; empty between two.
        waiting: what is waited for; empty for nothing in particular.
        passed: for how many seconds.
        budget: how many seconds it may take; None where it has no budget.
    """

    chapter: str = ""
    step: str = ""
    waiting: str = ""
    passed: float = 0.0
    budget: float | None = None

    def line(self) -> Text:
        """All of it, in a line."""
        told = Text(no_wrap=True, overflow="ellipsis")
        times = [Text(spoken(self.passed), style="dim")] if self.passed else []
        if self.budget is not None:
            left = self.budget - self.passed
            ends = f"{spoken(left)} left" if left >= 0 else f"{spoken(-left)} over the budget"
            times.append(Text(ends, style="dim" if left >= 0 else "bold red"))
        if times:
            told.append_text(Text(", ").join(times)).append(": ", style="dim")
        where = ": ".join(printable(each) for each in (self.chapter, self.step) if each)
        waiting = f"waiting for {printable(self.waiting)}" if self.waiting else ""
        return told.append(", ".join(filter(None, (where, waiting))))


def changes(console: Console) -> bool:
    """Whether a line on `console` may change: a terminal shows it, and nobody keeps what it shows."""
    return console.is_terminal and not console.is_dumb_terminal and not os.environ.get("CI")


class Progress:
    """Shows the steps of a run while they are played.

    Args:
        console: where.
        seconds: seconds that never go back.
    """

    def __init__(self, console: Console, seconds: Callable[[], float]) -> None:
        self._console = console
        self._seconds = seconds
        self._since = 0.0
        self._standing = Standing()
        self._live: Live | None = None
        self._spinner = Spinner("dots")

    def begins(self, chapter: str, step: str, budget: float | None = None) -> None:
        """A step begins.

        Args:
            chapter: the chapter that it is of.
            step: the step, keyword and text.
            budget: how many seconds it may take; None where it has no budget.
        """
        self.ends()
        self._since = self._seconds()
        self._standing = Standing(chapter=chapter, step=step, budget=budget)
        if not changes(self._console):
            self._console.print(self._standing.line(), soft_wrap=True)
            return
        self._live = Live(
            get_renderable=self._drawn,
            console=self._console,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
            refresh_per_second=_A_SECOND,
        )
        self._live.start()

    def ends(self) -> None:
        """The step has ended, and the line goes; doing it again does nothing."""
        live, self._live = self._live, None
        if live is not None:
            live.stop()

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Take the line away while somebody else writes."""
        live = self._live
        if live is None:
            yield
            return
        live.stop()
        try:
            yield
        finally:
            live.start()

    def heard(self, entry: Entry) -> None:
        """Take note of what a rollback says of itself: listen to a journal with this."""
        if entry.kind in _TELLING:
            self._standing = replace(self._standing, waiting=entry.what)
        elif entry.kind is Kind.CALL:
            self._standing = replace(self._standing, waiting=f"what comes of {entry.what}")

    @property
    def standing(self) -> Standing:
        """Where it stands at this moment."""
        return replace(self._standing, passed=self._seconds() - self._since)

    def _drawn(self) -> RenderableType:
        self._spinner.update(text=self.standing.line())
        return self._spinner


class StatusLine:
    """Shows above the line in which somebody types where they stand, and leaves what they have typed alone.

    Args:
        console: where.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._changes = changes(console)
        self._there = False
        self._told = ""

    def stands(self, standing: Standing) -> None:
        """Show it; where the line can't change, only if something else is waited for."""
        if not self._changes:
            if standing.waiting != self._told:
                self._told = standing.waiting
                self._console.print(standing.line(), soft_wrap=True)
            return
        if not self._there:
            self._there = True
            self._write("\n")
        line = standing.line()
        line.truncate(max(self._console.width - 1, 1), overflow="ellipsis")
        with self._console.capture() as captured:
            self._console.print(line, end="", soft_wrap=True)
        self._write(f"{_SAVE}{_UP}{captured.get()}{_ERASE}{_RESTORE}")

    def aside(self) -> None:
        """Something else is about to be written: the line is drawn anew below it."""
        self._there = False

    def _write(self, text: str) -> None:
        self._console.file.write(text)
        self._console.file.flush()
