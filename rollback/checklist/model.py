"""The lists before and after a rollback: their items, and what makes one of them done."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

from rollback._text import printable
from rollback.plan import Finding, ok, refusal

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime


class Phase(StrEnum):
    """Which of the two lists."""

    BEFORE = "before"
    AFTER = "after"


class Item(StrEnum):
    """An item of the runbook's lists, by the word that a person types for it."""

    CONFIRMED = "confirmed"
    NOTIFIED = "notified"
    CHANGE = "change"
    ACCESS = "access"
    WORKS = "works"
    LOGS = "logs"
    REPORT = "report"
    POST_MORTEM = "post-mortem"

    @property
    def phase(self) -> Phase:
        """The list that it stands on."""
        return _ITEMS[self][0]

    @property
    def says(self) -> str:
        """The item, as the runbook has it."""
        return _ITEMS[self][1]


_ITEMS = {
    Item.CONFIRMED: (Phase.BEFORE, "The issue is confirmed, and the rollback will fix it"),
    Item.NOTIFIED: (Phase.BEFORE, "The team is notified"),
    Item.CHANGE: (Phase.BEFORE, "The commit or the pull request is known"),
    Item.ACCESS: (Phase.BEFORE, "Access to AWS is there"),
    Item.WORKS: (Phase.AFTER, "The application works"),
    Item.LOGS: (Phase.AFTER, "The logs were watched for errors"),
    Item.REPORT: (Phase.AFTER, "There is an incident report, if production was affected"),
    Item.POST_MORTEM: (Phase.AFTER, "There is a post-mortem, if one is needed"),
}


def items(phase: Phase) -> tuple[Item, ...]:
    """The items of a list, in the runbook's order."""
    return tuple(item for item in Item if item.phase is phase)


class Shown(StrEnum):
    """What a check could show of its item."""

    PROVEN = "proven"
    OPEN = "open"
    CONTRADICTED = "contradicted"


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a check has seen.

    Attributes:
        shown: whether that proves the item, leaves it open, or proves the contrary, against which nobody's word counts.
        seen: what was seen; a sentence.
        remedy: what to do, where it isn't proven.
        commands: what to type to do it.
    """

    shown: Shown
    seen: str
    remedy: str = ""
    commands: tuple[str, ...] = ()


Check: TypeAlias = "Callable[[], Evidence]"
"""Looks at the world, and changes nothing."""


@dataclass(frozen=True, slots=True)
class Attestation:
    """What a named person says of an item.

    Attributes:
        item: the item.
        by: who says it.
        seen: what they have seen or done; a sentence.
        at: when they said it, UTC.
        expires_at: from when it no longer counts, UTC.
    """

    item: Item
    by: str
    seen: str
    at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Override:
    """The decision to begin although the list before isn't complete.

    Attributes:
        by: who has decided it.
        reason: why; a sentence.
        at: when, UTC.
        expires_at: from when it no longer counts, UTC.
    """

    by: str
    reason: str
    at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Line:
    """An item, and how it stands.

    Attributes:
        item: the item.
        evidence: what its check has seen.
        attested: the newest word of a person that still counted then; None where there is none.
        stale: a person's word that no longer counts; None where there is none.
        at: when the check looked, UTC.
        expires_at: from when this line must be looked at anew, UTC.
    """

    item: Item
    evidence: Evidence
    attested: Attestation | None
    stale: Attestation | None
    at: datetime
    expires_at: datetime

    @property
    def done(self) -> bool:
        """Whether it is proven, or attested and not proven wrong."""
        if self.evidence.shown is Shown.OPEN:
            return self.attested is not None
        return self.evidence.shown is Shown.PROVEN

    @property
    def by(self) -> str:
        """Who attests it; empty where it is proven or not done."""
        return self.attested.by if self.done and self.attested and not self.proven else ""

    @property
    def proven(self) -> bool:
        """Whether a check has proven it."""
        return self.evidence.shown is Shown.PROVEN

    @property
    def told(self) -> str:
        """How it stands, with the evidence and its time; a sentence or two."""
        if self.done and self.attested and not self.proven:
            word = self.attested
            return f"{self.item.says}: {printable(word.seen)} ({printable(word.by)}, {_moment(word.at)})"
        told = f"{self.item.says}: {self.evidence.seen} ({_moment(self.at)})"
        if self.done:
            return told
        if self.attested:
            return f"{told} What {printable(self.attested.by)} attests doesn't count against that."
        if self.stale:
            return f"{told} What {printable(self.stale.by)} attested at {_moment(self.stale.at)} has expired."
        return told

    def finding(self) -> Finding:
        """The line as plans show theirs."""
        check = f"checklist-{self.item.value}"
        if self.done:
            return ok(check, self.told)
        return refusal(check, self.told, self.evidence.remedy, *self.evidence.commands)


@dataclass(frozen=True, slots=True)
class Checklist:
    """One of the two lists, as it stood when it was looked at.

    Attributes:
        environment: the environment's name.
        phase: which list.
        lines: its items, in the runbook's order.
        override: the decision to begin nevertheless; None where there is none that counts.
    """

    environment: str
    phase: Phase
    lines: tuple[Line, ...]
    override: Override | None = None

    @property
    def missing(self) -> tuple[Line, ...]:
        """The items that are not done."""
        return tuple(line for line in self.lines if not line.done)

    @property
    def complete(self) -> bool:
        """Whether every item is done."""
        return not self.missing

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The lines as plans show theirs."""
        return tuple(line.finding() for line in self.lines)

    def line(self, item: Item) -> Line:
        """How an item stands."""
        return next(line for line in self.lines if line.item is item)


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"
