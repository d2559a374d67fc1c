"""Whether a post-mortem is due, by the criteria of the environment.

They are those of "Site Reliability Engineering", chapter 15: downtime beyond a threshold, loss of data, a resolution
that took too long, and an intervention that went wrong.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rollback.clock import spoken
from rollback.record.model import Stands

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from rollback.environment import Budget, Environment
    from rollback.journal import Entry
    from rollback.record.impact import Impact
    from rollback.record.model import Attempt


@dataclass(frozen=True, slots=True)
class Due:
    """Whether a post-mortem is due.

    Attributes:
        reasons: why it is; empty where no criterion holds.
        unknown: the criteria that can't be judged by the journal.
    """

    reasons: tuple[str, ...]
    unknown: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.reasons)

    @property
    def sentence(self) -> str:
        """The verdict."""
        if self.reasons:
            return f"A post-mortem is due: {' '.join(self.reasons)}"
        if self.unknown:
            return f"Whether a post-mortem is due can't be told: {' '.join(self.unknown)}"
        return "No post-mortem is due: none of the environment's criteria holds."


def due(
    environment: Environment, attempts: Sequence[Attempt], impact: Impact, entries: Iterable[Entry]
) -> Due:
    """Judge a journal by the criteria of `environments.toml`."""
    begun = [attempt for attempt in attempts if attempt.saved is not None]
    criteria = environment.post_mortem
    reasons = [*_outage(environment, impact)]
    for attempt in begun:
        if attempt.way in criteria.ways:
            reasons.append(f"The way back was {attempt.way}, after which one is always due.")
        if criteria.over_budget:
            reasons += _over_budget(environment, attempt)
        if criteria.failed and attempt.stands is not Stands.LANDED:
            reasons.append(f"A rollback has not landed: {attempt.title}")
    if criteria.overridden:
        reasons += _overridden(entries)
    unknown = []
    if environment.checklist.incident_report and not impact.measured:
        unknown.append("nothing was measured over HTTP before or during the rollback.")
    return Due(tuple(dict.fromkeys(reasons)), tuple(unknown))


def budget_of(environment: Environment, attempt: Attempt) -> Budget | None:
    """The budget that a rollback has to keep to; None where the runbook gives none."""
    sides = attempt.saved.detail.get("sides") if attempt.saved else None
    match attempt.way:
        case "ecs":
            return environment.budgets.emergency
        case "revert" if isinstance(sides, list) and "infrastructure" in sides:
            return environment.budgets.infrastructure
        case "revert" | "fix-forward":
            return environment.budgets.application
        case "terraform" | "state":
            return environment.budgets.infrastructure
        case _:
            return None


def _outage(environment: Environment, impact: Impact) -> Iterator[str]:
    """Users saw too many errors for too long."""
    criteria = environment.post_mortem
    if not environment.checklist.incident_report or impact.since is None:
        return
    if impact.worst.percent < criteria.error_percent:
        return
    seconds, limit = impact.seconds, spoken(criteria.outage_seconds)
    if seconds is None:
        yield f"Errors were measured from {impact.since:%H:%M} UTC on, and no end of them."
    elif seconds >= criteria.outage_seconds:
        yield (
            f"Users saw errors for {spoken(seconds)} ({impact.worst.percent:.0f} % of the answers measured); "
            f"{limit} is the limit."
        )


def _over_budget(environment: Environment, attempt: Attempt) -> Iterator[str]:
    budget = budget_of(environment, attempt)
    took = seconds_of(attempt)
    if budget is not None and took is not None and took > budget.to_seconds:
        yield f"The rollback took {spoken(took)}; {spoken(budget.to_seconds)} are promised."


def seconds_of(attempt: Attempt) -> float | None:
    """From where the world was saved to the end, whoever went on with it in between; None where it has none."""
    if attempt.saved is None or attempt.outcome is None:
        return None
    return (attempt.outcome.at - attempt.saved.at).total_seconds()


def _overridden(entries: Iterable[Entry]) -> Iterator[str]:
    for entry in entries:
        if entry.detail.get("may_begin") is True and "override" in entry.detail:
            yield f"It began without a complete checklist, as {entry.detail['override']} decided."
