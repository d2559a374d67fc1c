"""What GitHub stores of a repository. Pipeline and people write it, the REST API tells it."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime


@dataclass(slots=True, kw_only=True)
class Pull:
    """A pull request; times are UTC."""

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
    merged_at: datetime | None = None
    merged_by: str = ""
    merge_commit: str = ""

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
    """A job of a run. `log` grows, a line each, without the time stamps that the API puts before them."""

    id: int
    name: str
    created_at: datetime
    steps: list[Step] = field(default_factory=list)
    status: str = "queued"
    conclusion: str = ""
    started_at: datetime | None = None
    completed_at: datetime | None = None
    log: list[tuple[datetime, str]] = field(default_factory=list)


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
    """

    name: str
    pulls: dict[int, Pull] = field(default_factory=dict)
    runs: list[Run] = field(default_factory=list)
    workflows: dict[str, Workflow] = field(default_factory=dict)
    rules: dict[str, BranchRules] = field(default_factory=dict)
    reviewers: dict[str, tuple[str, ...]] = field(default_factory=dict)
    ids: Iterator[int] = field(default_factory=lambda: itertools.count(9_000_000_001))
    """Ids of runs, jobs and workflows: beyond 32 bits, as GitHub's are."""

    def run(self, run_id: int) -> Run | None:
        """The run of that id."""
        return next((run for run in self.runs if run.id == run_id), None)
