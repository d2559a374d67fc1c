"""Where a command writes to: people read one thing and machines another, and never mixed."""

from __future__ import annotations

import json
import sys
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable
    from contextlib import AbstractContextManager
    from pathlib import Path

    from rollback.errors import RollbackError

WIDEST = 120
"""Lines that are longer than this nobody reads at night."""


class Screen:
    """Standard output and standard error of a command.

    Args:
        machine: whether standard output is for a machine: then what people read goes to standard error.

    Attributes:
        out: what was asked for, for people.
        err: everything else.
        machine: as given.
    """

    def __init__(self, *, machine: bool = False) -> None:
        self.machine = machine
        self.err = _console(stderr=True)
        self.out = self.err if machine else _console(stderr=False)

    def tell(self, sentence: str, *, style: str = "") -> None:
        """Say something beside what was asked for."""
        self.err.print(Text(sentence, style=style))

    def blank(self) -> None:
        """Leave a line empty between one thing and the next."""
        self.out.print()

    def answer(self, told: object) -> None:
        """Give a machine what it has asked for, on one line; people get nothing of it."""
        if self.machine:
            sys.stdout.write(f"{json.dumps(told, default=str)}\n")
            sys.stdout.flush()

    def failed(self, error: RollbackError) -> None:
        """Say what is in the way, and what to do instead."""
        self.err.print(Text(error.sentence, style="red"))
        if error.remedy:
            self.err.print(Text(error.remedy))

    def busy(self, what: str) -> AbstractContextManager[object]:
        """Show on a terminal that something is going on while the block runs."""
        return self.err.status(Text(f"{what} ...", style="dim")) if self.err.is_terminal else nullcontext()

    def commands(self, lines: Iterable[str], *, on: Console | None = None, indent: int = 2) -> None:
        """Lines to be copied: whole and to the letter, however narrow the screen is."""
        for line in lines:
            (on or self.out).print(Text(f"{' ' * indent}{line}", style="cyan"), soft_wrap=True)

    def line(self, text: str, *, style: str = "") -> None:
        """One line, as it is, however narrow the screen is."""
        self.out.print(Text(text, style=style), soft_wrap=True)

    def path(self, what: str, path: Path) -> None:
        """Where a file is, on one line, so that it can be copied."""
        self.line(f"  {what}: {path}", style="dim")

    def indented(self, sentence: str) -> None:
        """A sentence that belongs to the one before it."""
        self.out.print(Padding(Text(sentence, style="dim"), (0, 0, 0, 2)))


def _console(*, stderr: bool) -> Console:
    console = Console(stderr=stderr, highlight=False, emoji=False, markup=False)
    console.width = min(console.width, WIDEST)
    return console


def error_of(error: RollbackError) -> dict[str, Any]:
    """An error, for a machine."""
    return {"kind": type(error).__name__, "sentence": error.sentence, "remedy": error.remedy}
