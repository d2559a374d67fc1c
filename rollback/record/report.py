"""The incident report: what a journal tells, for people who were not there."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from rollback._text import printable
from rollback.errors import JournalError
from rollback.record.facts import evidence, people, times, what
from rollback.record.follow_ups import follow_ups
from rollback.record.impact import Impact, impact
from rollback.record.markdown import bullets, code, plain, table
from rollback.record.post_mortem import Due, due
from rollback.record.reading import attempts, told
from rollback.record.timeline import Moment, spelled, timeline

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rollback.environment import Environment
    from rollback.journal import Entry

MOST_COMMANDS: Final = 50
_NOTHING: Final = "Nothing."


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a journal tells of an incident.

    Attributes:
        title: one line.
        summary: how it ended, in a sentence or two.
        what: what was rolled back, by its names.
        who: who ran it and who decided what.
        when: moments and durations.
        impact: what users saw.
        url: where that was measured.
        timeline: what happened, in order.
        by_hand: the plan's own lines.
        run: what was really asked for that changes something.
        evidence: what was checked, when, and what was seen.
        follow_ups: what is left to do.
        due: whether a post-mortem is.
        journal: by which the report is known to be of its journal.
    """

    title: str
    summary: str
    what: tuple[tuple[str, str], ...]
    who: tuple[tuple[str, str], ...]
    when: tuple[tuple[str, str], ...]
    impact: Impact
    url: str
    timeline: tuple[Moment, ...]
    by_hand: tuple[str, ...]
    run: tuple[str, ...]
    evidence: tuple[tuple[str, str, str], ...]
    follow_ups: tuple[str, ...]
    due: Due
    journal: str

    def markdown(self) -> str:
        """The report as GitHub renders it; the same journal always gives the same."""
        lines = [
            f"# {plain(self.title)}",
            "",
            f"<!-- journal {self.journal} -->",
            plain(self.summary),
            "",
            plain(self.impact.sentence),
            "",
            f"**{plain(self.due.sentence)}**",
            *_section("What", table(("", ""), self.what)),
            *_section("Who", table(("", ""), self.who)),
            *_section("When (UTC)", table(("", ""), self.when)),
            *_section("Impact", self._impact()),
            *_section("What is left to do", bullets(self.follow_ups) or [_NOTHING]),
            *_section("Timeline (UTC)", self._timeline()),
            *_section("Commands", self._commands()),
            *_section("Evidence", self._evidence()),
            *_section("Post-mortem", self._due()),
        ]
        return "\n".join(lines) + "\n"

    def _impact(self) -> list[str]:
        rows = [
            ("before the first change", self.impact.before),
            ("during the rollback", self.impact.during),
            ("after it", self.impact.after),
        ]
        lines = [*table(("When", "Answers of the application"), rows)]
        source = (
            f"Measured by asking {self.url} from where the rollback ran; 4xx, 5xx and no answer are errors."
        )
        return [*lines, "", plain(source)]

    def _timeline(self) -> list[str]:
        day = ""
        rows = []
        for moment in self.timeline:
            at = f"{moment.at:%Y-%m-%d %H:%M:%S}"
            rows.append((at.removeprefix(day), moment.what, moment.told))
            day = at[:11]
        return table(("Time", "", "What happened"), rows)

    def _commands(self) -> list[str]:
        ran = self.run[:MOST_COMMANDS]
        more = len(self.run) - len(ran)
        lines = ["What was run that changes something:", "", *(code(ran) if ran else [_NOTHING])]
        if more:
            lines += ["", f"And {more} more; the journal has them."]
        if self.by_hand:
            lines += ["", "The same by hand:", "", *code(self.by_hand)]
        return lines

    def _evidence(self) -> list[str]:
        return table(("Time", "Check", "What was seen"), self.evidence) if self.evidence else [_NOTHING]

    def _due(self) -> list[str]:
        lines = (
            [plain(self.due.sentence)]
            if not self.due.reasons
            else ["It is due:", "", *bullets(self.due.reasons)]
        )
        if self.due.reasons and self.due.unknown:
            lines += ["", "What can't be told:", "", *bullets(self.due.unknown)]
        return lines


def report(environment: Environment, entries: Sequence[Entry]) -> Report:
    """What the entries of a journal (`rollback.journal.read`) tell of an incident in `environment`.

    Also a journal that ends in the middle gives a report, which says so.

    Raises:
        JournalError: there is nothing in it, or it is of another environment.
    """
    if not entries:
        raise JournalError("The journal is empty.", remedy="Name the journal of a rollback.")
    tries = attempts(entries)
    others = {each.environment for each in tries} - {environment.name, ""}
    if others:
        raise JournalError(
            f"This journal is of {printable(min(others))}, not of {environment.name}.",
            remedy="Name the environment that it belongs to.",
        )
    seen = impact(environment, entries, tries)
    begun = [each for each in tries if each.saved is not None]
    last = begun[-1] if begun else tries[-1] if tries else None
    return Report(
        title=f"Incident report: {environment.service} in {environment.name}, {entries[0].at:%Y-%m-%d}",
        summary=_summary([told(each) for each in begun], last.title if last else ""),
        what=what(environment, begun or tries),
        who=people(entries, tries),
        when=times(environment, entries, begun),
        impact=seen,
        url=environment.url + environment.probe.path,
        timeline=timeline(environment, entries),
        by_hand=_texts(last.plan.detail.get("commands")) if last and last.plan else (),
        run=tuple(f"{each.at:%H:%M:%S} {spelled(each)}" for one in begun for each in one.changes),
        evidence=evidence(entries, last),
        follow_ups=follow_ups(environment, entries, tries),
        due=due(environment, tries, seen, entries),
        journal=fingerprint(entries),
    )


def fingerprint(entries: Sequence[Entry]) -> str:
    """What a journal and its report are known by: of its first entry, which stays the same as it grows."""
    first = entries[0]
    return hashlib.sha256(
        f"{first.at.isoformat()} {first.kind} {first.what}".encode(errors="replace")
    ).hexdigest()[:16]


def _summary(ends: Sequence[str], title: str) -> str:
    if not ends:
        return f"Nothing was changed. {title}".strip()
    return " Then: ".join(ends)


def _section(title: str, lines: Sequence[str]) -> list[str]:
    return ["", f"## {title}", "", *lines]


def _texts(value: object) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, list) else ()
