"""Finding the rollbacks in a journal, and where the last of them stands."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from rollback._text import printable
from rollback.errors import JournalError
from rollback.journal import Kind, read
from rollback.lease.model import CONTENT_TYPE
from rollback.record.model import Attempt, Begun, Stands

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from rollback.journal import Entry

CHANGING_WORDS: Final = frozenset({"push", "apply"})
"""The words of git and Terraform that change something elsewhere."""
LEASE_CALL: Final = "s3:PutObject"
"""What writes a lease, among other things."""
_ANSWERS: Final = {Kind.CALL: Kind.ANSWER, Kind.COMMAND: Kind.EXIT, Kind.REQUEST: Kind.RESPONSE}
_ENDS: Final = frozenset(_ANSWERS.values())
_BEGIN: Final = frozenset({Kind.PLAN, Kind.SAVED})


def begun(path: Path) -> Begun:
    """What the last rollback is that a journal tells of, and where it stands.

    Raises:
        JournalError: it can't be read, isn't a journal, lacks entries, or tells of no rollback.
    """
    entries = read(path)
    found = attempts(entries)
    if not found or not found[-1].way:
        raise JournalError(
            f"The journal {printable(path)} tells of no rollback.",
            remedy="Name the journal of the rollback, or plan one.",
        )
    last = found[-1]
    return Begun(
        path=path,
        environment=last.environment,
        way=last.way,
        planned=last.title,
        stands=last.stands,
        sentence=told(last),
        attempt=last,
        entries=tuple(entries),
    )


def attempts(entries: Iterable[Entry]) -> list[Attempt]:
    """The rollbacks and undos of a journal, oldest first; one that was gone on with is one."""
    drafts: list[_Draft] = []
    for entry in entries:
        if entry.kind in _BEGIN and (not drafts or drafts[-1].is_over_for(entry)):
            drafts.append(_Draft())
        if drafts:
            drafts[-1].take(entry)
    return [draft.attempt() for draft in drafts]


def changes_something(entry: Entry) -> bool:
    """Whether it asks somebody for a change; looks are recorded once they are answered, and changes before."""
    kind = entry.kind
    if kind not in _ANSWERS:
        return False
    if kind is Kind.CALL:
        return not keeps_the_lease(entry)
    if kind is Kind.REQUEST:
        return "notified" not in entry.detail
    args = entry.detail.get("args")
    return isinstance(args, list) and not CHANGING_WORDS.isdisjoint(map(str, args))


def keeps_the_lease(entry: Entry) -> bool:
    """Whether it only says who works on the environment (`rollback.lease`), which is no part of a rollback."""
    parameters = entry.detail.get("parameters")
    return (
        entry.what == LEASE_CALL
        and entry.kind is Kind.CALL
        and isinstance(parameters, dict)
        and parameters.get("ContentType") == CONTENT_TYPE
    )


def told(attempt: Attempt) -> str:
    """Where it stands, as a sentence."""
    if attempt.outcome is None and not attempt.changes and attempt.stood is not Stands.UNCHANGED:
        return f"It was taken over from another journal, by which it was {attempt.stood}; more is not known."
    match attempt.stands:
        case Stands.UNCHANGED if attempt.saved is None:
            return "It was planned, and nothing was changed."
        case Stands.UNCHANGED:
            return "It was about to begin, and nothing was changed."
        case Stands.IN_DOUBT:
            last = attempt.changes[-1]
            return (
                f"It broke off after {printable(last.what)} went out at {last.at:%H:%M:%S} UTC: whether that has been "
                "done is not in the journal."
            )
        case Stands.UNDERWAY:
            last = attempt.changes[-1]
            return (
                f"It broke off after {printable(last.what)} at {last.at:%H:%M:%S} UTC, which was answered; "
                "how it ended is not in the journal."
            )
        case Stands.LANDED | Stands.ENDED:
            return printable(attempt.outcome.what) if attempt.outcome else ""


@dataclass(slots=True)
class _Draft:
    """An attempt in the reading."""

    way: str = ""
    plan: Entry | None = None
    saved: Entry | None = None
    changes: list[Entry] = field(default_factory=list)
    answered: set[int] = field(default_factory=set)
    interrupted: Entry | None = None
    outcome: Entry | None = None
    keeps: bool = False

    def is_over_for(self, entry: Entry) -> bool:
        """Whether another attempt begins with `entry`; what was only planned by another way is let go."""
        way = entry.detail.get("way")
        return self.outcome is not None or bool(way and self.way and way != self.way)

    def take(self, entry: Entry) -> None:
        if entry.kind in _ANSWERS or entry.kind in _ENDS:
            self._take_step(entry)
            return
        match entry.kind:
            case Kind.PLAN:
                self.plan = entry
            case Kind.SAVED:
                self.saved = entry
            case Kind.OUTCOME:
                self.outcome = entry
            case Kind.INTERRUPTED:
                self.interrupted = entry
        if entry.kind in _BEGIN:
            self.way = str(entry.detail.get("way") or self.way)

    def _take_step(self, entry: Entry) -> None:
        if keeps_the_lease(entry):
            self.keeps = True
        elif self.keeps and entry.kind is Kind.ANSWER and entry.what == LEASE_CALL:
            self.keeps = False
        elif changes_something(entry):
            self.changes.append(entry)
        elif self.changes and _answers(self.changes[-1], entry):
            self.answered.add(self.changes[-1].number)

    def attempt(self) -> Attempt:
        return Attempt(
            way=self.way,
            plan=self.plan,
            saved=self.saved,
            changes=tuple(self.changes),
            answered=frozenset(self.answered),
            interrupted=self.interrupted,
            outcome=self.outcome,
        )


def _answers(change: Entry, entry: Entry) -> bool:
    """Whether `entry` tells how `change` ended: of a command only the program is named then."""
    if entry.kind is not _ANSWERS.get(change.kind):
        return False
    if change.kind is Kind.COMMAND:
        args = change.detail.get("args")
        return isinstance(args, list) and bool(args) and str(args[0]) == entry.what
    return change.what == entry.what and "failed" not in entry.detail
