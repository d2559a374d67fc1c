"""Words that the pages put things into: times of day, ages, amounts, and which of several plays to show first."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from markupsafe import Markup

from rehearsal.report.facts import Call, Command, Request
from rehearsal.report.phrases import ago, day, days, many
from rollback.clock import spoken

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime

    from rehearsal.report.chapter_views import PlayView, ScenarioView
    from rehearsal.report.facts import Evidence
    from rehearsal.report.views import Row

_WORST_FIRST: Final = ("failed", "cut short", "not reached", "skipped", "passed")
_NARROW: Final = 34
_WORDS: Final = re.compile(r"(\s+)")


def iso(at: datetime) -> str:
    """A time of day for a machine: ``2026-11-23T18:30:00+00:00``."""
    return at.isoformat(timespec="seconds")


def capital(words: str) -> str:
    """The same with a capital letter at its beginning, and whatever follows as it is."""
    return words[:1].upper() + words[1:]


def kind(outcome: str) -> str:
    """The style class of an outcome: ``not reached`` is ``not-reached``."""
    return outcome.replace(" ", "-")


def worst(scenario: ScenarioView) -> str:
    """The worst end of a scenario's newest plays, or ``not rehearsed``."""
    ends = {play.outcome for play in scenario.plays}
    return next((each for each in _WORST_FIRST if each in ends), "not rehearsed")


def by_environment(plays: Sequence[PlayView]) -> list[tuple[str, PlayView, list[PlayView]]]:
    """For each environment the play to show, one that failed before all others, and those to show on demand."""
    found: dict[str, list[PlayView]] = {}
    for play in plays:
        found.setdefault(play.environment, []).append(play)
    chosen = []
    for environment, each in found.items():
        first = next(
            (play for wanted in ("failed", "passed") for play in each if play.outcome == wanted), each[0]
        )
        chosen.append((environment, first, [play for play in each if play is not first]))
    return chosen


def absent(plays: Sequence[PlayView], environments: Iterable[str]) -> list[str]:
    """The environments for which there is no play."""
    played = {play.environment for play in plays}
    return [each for each in environments if each not in played]


def example_name(play: PlayView) -> str:
    """What tells this play from others of its environment: its row of examples; empty where it has none."""
    told = [f"{column}: {value}" for column, value in play.example if value != play.environment]
    return ", ".join(told)


def unbroken(line: str) -> Markup:
    """A command of which no option and no name is broken at its hyphens, unless it is longer than a phone is wide."""
    return Markup("").join(
        Markup("<span>{}</span>").format(word) if "-" in word and len(word) <= _NARROW else word
        for word in _WORDS.split(line)
    )


def overdue(rows: Iterable[Row], environments: Iterable[str]) -> list[tuple[str, list[Row]]]:
    """What was not rehearsed for longer than its limit, by environment; those without are left out."""
    late = [row for row in rows if row.overdue]
    found = [(name, [row for row in late if row.environment == name]) for name in environments]
    return [(name, some) for name, some in found if some]


def counted(evidence: Iterable[Evidence]) -> str:
    """How much evidence there is, by kind: ``31 API calls, 1 program, 2 notes``."""
    things: Counter[str] = Counter()
    for piece in evidence:
        if isinstance(piece, Call):
            things["API call"] += piece.count
        elif isinstance(piece, Command):
            things["program"] += piece.count
        elif isinstance(piece, Request):
            things["HTTP request"] += piece.count
        else:
            things["note"] += 1
    return ", ".join(many(count, thing) for thing, count in things.items())


FILTERS: Final[Mapping[str, Callable[..., Any]]] = {
    each.__name__: each
    for each in (
        absent,
        ago,
        by_environment,
        capital,
        counted,
        day,
        days,
        example_name,
        iso,
        kind,
        many,
        overdue,
        spoken,
        unbroken,
        worst,
    )
}
"""What the templates may call."""
