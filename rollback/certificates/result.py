"""How the repair of a certificate ended, and what it takes to undo it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from datetime import datetime


WAY: Final = "certificates"
"""What the journal calls this way back."""


class Outcome(StrEnum):
    """The ways it ends; only `SERVING` is success, and after `NOTHING` there was nothing to do."""

    SERVING = "serving"
    NOTHING = "nothing to do"
    NOT_REQUESTED = "not requested"
    NOT_WRITTEN = "record not written"
    STILL_PENDING = "still not issued"
    FAILED = "failed at ACM"
    NOT_ATTACHED = "not attached"
    PUT_BACK = "put back"
    NOT_PROVEN = "not proven"
    LOST = "lost sight of"


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedPoint:
    """How it was before anything was changed, and what was about to be: what `undo` needs.

    Attributes:
        environment: its name.
        listener: the ARN of the listener.
        before: the ARN of its certificate before; empty where it had none.
        chosen: the ARN of the certificate that was about to be attached; empty where it was about to be requested.
        at: when, in UTC.
    """

    environment: str
    listener: str
    before: str
    chosen: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """How it ended.

    Attributes:
        sentence: the outcome for a person.
        remedy: what to do next; empty after success.
        saved: what `undo` needs; None where nothing was begun.
        seconds: from the beginning to the outcome.
        certificate: the ARN of the certificate that was chosen; empty where none could be requested.
        commands: what to type next.
    """

    outcome: Outcome
    sentence: str
    remedy: str = ""
    saved: SavedPoint | None
    seconds: float
    certificate: str
    commands: tuple[str, ...] = ()

    @property
    def landed(self) -> bool:
        """Whether the chosen certificate serves; nothing else is a repair."""
        return self.outcome is Outcome.SERVING
