"""What a person wants to read when a rehearsal is over."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from rich.text import Text

from rehearsal.telling import title
from rollback.clock import spoken

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from rehearsal.story import ScenarioStory, Timing
    from rehearsal.telling import Teller


@dataclass(frozen=True, slots=True)
class Words:
    """How a run is told of.

    Attributes:
        played: what became of a scenario that was not left out.
        left_out: what became of the others.
        took: what its time is called.
        total: how the times of a run are told, of all its steps and of the run itself.
    """

    played: str
    left_out: str
    took: str
    total: str


REHEARSED: Final = Words("rehearsed", "skipped", "simulated", "{steps} of simulated time in {run:.1f} s")
LIVE: Final = Words("live", "not for live", "took", "{steps}, of {run:.1f} s in all")


class Summary:
    """Gathers the stories of a run."""

    def __init__(self, words: Words = REHEARSED) -> None:
        self._words = words
        self._stories: dict[str, ScenarioStory] = {}

    def add(self, story: ScenarioStory) -> None:
        """Take `story` in; a later one of the same scenario takes the place of an earlier one."""
        self._stories[story.nodeid] = story

    def tell(self, teller: Teller, *, repeat: Callable[[str], str], real_seconds: float) -> None:
        """How each chapter went, the timed rollbacks against their budgets, what failed, and the time it all took."""
        if not self._stories:
            return
        teller.heading("Summary")
        teller.show()
        self._chapters(teller)
        self._timings(teller)
        self._failures(teller, repeat)
        teller.show()
        teller.show(self._total(real_seconds))

    def _chapters(self, teller: Teller) -> None:
        chapters: dict[str, list[ScenarioStory]] = {}
        for story in self._stories.values():
            chapters.setdefault(story.path, []).append(story)
        rows = []
        for stories in chapters.values():
            ended = _endings(stories)
            rows.append(
                (
                    stories[0].chapter,
                    str(ended["passed"] + ended["failed"]),
                    Text(str(ended["failed"]), style="bold red" if ended["failed"] else "dim"),
                    Text(str(ended["skipped"]), style="yellow" if ended["skipped"] else "dim"),
                    spoken(_simulated(stories)),
                )
            )
        words = self._words
        teller.table(("chapter", words.played, "failed", words.left_out, words.took), rows)

    def _timings(self, teller: Teller) -> None:
        timings: dict[tuple[str, float, float], list[Timing]] = {}
        for story in self._stories.values():
            for timing in story.timings:
                timings.setdefault((timing.label, timing.from_seconds, timing.to_seconds), []).append(timing)
        rows = []
        for (label, shortest, longest), each in timings.items():
            slowest = max(each, key=lambda timing: timing.seconds)
            rows.append(
                (
                    Text.assemble(teller.mark("passed" if slowest.within else "failed"), f" {label}"),
                    str(len(each)),
                    spoken(min(timing.seconds for timing in each)),
                    Text(spoken(slowest.seconds), style="" if slowest.within else "bold red"),
                    f"{spoken(shortest)} to {spoken(longest)}",
                )
            )
        if rows:
            teller.show()
            teller.table(("timed", "times", "fastest", "slowest", "budget"), rows)

    def _failures(self, teller: Teller, repeat: Callable[[str], str]) -> None:
        for story in self._stories.values():
            if story.outcome != "failed":
                continue
            teller.show()
            teller.show(title(story), mark=teller.mark("failed"))
            if story.failed_step:
                teller.show(Text(f"{story.failed_step.keyword} {story.failed_step.text}"), indent=2)
            for message in filter(None, (story.message, story.aftermath)):
                teller.message(message.partition("\n")[0], indent=2)
            # A command that was wrapped could not be copied.
            teller.out(Text(f"  {repeat(story.nodeid)}", style="cyan"))

    def _total(self, real_seconds: float) -> Text:
        stories = self._stories.values()
        ended = _endings(stories)
        rehearsed = ended["passed"] + ended["failed"]
        words = self._words
        parts = [f"{rehearsed} scenario{'' if rehearsed == 1 else 's'} {words.played}"]
        named = {"failed": "failed", "skipped": words.left_out}
        parts += [f"{ended[outcome]} {name}" for outcome, name in named.items() if ended[outcome]]
        spent = words.total.format(steps=spoken(_simulated(stories)), run=real_seconds)
        return Text(f"{', '.join(parts)}: {spent}.", style="bold red" if ended["failed"] else "bold green")


def _endings(stories: Iterable[ScenarioStory]) -> Counter[str]:
    return Counter(story.outcome for story in stories)


def _simulated(stories: Iterable[ScenarioStory]) -> float:
    return sum(story.seconds for story in stories)
