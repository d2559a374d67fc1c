"""What is told at the game's own terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from rehearsal.progress import Standing, StatusLine

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.console import Console


class Terminal:
    """Tells whoever sits at it, in whole lines, and shows below where the game stands.

    Args:
        console: where.
        chapter: the chapter that is played; empty where nobody is to know it.
    """

    def __init__(self, console: Console, chapter: str = "") -> None:
        self.console = console
        self._chapter = chapter
        self._status = StatusLine(console)

    def say(self, *sentences: str) -> None:
        """Tell something."""
        self._status.aside()
        for each in sentences:
            self.console.print(Text(each), soft_wrap=True)

    def stands(self, waiting: str, passed: float, left: float) -> None:
        """Show what is waited for, since when, and what is left of the budget, both in seconds."""
        self._status.stands(
            Standing(chapter=self._chapter, waiting=waiting, passed=passed, budget=passed + left)
        )

    def lines(self, lines: Iterable[str]) -> None:
        """Tell lines that can be copied, whatever the terminal is wide."""
        self._status.aside()
        for each in lines:
            self.console.out(each, highlight=False)

    def heading(self, words: str) -> None:
        """The beginning of something."""
        self._status.aside()
        self.console.print()
        self.console.print(Text(words, style="bold"), soft_wrap=True)
