"""What the tool itself has done about the same trouble, on a stage of its own, before a person is asked."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rehearsal.gameday.commits import counterparts, renamed
from rehearsal.gameday.deeds import by_the_tool, folded, moments
from rehearsal.origin.objects import FOLDER as ORIGIN
from rollback.journal import Kind, read

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from pathlib import Path

    from rehearsal.gameday.deeds import Deed, Moments
    from rehearsal.story import ScenarioStory
    from rollback.clock import Clock
    from rollback.journal import Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class Twin:
    """The tool's own run.

    Attributes:
        seconds: how long it took, in seconds of the stage's time.
        deeds: what it did, equal ones in a row folded.
        moments: when it looked, decided and changed something; it has recovered when its proof was complete.
        title: what its plan said that it would do.
        commands: how to do that by hand.
    """

    seconds: float = 0.0
    deeds: tuple[Deed, ...] = ()
    moments: Moments | None = None
    title: str = ""
    commands: tuple[str, ...] = ()


@dataclass(slots=True)
class Watched:
    """The tool's run while it is going on.

    Attributes:
        clock: the clock of its stage.
        directory: where the files of its stage are.
        journal: its journal.
        began: when the first When began.
        story: what became of it.
    """

    clock: Clock | None = None
    directory: Path | None = None
    journal: Path | None = None
    began: datetime | None = None
    story: ScenarioStory | None = None
    _entries: list[Entry] = field(default_factory=list)

    def when(self) -> None:
        """A When begins."""
        if self.began is None and self.clock is not None:
            self.began = self.clock.now()

    def ends(self, story: ScenarioStory) -> None:
        """It is over."""
        self.story = story
        if self.journal is not None:
            self._entries = read(self.journal)

    @property
    def passed(self) -> bool:
        """Whether the tool has mended it."""
        return self.story is not None and self.story.outcome == "passed" and self.began is not None

    @property
    def slow(self) -> frozenset[str]:
        """The sentences of the scenario that let time pass."""
        steps = self.story.steps if self.story else ()
        return frozenset(each.text for each in steps if each.seconds > 0)

    def twin(self, served: Path) -> Twin:
        """What there is to compare with, in the words of a stage that is served.

        Args:
            served: where that stage's files are.
        """
        if self.story is None or self.began is None:
            return Twin()
        deeds = tuple(by_the_tool(self._entries, began=self.began))
        seconds = _of_the_whens(self.story)
        # The first: what comes later is how the tool looks at what it has done.
        plan = next((each for each in self._entries if each.kind is Kind.PLAN), None)
        commands = _commands(plan.detail) if plan else ()
        known = counterparts(self.directory / ORIGIN, served / ORIGIN) if self.directory else {}
        return Twin(
            seconds=seconds,
            deeds=folded(deeds),
            moments=moments(deeds, seconds),
            title=renamed(plan.what, known) if plan else "",
            commands=tuple(renamed(each, known) for each in commands),
        )


def _of_the_whens(story: ScenarioStory) -> float:
    """How long the Whens took: each step that says so, and the Ands and Buts below it."""
    total, counting = 0.0, False
    for step in story.steps:
        word = step.keyword.strip()
        counting = word == "When" or (counting and word in {"And", "But", "*"})
        total += step.seconds if counting else 0.0
    return total


def _commands(detail: Mapping[str, object]) -> tuple[str, ...]:
    said = detail.get("commands")
    return tuple(str(each) for each in said) if isinstance(said, list) else ()
