"""How a rollback by Terraform ended."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path


WAY: Final = "terraform"
"""What the journal calls this way back."""


class Outcome(StrEnum):
    """The ways it ends; only `LANDED` is success, and after `NOTHING` there was nothing to do."""

    LANDED = "rolled back"
    NOTHING = "nothing to do"
    LOCKED = "the state is locked, so nothing was changed"
    FAILED = "applied in part, then failed"
    NOT_APPLIED = "failed before anything was changed"
    STILL_BROKEN = "applied, but the application is not well"
    LOST = "lost sight of"


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedPoint:
    """Where the infrastructure was before: what `undo` goes back to.

    Attributes:
        environment: its name.
        branch: the branch that is deployed there.
        before: the commit whose infrastructure was in force, as far as git tells.
        commit: the commit that was applied.
        version_id: S3's version id of the state before.
        serial: the serial of the state before.
        lineage: its lineage.
    """

    environment: str
    branch: str
    before: str
    commit: str
    version_id: str
    serial: int
    lineage: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """How it ended, and what was done.

    Attributes:
        sentence: the outcome for a person.
        remedy: what to do next; empty after success.
        saved: what `undo` needs.
        seconds: from the beginning of `apply` to the outcome.
        done: the addresses that Terraform was done with, in order.
        failed: those at which it failed.
        state: where the state is that Terraform could not store; None where it could.
        restarted: whether the tasks were restarted so that they read their settings anew.
        commands: what to type next.
    """

    outcome: Outcome
    sentence: str
    remedy: str = ""
    saved: SavedPoint
    seconds: float
    done: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()
    state: Path | None = None
    restarted: bool = False
    commands: tuple[str, ...] = ()

    @property
    def landed(self) -> bool:
        """Whether the infrastructure is that of the commit, and the application is well; nothing else is a rollback."""
        return self.outcome is Outcome.LANDED
