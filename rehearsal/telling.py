"""How a rehearsal is told to a person at a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from rollback.clock import spoken

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rehearsal.story import Outcome, ScenarioStory, StepStory

WIDEST: Final = 100
"""Columns: a longer line is hard to read, whatever the terminal has room for."""

_MARKS: Final[dict[Outcome, tuple[str, str, str]]] = {
    "passed": ("✓", "+", "green"),
    "failed": ("✗", "x", "bold red"),
    "skipped": ("○", "-", "yellow"),
    "not reached": ("·", ".", "dim"),
}
"""For each outcome its mark, the mark where the terminal has only ASCII, and the style."""

_LONGEST_MESSAGE: Final = 12
"""Lines of an assertion's message that are told in place."""


class Teller:
    """Tells scenarios, one below the other, on a console."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self._ascii = not console.encoding.lower().startswith("utf")
        self._chapter = ""
        self._rule = ""

    def opening(self, lines: Iterable[str]) -> None:
        """What is going to be rehearsed."""
        for line in lines:
            self.console.print(Text(line, style="dim"))

    def scenario(self, story: ScenarioStory) -> None:
        """The title of a scenario, and of its chapter and its rule where they begin."""
        if story.path != self._chapter:
            self._chapter, self._rule = story.path, ""
            self._print(Text())
            self._print(Rule(Text(story.chapter, style="bold"), align="left", style="dim"))
        if story.rule != self._rule:
            self._rule = story.rule
            if story.rule:
                self._print(Text(f"\n{story.rule}", style="italic"), indent=2)
        self._print(Text())
        self._print(title(story), indent=2)

    def step(self, step: StepStory) -> None:
        """A step, with its mark and the simulated time it took."""
        style = {"failed": "bold", "not reached": "dim", "skipped": "dim"}.get(step.outcome, "")
        text = Text(style=style)
        text.append(f"{step.keyword} ", style="cyan" if step.outcome == "passed" else "")
        text.append(step.text)
        for detail in step.details:
            text.append(f"\n  {detail}", style="dim")
        took = Text(spoken(step.seconds) if step.seconds >= 1 else "", style="cyan")
        self._print(self._line(self.mark(step.outcome), text, took), indent=4)

    def ending(self, story: ScenarioStory, *, afterwards: bool = False) -> None:
        """How a scenario ended, where that isn't plain from its steps."""
        if story.outcome == "failed":
            where = ", ".join(filter(None, (f"{story.path}:{_stopped_at(story)}", story.place)))
            if afterwards or all(step.outcome != "failed" for step in story.steps):
                when = "after the scenario" if afterwards else "outside of a step"
                self._print(
                    self._line(self.mark("failed"), Text(f"It failed {when}.", style="bold"), Text()),
                    indent=4,
                )
            self._print(self.message(story.message, where), indent=6)
        elif story.outcome == "skipped":
            reason = Text(f"skipped: {story.message}", style="yellow")
            self._print(self._line(self.mark("skipped"), reason, Text()), indent=4)
        if story.outcome == "failed" and not afterwards:
            for step in story.steps:
                if step.outcome == "not reached":
                    self.step(step)

    def stray(self, nodeid: str, message: str) -> None:
        """A test that tells no story has failed."""
        self._chapter = ""
        self._print(Text())
        self._print(self._line(self.mark("failed"), Text(nodeid, style="bold"), Text()), indent=2)
        self._print(self.message(message, ""), indent=4)

    def mark(self, outcome: Outcome) -> Text:
        """The mark of `outcome`, in its colour."""
        mark, plain, style = _MARKS[outcome]
        return Text(plain if self._ascii else mark, style=style)

    def message(self, message: str, where: str) -> RenderableType:
        """Why something failed, kept short, and where."""
        lines = message.strip().splitlines()
        if len(lines) > _LONGEST_MESSAGE:
            lines[_LONGEST_MESSAGE - 1 :] = [f"... and {len(lines) - _LONGEST_MESSAGE + 1} lines more"]
        told = Text("\n".join(lines), style="red")
        return Group(told, Text(where, style="dim")) if where else told

    def _line(self, mark: Text, text: Text, took: Text) -> RenderableType:
        grid = Table.grid(padding=(0, 1, 0, 0), expand=True)
        grid.add_column(width=1)
        grid.add_column(ratio=1, overflow="fold")
        grid.add_column(justify="right", no_wrap=True)
        grid.add_row(mark, text, took)
        return grid

    def _print(self, what: RenderableType, *, indent: int = 0) -> None:
        self.console.print(Padding(what, (0, 0, 0, indent)) if indent else what)


def console_for(color: str) -> Console:
    """A console on whatever stdout is when it is written to, which obeys pytest's ``--color``."""
    console = Console(
        highlight=False,
        markup=False,
        emoji=False,
        force_terminal={"yes": True, "no": False}.get(color),
        no_color=True if color == "no" else None,
    )
    console.width = min(console.width, WIDEST)
    return console


def title(story: ScenarioStory) -> Text:
    """The name of a scenario, and its example."""
    text = Text(story.name, style="bold")
    if example := ", ".join(f"{column} {value}" for column, value in story.example if value):
        text.append(f"  {example}", style="not bold magenta")
    return text


def _stopped_at(story: ScenarioStory) -> int:
    return next((step.line for step in story.steps if step.outcome == "failed"), story.line)
