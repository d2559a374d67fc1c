"""What a person wants to read when a rehearsal is over."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from rehearsal.telling import title
from rollback.clock import spoken

if TYPE_CHECKING:
    from collections.abc import Callable

    from rehearsal.story import ScenarioStory, Timing
    from rehearsal.telling import Teller


class Summary:
    """Gathers the stories of a run."""

    def __init__(self) -> None:
        self._stories: dict[str, ScenarioStory] = {}

    def add(self, story: ScenarioStory) -> None:
        """Take `story` in; a later one of the same scenario takes the place of an earlier one."""
        self._stories[story.nodeid] = story

    def tell(self, teller: Teller, *, repeat: Callable[[str], str], real_seconds: float) -> None:
        """How each chapter went, the timed rollbacks against their budgets, what failed, and the time it all took."""
        if not self._stories:
            return
        for part in (self._chapters(), self._timings(teller)):
            if part is not None:
                teller.console.print()
                teller.console.print(part)
        self._failures(teller, repeat)
        teller.console.print()
        teller.console.print(self._total(real_seconds))

    def _chapters(self) -> Table:
        table = _table("Chapters", "rehearsed", "failed", "skipped", "simulated")
        chapters: dict[str, list[ScenarioStory]] = {}
        for story in self._stories.values():
            chapters.setdefault(story.chapter, []).append(story)
        for chapter, stories in chapters.items():
            ended = Counter(story.outcome for story in stories)
            table.add_row(
                chapter,
                str(ended["passed"] + ended["failed"]),
                Text(str(ended["failed"]), style="bold red" if ended["failed"] else "dim"),
                Text(str(ended["skipped"]), style="yellow" if ended["skipped"] else "dim"),
                spoken(sum(story.seconds for story in stories)),
            )
        return table

    def _timings(self, teller: Teller) -> Table | None:
        timings: dict[tuple[str, float, float], list[Timing]] = {}
        for story in self._stories.values():
            for timing in story.timings:
                timings.setdefault((timing.label, timing.from_seconds, timing.to_seconds), []).append(timing)
        if not timings:
            return None
        table = _table("Timed rollbacks", "times", "fastest", "slowest", "budget", "")
        for (label, least, most), each in timings.items():
            slowest = max(each, key=lambda timing: timing.seconds)
            table.add_row(
                label,
                str(len(each)),
                spoken(min(timing.seconds for timing in each)),
                Text(spoken(slowest.seconds), style="" if slowest.within else "bold red"),
                f"{spoken(least)} to {spoken(most)}",
                teller.mark("passed" if slowest.within else "failed"),
            )
        return table

    def _failures(self, teller: Teller, repeat: Callable[[str], str]) -> None:
        failed = [story for story in self._stories.values() if story.outcome == "failed"]
        if not failed:
            return
        teller.console.print()
        teller.console.print(Text("Failed", style="bold red"))
        for story in failed:
            teller.console.print(Padding(title(story), (0, 0, 0, 2)))
            step = next((each for each in story.steps if each.outcome == "failed"), None)
            if step is not None:
                teller.console.print(Padding(Text(f"{step.keyword} {step.text}"), (0, 0, 0, 4)))
            teller.console.print(Padding(teller.message(story.message.partition("\n")[0], ""), (0, 0, 0, 4)))
            # A command that was wrapped could not be copied.
            teller.console.print(Text(f"    {repeat(story.nodeid)}", style="cyan"), soft_wrap=True)

    def _total(self, real_seconds: float) -> Text:
        ended = Counter(story.outcome for story in self._stories.values())
        rehearsed = ended["passed"] + ended["failed"]
        simulated = spoken(sum(story.seconds for story in self._stories.values()))
        return Text(
            f"{rehearsed} scenario{'' if rehearsed == 1 else 's'} rehearsed: "
            f"{simulated} of simulated time in {real_seconds:.1f} s."
        )


def _table(title: str, *columns: str) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim", expand=True, pad_edge=False)
    table.add_column(Text(title, style="not dim bold"), ratio=1, overflow="fold")
    for column in columns:
        table.add_column(column, justify="right", no_wrap=True)
    return table
