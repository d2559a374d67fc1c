"""How a revert ended."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from rollback.ecs.model import Revision
    from rollback.github.model import PullRequest, Run


WAY: Final = "revert"
"""What the journal calls this way back."""


class Side(StrEnum):
    """What a change belongs to, and so which workflow brings it about."""

    INFRASTRUCTURE = "infrastructure"
    APPLICATION = "application"


class Outcome(StrEnum):
    """The ways a revert ends; only `LANDED` is success, and after `NOTHING` there was nothing to do."""

    LANDED = "rolled back"
    NOTHING = "nothing to do"
    PROPOSED = "proposed as a pull request"
    NOT_PROPOSED = "pushed to a branch of its own, without a pull request"
    NO_RUN = "pushed, but no workflow run was started"
    RUN_FAILED = "pushed, but its workflow run failed"
    CANCELLED = "pushed, but its workflow run was cancelled"
    SKIPPED = "pushed, but its workflow run was skipped"
    WAITING = "pushed, but its workflow run waits for an approval"
    NOT_DEPLOYED = "its workflow run succeeded, but nothing was deployed"
    ROLLOUT_FAILED = "deployed, but the rollout failed"
    REVERSED = "deployed, but reversed by ECS itself"
    SUPERSEDED = "superseded by another deployment"
    STILL_BROKEN = "deployed, but the application is not well"
    TIMED_OUT = "not done by its deadline"
    LOST = "lost sight of"


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedPoint:
    """Where the branch was before anything was pushed, and what was going to be: what `undo` goes back from.

    Attributes:
        environment: its name.
        branch: the branch that is deployed there.
        before: the branch's tip before.
        commits: the revert's own commits, the first one first.
        deployments: the ids of the service's deployments before.
        sides: what the revert belongs to.
        what: what people call it, where what was pushed is something else than a revert.
    """

    environment: str
    branch: str
    before: str
    commits: tuple[str, ...]
    deployments: tuple[str, ...]
    sides: tuple[Side, ...]
    what: str = "revert"

    @property
    def commit(self) -> str:
        """The last of the revert's own commits."""
        return self.commits[-1] if self.commits else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """How it ended, and how the branch and the service are now.

    Attributes:
        sentence: the outcome for a person.
        remedy: what to do next; empty after success.
        saved: what `undo` and `follow` need.
        seconds: from the beginning of `apply` to the outcome.
        pull_request: the one that was opened, where the branch takes no push.
        run: the workflow run that was watched last.
        log: the last lines of a failed job.
        revision: the revision of the task definition that was deployed.
        version: what the application should answer as; empty where it can't be told.
        restarted: whether the tasks were restarted so that they read their settings anew.
        commands: what to type next.
    """

    outcome: Outcome
    sentence: str
    remedy: str = ""
    saved: SavedPoint
    seconds: float
    pull_request: PullRequest | None = None
    run: Run | None = None
    log: tuple[str, ...] = ()
    revision: Revision | None = None
    version: str = ""
    restarted: bool = False
    commands: tuple[str, ...] = ()

    @property
    def landed(self) -> bool:
        """Whether the revert is in force; nothing else is a rollback."""
        return self.outcome is Outcome.LANDED
