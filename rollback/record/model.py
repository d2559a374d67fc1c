"""What a journal tells of the last rollback in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from rollback.journal import Entry, Json


class Stands(StrEnum):
    """Where a rollback stands, going by its journal alone."""

    UNCHANGED = "nothing was changed"
    IN_DOUBT = "in doubt"
    UNDERWAY = "underway"
    LANDED = "landed"
    ENDED = "ended without landing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One rollback or undo in a journal, from its plan to its end.

    Attributes:
        way: which way back, as ``ecs``.
        plan: its plan, as it was made last; None where the journal has none.
        saved: where the world was before; None where nothing was begun.
        changes: what was asked for that changes something: calls, requests and commands.
        answered: the numbers of those of them whose answer came back.
        interrupted: where it was broken off last.
        outcome: how it ended; None where the journal doesn't say.
    """

    way: str
    plan: Entry | None
    saved: Entry | None
    changes: tuple[Entry, ...] = ()
    answered: frozenset[int] = frozenset()
    interrupted: Entry | None = None
    outcome: Entry | None = None

    @property
    def environment(self) -> str:
        """The name of the environment, as the journal has it."""
        told = self.saved or self.plan
        return str(told.detail.get("environment", "")) if told else ""

    @property
    def title(self) -> str:
        """What was to be done."""
        return self.plan.what if self.plan else f"A rollback by {self.way}."

    @property
    def asked(self) -> Mapping[str, Json]:
        """What the plan was asked for."""
        asked = self.plan.detail.get("asked") if self.plan else None
        return asked if isinstance(asked, dict) else {}

    @property
    def landed(self) -> bool:
        """Whether it ended as it was to end."""
        return self.outcome is not None and self.outcome.detail.get("landed") is True

    @property
    def stood(self) -> Stands:
        """Where it stood when it was taken over from another journal; otherwise nothing was changed so far."""
        told = self.saved.detail.get("stood") if self.saved else None
        return Stands(told) if isinstance(told, str) and told in set(Stands) else Stands.UNCHANGED

    @property
    def stands(self) -> Stands:
        """Where it stands."""
        if self.outcome is not None:
            return Stands.LANDED if self.landed else Stands.ENDED
        if not self.changes:
            return self.stood
        return Stands.UNDERWAY if self.changes[-1].number in self.answered else Stands.IN_DOUBT


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """The last rollback of a journal, for whoever goes on with it or takes it back.

    Attributes:
        path: the journal.
        environment: the name of the environment.
        way: which way back, as ``ecs``.
        planned: what was planned; a sentence.
        stands: where it stands.
        sentence: that, for a person.
        attempt: the rollback itself.
        entries: the whole journal.
    """

    path: Path
    environment: str
    way: str
    planned: str
    stands: Stands
    sentence: str
    attempt: Attempt = field(repr=False)
    entries: tuple[Entry, ...] = field(repr=False)
