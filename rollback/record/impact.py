"""What users saw, as far as it was measured over HTTP."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from rollback.clock import spoken
from rollback.journal import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rollback.environment import Environment
    from rollback.journal import Entry
    from rollback.record.model import Attempt

_ERRORS_FROM: Final = 400


@dataclass(frozen=True, slots=True)
class Share:
    """Answers of the application in a stretch of time.

    Attributes:
        asked: how many there were.
        failed: how many of them were errors, or none at all.
    """

    asked: int = 0
    failed: int = 0

    @property
    def percent(self) -> float:
        """The share of errors; 0 where nothing was asked."""
        return 100 * self.failed / self.asked if self.asked else 0.0

    def __str__(self) -> str:
        if not self.asked:
            return "not measured"
        return f"{self.failed} of {self.asked} answers were errors ({self.percent:.0f} %)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Impact:
    """What users saw before, during and after a rollback.

    Attributes:
        before: until the first change.
        during: from the first change to the end.
        after: from then on.
        since: when the first error was measured, or when the deployment began that was rolled back, if there were errors
            at the first look already; None where no error was measured.
        seen_since: when the first error was measured.
        until: when the application was first measured without errors again; None where it wasn't.
        worst: the share of errors between `seen_since` and `until`.
    """

    before: Share
    during: Share
    after: Share
    since: datetime | None = None
    seen_since: datetime | None = None
    until: datetime | None = None
    worst: Share = Share()

    @property
    def measured(self) -> bool:
        """Whether anything was measured before the end: only that shows an outage, or that there was none."""
        return bool(self.before.asked or self.during.asked)

    @property
    def sentence(self) -> str:
        """What users saw, and for how long."""
        if self.since is None or self.seen_since is None:
            if not self.measured:
                return "What users saw was not measured: nobody asked the application before or during the rollback."
            return "No errors were measured."
        if self.seconds is None:
            told = f"Users have seen errors since {self.since:%H:%M:%S} UTC, and no end of them was measured"
        else:
            told = f"Users saw errors for {spoken(self.seconds)}, until {self.until:%H:%M:%S} UTC"
        if self.since < self.seen_since:
            told += (
                f", counted from the beginning of the deployment that was rolled back, at {self.since:%H:%M:%S} UTC: "
                f"they were there at the first look, at {self.seen_since:%H:%M:%S} UTC"
            )
        return f"{told}. From the first look on, {self.worst}."

    @property
    def seconds(self) -> float | None:
        """How long users were affected; None where they were not, or it can't be told when it was over."""
        return (self.until - self.since).total_seconds() if self.since and self.until else None


@dataclass(frozen=True, slots=True)
class _Answer:
    number: int
    at: datetime
    failed: bool


def impact(environment: Environment, entries: Iterable[Entry], attempts: Sequence[Attempt]) -> Impact:
    """What the answers in a journal show."""
    asked = f"GET {environment.url}/"
    answers = [
        _Answer(entry.number, entry.at, _failed(entry))
        for entry in entries
        if entry.kind is Kind.RESPONSE and entry.what.startswith(asked)
    ]
    began = next((a.changes[0].number for a in attempts if a.changes), None)
    ended = next((a.outcome.number for a in reversed(attempts) if a.outcome), None)
    before = [answer for answer in answers if began is None or answer.number < began]
    later = answers[len(before) :]
    during = [answer for answer in later if ended is None or answer.number < ended]
    errors = [number for number, answer in enumerate(answers) if answer.failed]
    shares = Impact(before=_share(before), during=_share(during), after=_share(later[len(during) :]))
    if not errors:
        return shares
    first, last = errors[0], errors[-1]
    seen = answers[first].at
    return replace(
        shares,
        since=min(seen, next(filter(None, map(deployed_at, attempts)), seen)) if first == 0 else seen,
        seen_since=seen,
        until=answers[last + 1].at if last + 1 < len(answers) else None,
        worst=_share(answers[first : last + 1]),
    )


def _failed(entry: Entry) -> bool:
    status = entry.detail.get("status")
    return not isinstance(status, int) or status >= _ERRORS_FROM


def _share(answers: Sequence[_Answer]) -> Share:
    return Share(len(answers), sum(answer.failed for answer in answers))


def deployed_at(attempt: Attempt) -> datetime | None:
    """When the deployment began that was rolled back, as the plan has it; None where that is a day ago or unknown."""
    told = attempt.plan.detail.get("deployed_at") if attempt.plan else None
    if attempt.plan is None or not isinstance(told, str):
        return None
    try:
        at = datetime.fromisoformat(told)
    except ValueError:
        return None
    recent = at.tzinfo is not None and timedelta() <= attempt.plan.at - at <= timedelta(days=1)
    return at if recent else None
