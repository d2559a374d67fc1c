"""What happened, in order, with the many looks folded together."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from rollback.journal import Kind
from rollback.record.reading import LEASE_CALL, changes_something, keeps_the_lease

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from rollback.environment import Environment
    from rollback.journal import Entry, Json

MOST: Final = 400
"""How many moments are shown; of more, the first and the last."""
_PARAMETERS: Final = 5
_NAMES: Final = 4


@dataclass(frozen=True, slots=True)
class Moment:
    """One thing that happened, or many looks.

    Attributes:
        at: when, UTC.
        what: what kind of thing it was, in a word.
        told: what happened.
    """

    at: datetime
    what: str
    told: str


def timeline(environment: Environment, entries: Iterable[Entry]) -> tuple[Moment, ...]:
    """The moments of a journal."""
    line = _Line(environment)
    for entry in entries:
        line.take(entry)
    line.fold()
    moments = line.moments
    if len(moments) <= MOST:
        return tuple(moments)
    half = MOST // 2
    gap = Moment(moments[half].at, "left out", f"{len(moments) - 2 * half} moments; the journal has them.")
    return (*moments[:half], gap, *moments[-half:])


@dataclass(slots=True)
class _Line:
    """A timeline in the making."""

    environment: Environment
    moments: list[Moment] = field(default_factory=list)
    looks: Counter[str] = field(default_factory=Counter)
    answers: int = 0
    errors: int = 0
    began: datetime | None = None
    pending: int | None = None
    asked: Entry | None = None

    def take(self, entry: Entry) -> None:
        told = _told(entry)
        if told is not None:
            self.fold()
            self.moments.append(Moment(entry.at, *told))
            if changes_something(entry):
                self.asked, self.pending = entry, len(self.moments) - 1
        elif self.asked is not None and self.pending is not None and _ends(self.asked, entry):
            moment = self.moments[self.pending]
            self.moments[self.pending] = Moment(
                moment.at, moment.what, f"{moment.told}: {_ended(entry.detail)}"
            )
            self.asked = None
        else:
            self.look(entry)

    def look(self, entry: Entry) -> None:
        """Count something that changes nothing."""
        answers_it = entry.kind is Kind.ANSWER and entry.what == LEASE_CALL
        if entry.kind in {Kind.EXIT, Kind.REQUEST, Kind.OBSERVATION} or answers_it or keeps_the_lease(entry):
            return
        self.began = self.began or entry.at
        if entry.kind is Kind.RESPONSE and entry.what.startswith(f"GET {self.environment.url}/"):
            status = entry.detail.get("status")
            self.answers += 1
            self.errors += not isinstance(status, int) or status >= 400  # noqa: PLR2004 - HTTP's errors
        elif entry.kind is Kind.RESPONSE:
            self.looks["GitHub and others over HTTP"] += 1
        elif entry.kind is Kind.COMMAND:
            self.looks[entry.what.partition(" ")[0].rpartition("/")[2]] += 1
        else:
            self.looks[entry.what] += 1

    def fold(self) -> None:
        """Make one moment of the looks so far."""
        if self.began is None:
            return
        parts = []
        if self.answers:
            count = f"{self.errors} of {self.answers}" if self.errors else f"none of {self.answers}"
            parts.append(f"{count} answers of the application were errors")
        if total := self.looks.total():
            named = ", ".join(f"{what} {count}" for what, count in self.looks.most_common(_NAMES))
            more = f" and {len(self.looks) - _NAMES} other kinds" if len(self.looks) > _NAMES else ""
            parts.append(f"{total} {'look' if total == 1 else 'looks'} ({named}{more})")
        self.moments.append(Moment(self.began, "looked", "; ".join(parts)))
        self.began, self.answers, self.errors = None, 0, 0
        self.looks.clear()


_WORDS: Final = {
    Kind.PLAN: "planned",
    Kind.SAVED: "saved",
    Kind.DECISION: "decided",
    Kind.OBSERVATION: "seen",
    Kind.OUTCOME: "ended",
    Kind.INTERRUPTED: "interrupted",
}


def _told(entry: Entry) -> tuple[str, str] | None:
    """What is shown of an entry for itself; None for what is folded."""
    if changes_something(entry):
        return "changed", spelled(entry)
    word = _WORDS.get(entry.kind)
    if word is None or (entry.kind is Kind.OBSERVATION and {"asked", "failed"} <= entry.detail.keys()):
        return None  # a measurement's answers are in the journal themselves
    if entry.kind is Kind.PLAN:
        return word, f"{entry.what} {_findings(entry.detail)}"
    by = f" ({entry.detail['by']})" if entry.kind is Kind.DECISION and "by" in entry.detail else ""
    return word, f"{entry.what}{by}"


def _findings(detail: Mapping[str, Json]) -> str:
    found = detail.get("findings")
    weights = Counter(
        str(each.get("severity"))
        for each in (found if isinstance(found, list) else ())
        if isinstance(each, dict)
    )
    checks = f"{weights.total()} checks"
    warned = f", {weights['warning']} warned" if weights["warning"] else ""
    refused = f", {weights['refusal']} refused" if weights["refusal"] else ""
    return f"({checks}{warned}{refused})"


def spelled(change: Entry) -> str:
    """What was asked for, with the parameters of a call that are plain."""
    return f"{change.what}{_parameters(change.detail)}"


def _parameters(detail: Mapping[str, Json]) -> str:
    """The plain parameters of a call; the rest is in the journal."""
    found = detail.get("parameters")
    if not isinstance(found, dict):
        return ""
    shown = [f"{key} {value}" for key, value in found.items() if isinstance(value, str | int | float)]
    return f" ({', '.join(shown[:_PARAMETERS])})" if shown else ""


def _ends(asked: Entry, entry: Entry) -> bool:
    match asked.kind:
        case Kind.CALL:
            return entry.kind is Kind.ANSWER and entry.what == asked.what
        case Kind.COMMAND:
            return entry.kind is Kind.EXIT
        case _:
            return entry.kind is Kind.RESPONSE and entry.what == asked.what


def _ended(detail: Mapping[str, Json]) -> str:
    took = f" after {detail['seconds']} s" if "seconds" in detail else ""
    if "failed" in detail:
        return f"no answer ({detail['failed']}){took}"
    if "code" in detail:
        return f"exit code {detail['code']}{took}"
    error = f" {detail['error']}" if "error" in detail else ""
    return f"answered {detail.get('status', '')}{error}{took}"
