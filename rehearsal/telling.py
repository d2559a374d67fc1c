"""How a rehearsal is told to a person at a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rich.console import Console
from rich.text import Text

from rollback.clock import spoken

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rehearsal.story import Outcome, ScenarioStory, StepStory

_WIDEST: Final = 100
"""Columns: a longer line is hard to read, whatever the terminal has room for."""

_NARROWEST: Final = 10
"""Columns that the first column of a table keeps, however narrow the terminal is."""

_LONGEST: Final = 12
"""Lines of an assertion's message that are told in place."""

_MARKS: Final[dict[Outcome, tuple[str, str, str]]] = {
    "passed": ("✓", "+", "green"),
    "failed": ("✗", "x", "bold red"),
    "skipped": ("○", "-", "yellow"),
    "not reached": ("·", ".", "dim"),
}
"""For each outcome its mark, the mark where the output can only be ASCII, and the style."""

_STYLES: Final[dict[Outcome, str]] = {
    "passed": "",
    "failed": "bold",
    "skipped": "yellow",
    "not reached": "dim",
}


class Teller:
    """Tells scenarios, one below the other, on a console.

    Attributes:
        console: where it tells them.
    """

    def __init__(self, console: Console) -> None:
        self.console = console
        self._encoding = console.encoding
        self._ascii = not console.encoding.lower().startswith("utf")
        self._chapter = ""
        self._rule = ""

    def opening(self, lines: Iterable[str]) -> None:
        """What is going to be rehearsed."""
        for line in lines:
            self.show(Text(line, style="dim"))

    def scenario(self, story: ScenarioStory) -> None:
        """The title of a scenario, and of its chapter and its rule where they begin."""
        if story.path != self._chapter:
            self._chapter, self._rule = story.path, ""
            self.show()
            self.heading(story.chapter)
        if story.rule != self._rule:
            self._rule = story.rule
            self.show()
            self.show(Text(story.rule, style="italic"), indent=2)
        self.show()
        self.show(title(story), indent=2)

    def step(self, step: StepStory) -> None:
        """A step, with its mark and the simulated time it took."""
        text = Text(f"{step.keyword} {step.text}", style=_STYLES[step.outcome])
        if step.outcome == "passed":
            text.stylize("cyan", 0, len(step.keyword))
        took = spoken(step.seconds) if step.seconds >= 1 else ""
        self.show(text, indent=4, mark=self.mark(step.outcome), took=took)
        for detail in step.details:
            self.show(Text(detail, style="dim"), indent=8)

    def ending(self, story: ScenarioStory) -> None:
        """How a scenario ended, where its steps don't say it."""
        if story.outcome == "skipped":
            self.show(Text(f"skipped: {story.message}", style="yellow"), indent=6)
        if story.outcome == "failed":
            if story.failed_step is None:
                words = Text("It failed outside of its steps.", style="bold")
                self.show(words, indent=4, mark=self.mark("failed"))
            self.message(story.message, indent=6)
            self._places(story)
            for step in story.steps:
                if step.outcome == "not reached":
                    self.step(step)

    def aftermath(self, story: ScenarioStory) -> None:
        """What failed when the scenario's steps were over."""
        self.show(Text("It failed after its last step.", style="bold"), indent=4, mark=self.mark("failed"))
        self.message(story.aftermath, indent=6)
        if story.failed_step is None:
            self._places(story)

    def _places(self, story: ScenarioStory) -> None:
        """Where a scenario failed, in the feature and in the code."""
        places = [f"{story.path}:{(story.failed_step or story).line}", story.place]
        self.show(Text(", ".join(filter(None, places)), style="dim"), indent=6)

    def stray(self, name: str, message: str) -> None:
        """Something that tells no story has failed: a test of another kind, or a feature that can't be read."""
        self.show()
        self.show(Text(name, style="bold"), indent=2, mark=self.mark("failed"))
        self.message(message, indent=4)

    def heading(self, words: str) -> None:
        """The beginning of something, across the page."""
        text = Text(f"{words} ", style="bold")
        text.append(
            ("-" if self._ascii else "─") * (self.console.width - text.cell_len), style="not bold dim"
        )
        self.show(text)

    def message(self, message: str, *, indent: int) -> None:
        """Why something failed, kept short."""
        lines = [line for line in message.splitlines() if line.strip() and "use -v" not in line.lower()]
        if len(lines) > _LONGEST:
            lines[_LONGEST - 1 :] = [f"... and {len(lines) - _LONGEST + 1} lines more"]
        for line in lines:
            self.show(Text(line, style="red"), indent=indent)

    def mark(self, outcome: Outcome) -> Text:
        """The mark of `outcome`, in its colour."""
        mark, plain, style = _MARKS[outcome]
        return Text(plain if self._ascii else mark, style=style)

    def show(
        self, text: Text | None = None, *, indent: int = 0, mark: Text | None = None, took: str = ""
    ) -> None:
        """Print `text`, or nothing but the end of a line, with a mark before it and a time at the right margin."""
        margin = indent + 2 if mark else indent
        room = self.console.width - margin - (len(took) + 2 if took else 0)
        for number, line in enumerate((text or Text()).wrap(self.console, room)):
            whole = Text.assemble(" " * indent, mark or "", " " if mark else "", line)
            if number:
                whole = Text.assemble(" " * margin, line)
            if took and not number:
                whole.append(took.rjust(self.console.width - whole.cell_len), style="cyan")
            self.out(whole)

    def table(self, columns: Sequence[str], rows: Sequence[Sequence[Text | str]]) -> None:
        """Print `rows`, the first column as wide as there is room for and the others to the right, below their names."""
        cells = [[Text(name, style="dim") for name in columns]]
        cells += [[cell if isinstance(cell, Text) else Text(cell) for cell in row] for row in rows]
        widths = [max(row[column].cell_len for row in cells) for column in range(1, len(columns))]
        room = max(self.console.width - sum(widths) - 2 * len(widths), _NARROWEST)
        for row in cells:
            first, *more = row[0].wrap(self.console, room)
            first.truncate(room, pad=True)
            for cell, width in zip(row[1:], widths, strict=True):
                first.append(" " * (2 + width - cell.cell_len))
                first.append_text(cell)
            for line in (first, *more):
                self.out(line)

    def out(self, line: Text) -> None:
        """Print `line`, however long; what can't be written, or would steer the terminal, becomes a question mark."""
        line.rstrip()
        written = line.plain.encode(self._encoding, "replace").decode(self._encoding)
        line.plain = "".join(each if each.isprintable() else "?" for each in written)
        self.console.print(line, soft_wrap=True)


def console_for(color: str) -> Console:
    """A console on whatever stdout is when it is written to, which obeys pytest's ``--color``."""
    console = Console(
        highlight=False,
        markup=False,
        emoji=False,
        force_terminal={"yes": True, "no": False}.get(color),
        no_color=True if color == "no" else None,
    )
    console.width = min(console.width, _WIDEST)
    return console


def title(story: ScenarioStory) -> Text:
    """The name of a scenario, and its example where the name doesn't tell which one it is."""
    text = Text(story.name, style="bold")
    if story.example and not any(value and value in story.name for _, value in story.example):
        told = ", ".join(f"{column}: {value}" for column, value in story.example if value)
        text.append(f"  {told}", style="not bold dim")
    return text
