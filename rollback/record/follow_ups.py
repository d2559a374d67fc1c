"""What is left to do after a rollback, going by its journal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rollback.checklist.model import Item
from rollback.journal import Kind
from rollback.record.model import Stands

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from rollback.environment import Environment
    from rollback.journal import Entry
    from rollback.record.model import Attempt

_OURS: Final = frozenset({Item.REPORT.value, Item.POST_MORTEM.value})
"""The items of the list after that this very report is about."""


def follow_ups(
    environment: Environment, entries: Iterable[Entry], attempts: Sequence[Attempt]
) -> tuple[str, ...]:
    """What is left to do, the most urgent first, each once."""
    found: list[str] = []
    begun = [attempt for attempt in attempts if attempt.saved is not None]
    if begun:
        found += _unfinished(begun[-1])
        found += _in_git(environment, begun)
        for attempt in begun:
            found += _remains(attempt)
    found += _checklist(entries, begun)
    found += _untold(entries)
    if begun:
        found += _warnings(begun[-1])
    return tuple(dict.fromkeys(found))


def _unfinished(last: Attempt) -> Iterator[str]:
    told = last.outcome
    if told is None:
        yield "Go on with the rollback from its journal, or undo it: the journal doesn't say how it ended."
    elif last.stands is Stands.ENDED:
        yield f"The rollback has not landed. {told.detail.get('remedy', '')}".strip()


def _in_git(environment: Environment, begun: Sequence[Attempt]) -> Iterator[str]:
    """An emergency rollback changes what runs, and not what the next push deploys."""
    landed = [attempt.way for attempt in begun if attempt.landed]
    if "ecs" in landed and "revert" not in landed[landed.index("ecs") :]:
        yield (
            f"The branch {environment.branch} still holds the bad change: the next push deploys it again. "
            "Revert it there."
        )
    if "terraform" in landed and "revert" not in landed[landed.index("terraform") :]:
        yield (
            f"The branch {environment.branch} still has the other infrastructure: the next apply brings it back. "
            "Revert it there."
        )


def _remains(attempt: Attempt) -> Iterator[str]:
    """What a restore has left beside what is in force."""
    detail = attempt.saved.detail if attempt.saved else {}
    orphans = detail.get("orphans")
    if attempt.landed and isinstance(orphans, list) and orphans:
        yield (
            f"These exist and are no longer in Terraform's state: {', '.join(map(str, orphans))}. "
            "Import or delete them."
        )
    left = attempt.outcome.detail.get("remains") if attempt.outcome else None
    if isinstance(left, list):
        yield from map(str, left)


def _checklist(entries: Iterable[Entry], begun: Sequence[Attempt]) -> Iterator[str]:
    """What the list after lacked when it was looked at last."""
    looked = None
    for entry in entries:
        if entry.kind is Kind.OBSERVATION and entry.detail.get("phase") == "after":
            looked = entry
    if looked is None:
        if begun:
            yield "Look at the list after the rollback: nobody has, as far as the journal tells."
        return
    missing = looked.detail.get("missing")
    if isinstance(missing, dict):
        yield from (f"Not done: {told}" for item, told in missing.items() if item not in _OURS)


def _untold(entries: Iterable[Entry]) -> Iterator[str]:
    """What the team was not told."""
    last: dict[str, Entry] = {}
    for entry in entries:
        if entry.kind is Kind.OBSERVATION and "delivered" in entry.detail:
            last[str(entry.detail.get("notified"))] = entry
    for entry in last.values():
        if entry.detail.get("delivered") is False:
            yield f"Tell the team: {entry.what}"


def _warnings(last: Attempt) -> Iterator[str]:
    """What the plan warned of."""
    found = last.plan.detail.get("findings") if last.plan else None
    for each in found if isinstance(found, list) else ():
        if isinstance(each, dict) and each.get("severity") == "warning":
            yield f"The plan warned: {each.get('seen', '')} {each.get('remedy', '')}".strip()
