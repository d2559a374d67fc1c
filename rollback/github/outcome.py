"""How the watching of a workflow run ends."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rollback.environment import Repository
    from rollback.github.model import Run


class RunOutcome(StrEnum):
    """What became of the run that a push should have started. Only one of them is success."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
    SKIPPED = "skipped"
    WAITING = "waiting"
    """It waits for somebody's approval, and the deadline has come."""
    TIMED_OUT = "timed out"
    NOT_STARTED = "not started"
    LOST = "lost"
    """GitHub can no longer be asked; the run may go on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchedRun:
    """What came of watching.

    Attributes:
        outcome: how it ended.
        sentence: what was seen.
        remedy: what to do about it; empty after success.
        run: the run as it was last seen; None if it never was.
        failed_job: the name of the job that failed; empty where none did.
        failed_step: that of its step.
        log: the last lines of the failing job.
        seconds: how long it was watched for.
    """

    outcome: RunOutcome
    sentence: str
    seconds: float
    remedy: str = ""
    run: Run | None = None
    failed_job: str = ""
    failed_step: str = ""
    log: tuple[str, ...] = ()

    @property
    def succeeded(self) -> bool:
        """Whether the run has come to its end and to success."""
        return self.outcome is RunOutcome.SUCCEEDED


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """The run that is looked for.

    Attributes:
        repository: where the code is.
        sha: the whole object name of the commit.
        branch: the branch that it was pushed to.
        workflow: the file of the workflow.
    """

    repository: Repository
    sha: str
    branch: str
    workflow: str
