"""What GitHub stores of a repository. Pipeline and people write it, the REST API tells it."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from rehearsal.clock import OPENING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime


class Permission(StrEnum):
    """What somebody may do with the repository, from the least to the most (GitHub Docs, "Repository roles")."""

    READ = "read"
    TRIAGE = "triage"
    WRITE = "write"
    MAINTAIN = "maintain"
    ADMIN = "admin"

    def covers(self, other: Permission) -> bool:
        """Whether who has this one may do what needs `other`."""
        return _PERMISSIONS.index(self) >= _PERMISSIONS.index(other)


_PERMISSIONS: Final = tuple(Permission)


@dataclass(slots=True, kw_only=True)
class Pull:
    """A pull request; times are UTC.

    Attributes:
        head_sha: the last commit of `head`; while the pull request is open the API looks where `head` is now.
        approvals: how many approving reviews it has.
    """

    number: int
    title: str
    body: str
    head: str
    head_sha: str
    base: str
    base_sha: str
    user: str
    created_at: datetime
    commits: int = 1
    state: str = "open"
    closed_at: datetime | None = None
    merged_at: datetime | None = None
    merged_by: str = ""
    merge_commit: str = ""
    approvals: int = 0
    draft: bool = False

    @property
    def merged(self) -> bool:
        """Whether it was merged."""
        return self.merged_at is not None


@dataclass(slots=True, kw_only=True)
class Step:
    """A step of a job: ``queued``, ``in_progress`` or ``completed``, then with a conclusion."""

    number: int
    name: str
    status: str = "queued"
    conclusion: str = ""
    started_at: datetime | None = None
    completed_at: datetime | None = None


@dataclass(slots=True, kw_only=True)
class Job:
    """A job of a run.

    Attributes:
        status: ``queued``, ``waiting`` (for an approval), ``in_progress`` or ``completed``.
        conclusion: once completed, as ``success``; empty before.
        log: grows, a line each, without the time stamps that the API puts before them.
        attempt: the attempt of the run that it belongs to.
    """

    id: int
    name: str
    created_at: datetime
    steps: list[Step] = field(default_factory=list)
    status: str = "queued"
    conclusion: str = ""
    started_at: datetime | None = None
    completed_at: datetime | None = None
    log: list[tuple[datetime, str]] = field(default_factory=list)
    attempt: int = 1


@dataclass(slots=True, kw_only=True)
class Workflow:
    """A workflow file that GitHub knows of; `state` is ``active`` or ``disabled_manually``."""

    id: int
    name: str
    path: str
    created_at: datetime
    state: str = "active"


@dataclass(slots=True, kw_only=True)
class Run:
    """A run of a workflow.

    Attributes:
        status: ``queued``, ``pending`` (held by its concurrency group), ``in_progress``, ``waiting`` (for an
            approval) or ``completed``.
        conclusion: once completed, as ``success``; empty before.
        environment: the deployment environment that it waits for; empty where it doesn't wait.
        jobs: those of all attempts.
        attempt: the latest attempt: 1, and more after it was run again.
        started_at: when the latest attempt was started; None where that is `created_at`.
    """

    id: int
    number: int
    workflow: Workflow
    branch: str
    sha: str
    title: str
    actor: str
    created_at: datetime
    event: str = "push"
    status: str = "queued"
    conclusion: str = ""
    updated_at: datetime | None = None
    environment: str = ""
    jobs: list[Job] = field(default_factory=list)
    attempt: int = 1
    started_at: datetime | None = None


@dataclass(slots=True, kw_only=True)
class BranchRules:
    """What a branch asks of a change, by branch protection (`classic`) or by a ruleset.

    Attributes:
        approvals: how many approving reviews a pull request needs; None where no pull request is needed.
        checks: the status checks that have to pass.
        signatures: whether commits must be signed.
        lock: whether nobody may push at all.
        classic: whether it is a branch protection rule and not a ruleset.
    """

    approvals: int | None = None
    checks: tuple[str, ...] = ()
    signatures: bool = False
    lock: bool = False
    classic: bool = True


@dataclass(slots=True)
class Store:
    """GitHub's memory of one repository.

    Attributes:
        name: ``owner/name``.
        pulls: by number.
        runs: in the order in which they were started.
        workflows: by path.
        rules: by branch.
        reviewers: who has to approve a deployment, by the name of the deployment environment.
        permissions: what people may do, by login; who isn't named may write, as who is on call does.
        logins: whose a commit is, by its e-mail address.
        default_branch: the branch that GitHub shows first.
        private: whether it can be seen by nobody but its people.
        actions_enabled: whether workflows run at all.
        created_at: when the repository was made, UTC.
    """

    name: str
    pulls: dict[int, Pull] = field(default_factory=dict)
    runs: list[Run] = field(default_factory=list)
    workflows: dict[str, Workflow] = field(default_factory=dict)
    rules: dict[str, BranchRules] = field(default_factory=dict)
    reviewers: dict[str, tuple[str, ...]] = field(default_factory=dict)
    permissions: dict[str, Permission] = field(default_factory=dict)
    logins: dict[str, str] = field(default_factory=dict)
    default_branch: str = "main"
    private: bool = True
    actions_enabled: bool = True
    created_at: datetime = OPENING - timedelta(days=400)
    ids: Iterator[int] = field(default_factory=lambda: itertools.count(9_000_000_001))
    """Ids of runs, jobs and workflows: beyond 32 bits, as GitHub's are."""

    def run(self, run_id: int) -> Run | None:
        """The run of that id."""
        return next((run for run in self.runs if run.id == run_id), None)

    def job(self, job_id: int) -> tuple[Run, Job] | None:
        """The job of that id, and its run."""
        return next(((run, job) for run in self.runs for job in run.jobs if job.id == job_id), None)

    def next_number(self) -> int:
        """The number of the next pull request."""
        return max(self.pulls, default=0) + 1

    def permission(self, login: str) -> Permission:
        """What somebody may do."""
        return self.permissions.get(login, Permission.WRITE)
