"""How a restore of the database ended, and what it takes to undo it or to go on with it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from rollback.database.backup.model import Loss, Point

WAY: Final = "backup"
"""What the journal calls this way back."""


class Outcome(StrEnum):
    """The ways it ends; only `RESTORED` and `UNDONE` are success."""

    RESTORED = "restored"
    UNDONE = "undone"
    NOT_STARTED = "not started"
    STILL_RESTORING = "still restoring"
    FAILED = "restore failed"
    DIFFERENT = "other settings"
    UNCONFIRMED = "more lost than was confirmed"
    NOT_REPOINTED = "not repointed"
    NOT_ROLLED_OUT = "not rolled out"
    NOT_PROVEN = "not proven"
    NOT_UNDONE = "not undone"
    LOST_MORE = "restored, and more lost than was confirmed"


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedPoint:
    """How it was before anything was changed, and what was about to be.

    Attributes:
        environment: its name.
        instance: the identifier of the instance that was in use.
        target: that of the restored one.
        point: what it was restored to.
        secret: the ARN of the secret from which the application knows where its database is; never its value.
        version_before: the id of the secret's version that led to the old instance.
        version_after: that of the version that leads to the new one.
        confirmed: what may be lost.
        rows: those of each table of the old instance when it was planned.
        restored: those of the new one when the application was about to be led there; empty before that.
        at: when, in UTC.
    """

    environment: str
    instance: str
    target: str
    point: Point
    secret: str
    version_before: str
    version_after: str
    confirmed: Loss
    rows: Mapping[str, int]
    restored: Mapping[str, int]
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """How it ended.

    Attributes:
        sentence: the outcome for a person.
        remedy: what to do next; empty after success.
        saved: what `undo` and `go_on` need; None where nothing was begun.
        seconds: from the beginning to the outcome.
        missing: how many rows the restored instance lacks of the old one; None where they weren't counted.
        commands: what to type next.
    """

    outcome: Outcome
    sentence: str
    remedy: str = ""
    saved: SavedPoint | None
    seconds: float
    missing: int | None = None
    commands: tuple[str, ...] = ()

    @property
    def landed(self) -> bool:
        """Whether the application works with what it should."""
        return self.outcome in {Outcome.RESTORED, Outcome.UNDONE}
