"""What, who, when and by which checks, as a journal tells it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rollback.clock import spoken
from rollback.journal import Kind
from rollback.record.impact import deployed_at
from rollback.record.post_mortem import budget_of, seconds_of
from rollback.record.way import WAYS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from rollback.environment import Environment
    from rollback.journal import Entry, Json
    from rollback.record.model import Attempt


def what(environment: Environment, begun: Sequence[Attempt]) -> tuple[tuple[str, str], ...]:
    """What was rolled back, by its names."""
    rows = [
        ("Environment", environment.name),
        ("Service", f"{environment.service}, cluster {environment.cluster}"),
        ("AWS", f"account {environment.account}, {environment.region}"),
    ]
    for attempt in begun:
        kind = WAYS[attempt.way].title if attempt.way in WAYS else attempt.way
        rows.append(("Way back", f"{kind}: {attempt.title}"))
        detail: Mapping[str, Json] = attempt.plan.detail if attempt.plan else {}
        if detail.get("runs"):
            rows.append(("Ran before", str(detail["runs"])))
        if detail.get("goes_to"):
            version = f", version {detail['version']}" if detail.get("version") else ""
            rows.append(("Went back to", f"{detail['goes_to']}{version}"))
        reverts = detail.get("reverts")
        if isinstance(reverts, list):
            rows += [("Reverted", str(each)) for each in reverts]
    return tuple(dict.fromkeys(rows))


def people(entries: Sequence[Entry], tries: Sequence[Attempt]) -> tuple[tuple[str, str], ...]:
    """Who ran it, and who decided what."""
    rows = [("Run by", f"{e.detail['opened_by']} on {e.detail.get('host')}") for e in entries if _opens(e)]
    rows += [("At AWS", arn) for attempt in tries for arn in _identity(attempt)]
    for entry in entries:
        if entry.kind is Kind.DECISION and "by" in entry.detail:
            said = entry.detail.get("seen") or entry.detail.get("reason") or ""
            rows.append(
                (
                    str(entry.detail["by"]),
                    f"{entry.what} {said if str(said) not in entry.what else ''}".strip(),
                )
            )
    return tuple(dict.fromkeys(rows)) or (("Run by", "not in the journal"),)


def times(
    environment: Environment, entries: Sequence[Entry], begun: Sequence[Attempt]
) -> tuple[tuple[str, str], ...]:
    """The moments that people ask for, and how long it took between them."""
    began = entries[0].at
    rows = [("The journal begins", _moment(began))]
    if deployed := next(filter(None, map(deployed_at, begun)), None):
        rows.insert(0, ("What was rolled back was deployed", _moment(deployed)))
    for number, attempt in enumerate(begun, start=1):
        which = f" ({number})" if len(begun) > 1 else ""
        rows += [(f"{name}{which}", told) for name, told in _times(environment, attempt, began)]
    if not begun:
        rows.append(("First change", "none"))
    return tuple(rows)


def evidence(entries: Sequence[Entry], last: Attempt | None) -> tuple[tuple[str, str, str], ...]:
    """What the last plan's checks saw, and what the lists have proven."""
    rows: list[tuple[str, str, str]] = []
    if last and last.plan:
        found = last.plan.detail.get("findings")
        at = f"{last.plan.at:%H:%M:%S}"
        for each in found if isinstance(found, list) else ():
            if isinstance(each, dict):
                check = f"{each.get('check')} ({each.get('severity')})"
                rows.append((at, check, str(each.get("seen", ""))))
    for entry in entries:
        done = entry.detail.get("done")
        if entry.kind is Kind.OBSERVATION and isinstance(done, dict):
            phase = entry.detail.get("phase")
            rows += [
                (f"{entry.at:%H:%M:%S}", f"list {phase}: {item}", str(told)) for item, told in done.items()
            ]
    return tuple(dict.fromkeys(rows))


def _times(environment: Environment, attempt: Attempt, began: datetime) -> Iterator[tuple[str, str]]:
    changed = attempt.changes[0].at if attempt.changes else None
    if changed is not None:
        yield (
            "First change",
            f"{_moment(changed)}, {spoken((changed - began).total_seconds())} after that",
        )
    else:
        yield "First change", "none in the journal"
    if attempt.interrupted is not None:
        yield "Interrupted", _moment(attempt.interrupted.at)
    if attempt.outcome is None:
        yield "Ended", "the journal doesn't say: it stops in the middle"
        return
    name = "Landed" if attempt.landed else "Ended, not landed"
    took = seconds_of(attempt) or 0.0
    budget = budget_of(environment, attempt)
    promised = (
        f" ({spoken(budget.from_seconds)} to {spoken(budget.to_seconds)} are promised)" if budget else ""
    )
    yield name, f"{_moment(attempt.outcome.at)}, {spoken(took)} after it had begun{promised}"


def _opens(entry: Entry) -> bool:
    return entry.kind is Kind.OBSERVATION and "opened_by" in entry.detail


def _identity(attempt: Attempt) -> Iterator[str]:
    """Who the checks found us to be: the finding begins with the ARN."""
    found = attempt.plan.detail.get("findings") if attempt.plan else None
    for each in found if isinstance(found, list) else ():
        if isinstance(each, dict) and each.get("check") == "account" and each.get("severity") == "ok":
            arn = str(each.get("seen", "")).partition(" ")[0]
            if arn.startswith("arn:"):
                yield arn


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}"
