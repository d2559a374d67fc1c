"""What GitHub says of a pull request, a workflow run and a branch, as far as a rollback needs it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PullRequest:
    """A pull request.

    Attributes:
        number: its number.
        title: its title.
        url: where a person reads it.
        state: ``open`` or ``closed``.
        merged: whether it was merged.
        merge_commit: once merged, the commit on the base branch: the merge commit, the squashed commit, or
            the last of the rebased ones; empty before.
        base: the branch it was made for.
        head: the branch it comes from, and `head_sha` the last commit of that.
        commits: how many commits it has.
    """

    number: int
    title: str
    url: str
    state: str
    merged: bool
    merge_commit: str
    base: str
    head: str
    head_sha: str
    commits: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A run of a workflow.

    Attributes:
        id: GitHub's own id of it.
        workflow: the file of its workflow, as ``.github/workflows/deploy.yml``.
        name: the workflow's name.
        sha: the commit it runs for, and `branch` the branch.
        event: what started it, as ``push``.
        status: ``queued``, ``in_progress``, ``waiting``, ``pending``, ``requested`` or ``completed``.
        conclusion: once completed ``success``, ``failure``, ``cancelled``, ``skipped``, ``timed_out``,
            ``action_required``, ``neutral``, ``stale`` or ``startup_failure``; empty before.
        attempt: 1 for the first, more after it was run again.
        created_at: when it was started, UTC.
        url: where a person watches it.
    """

    id: int
    workflow: str
    name: str
    sha: str
    branch: str
    event: str
    status: str
    conclusion: str
    attempt: int
    created_at: datetime
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A step of a job; `status` and `conclusion` are those of a `Run`."""

    number: int
    name: str
    status: str
    conclusion: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A job of a workflow run; `status` and `conclusion` are those of a `Run`."""

    id: int
    name: str
    status: str
    conclusion: str
    steps: tuple[Step, ...]
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Protection:
    """What stands between a push and a branch, by branch protection and by rulesets together.

    Attributes:
        reasons: why a direct push would be refused, each in a few words, as ``1 approving review is required``;
            empty where a push may go to the branch.
        unknown: why that can't be told; empty where it can.
    """

    reasons: tuple[str, ...] = ()
    unknown: str = ""

    @property
    def pull_request_needed(self) -> bool:
        """Whether a change gets there only by a pull request."""
        return bool(self.reasons)
