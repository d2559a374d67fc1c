"""How an emergency rollback ended."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from rollback.ecs.model import Revision, StoppedTask


WAY: Final = "ecs"
"""What the journal calls this way back."""


class Outcome(StrEnum):
    """The ways a rollback ends; only one of them is success."""

    LANDED = "rolled back"
    FAILED = "failed"
    REVERSED = "reversed by ECS itself"
    SUPERSEDED = "superseded by another deployment"
    TIMED_OUT = "not done by its deadline"
    LOST = "lost sight of"
    NOT_STARTED = "not started"


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedPoint:
    """Where the service was before anything was changed, and what was about to be: what `undo` and `go_on` need.

    Attributes:
        environment: its name.
        service: the service.
        revision: what it ran.
        target: the revision that was to land; None where the journal doesn't say.
        replaced: the ids of the deployments that ours takes the place of.
        copied: whether a copy of the target was to be registered.
        copy: that copy, once there is one.
    """

    environment: str
    service: str
    revision: Revision
    target: Revision | None = None
    replaced: tuple[str, ...] = ()
    copied: bool = False
    copy: Revision | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """How it ended, and what the service runs now.

    Attributes:
        sentence: the outcome for a person: what runs now, and why.
        remedy: what to do next; empty when the target landed.
        target: the revision that was to land; that of the copy where one was registered.
        deployment: the id of our deployment; empty where ECS never took it.
        seconds: from the first change to the outcome.
        stopped: the tasks that ECS gave up on in our deployment.
        saved: where `undo` goes back to.
        commands: what to type next.
    """

    outcome: Outcome
    sentence: str
    remedy: str = ""
    target: Revision
    deployment: str = ""
    seconds: float
    stopped: tuple[StoppedTask, ...] = ()
    saved: SavedPoint
    commands: tuple[str, ...] = ()

    @property
    def landed(self) -> bool:
        """Whether the target runs; nothing else is a rollback."""
        return self.outcome is Outcome.LANDED
