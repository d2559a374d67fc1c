"""Following the workflow run that a push starts: that of our commit and our workflow, and no other.

A push is not a deployment. Its run may never start, may be dropped by a newer one, may wait for somebody, or
may fail; and only GitHub's conclusion of just that run says which.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from rollback._text import printable, quoted
from rollback.clock import spoken
from rollback.github import telling
from rollback.github.errors import Forbidden, GitHubError, NotFound, RateLimited, Unauthorized
from rollback.github.outcome import Sought
from rollback.journal import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rollback.access import Access
    from rollback.environment import Repository
    from rollback.github.model import Job, Run, Step
    from rollback.github.outcome import WatchedRun

CADENCE: Final = ((120.0, 5.0), (float("inf"), 10.0))
"""Until so many seconds after the start, look every so many seconds."""

JOBS_SECONDS: Final = 15.0
"""How old what is known of the jobs may be while the run itself is as it was; each look costs a request."""

EVENTS: Final = ("push", "workflow_dispatch", "workflow_run")
"""What our run was started by, in this order: the push, a person, or another workflow for the same commit."""

HELD: Final = frozenset({"waiting", "action_required"})
"""How a run says that it waits for somebody, as its status or as its conclusion."""

MISSING: Final = 3
"""After so many looks in a row that find nothing there, it is gone. One alone may be a server that lags."""

_FINAL: Final = (Unauthorized, Forbidden)
"""What the next look won't change."""


@dataclass(slots=True)
class _Seen:
    """What was seen last.

    Attributes:
        run: our run; None while there is none.
        jobs: the jobs of its attempt.
        jobs_at: when they were looked at, as the clock's `monotonic` reads.
        told: what the journal has been told of each job and step, by name.
        awaited: the deployment environments that are waited for.
        lost: why the last look failed; None if it didn't.
        missing: how many looks in a row have found that there is no such thing.
    """

    run: Run | None = None
    jobs: tuple[Job, ...] = ()
    jobs_at: float = float("-inf")
    told: dict[str, str] = field(default_factory=dict)
    awaited: tuple[str, ...] = ()
    lost: GitHubError | None = None
    missing: int = 0


def interval(elapsed: float) -> float:
    """Seconds until the next look, `elapsed` seconds after the start."""
    return next(pause for until, pause in CADENCE if elapsed < until)


def watch(
    access: Access, *, repository: Repository, sha: str, branch: str, workflow: str, deadline_seconds: float
) -> WatchedRun:
    """Follow the run of `workflow` for the commit `sha` on `branch` to its end, or to the deadline.

    A run that doesn't appear within `repository.run_limit_seconds` was not started. One that is run again while
    it is watched is followed into its new attempt.

    Args:
        access: the hands; only GitHub, the clock and the journal are used.
        repository: where the code is.
        sha: the whole object name of the commit.
        branch: the branch that it was pushed to.
        workflow: the file of the workflow, as ``.github/workflows/deploy.yml``.
        deadline_seconds: from now on.

    Returns:
        How it ended. That GitHub can't be asked is an outcome as well, since the run may go on.
    """
    sought = Sought(repository=repository, sha=sha, branch=branch, workflow=workflow)
    clock = access.clock
    began = clock.monotonic()
    seen = _Seen()
    while True:
        pause = _look(access, sought, seen)
        elapsed = clock.monotonic() - began
        if isinstance(seen.lost, _FINAL) or (seen.lost and seen.missing >= MISSING):
            return telling.lost(sought, seen.run, seen.lost, elapsed)
        if seen.lost is None:
            ended = _ended(access, sought, seen, elapsed)
            if ended is not None:
                return ended
        if elapsed >= deadline_seconds:
            return _out_of_time(access, sought, seen, elapsed)
        left = deadline_seconds - elapsed
        if seen.run is None and elapsed < repository.run_limit_seconds:
            left = min(left, repository.run_limit_seconds - elapsed)
        clock.sleep(min(max(interval(elapsed), pause), left))


def _look(access: Access, sought: Sought, seen: _Seen) -> float:
    """Look once; how many seconds GitHub asks to be left alone for."""
    try:
        with access.github.tried_once():
            _update(access, sought, seen)
    except RateLimited as error:
        seen.lost = error
        seconds = (error.until - access.clock.now()).total_seconds()
        access.journal.record(
            Kind.DECISION,
            f"{error.sentence} Looking again in {spoken(max(0.0, seconds))} or at the deadline.",
        )
        return seconds
    except GitHubError as error:
        seen.lost = error
        seen.missing = seen.missing + 1 if isinstance(error, NotFound) else 0
        access.journal.record(Kind.OBSERVATION, f"A look at the workflow run failed: {error.sentence}")
        return 0.0
    seen.lost, seen.missing = None, 0
    return 0.0


def _update(access: Access, sought: Sought, seen: _Seen) -> None:
    before = seen.run
    if before is None:
        run = ours(access.github.runs(sought.sha), sought)
        if run is None:
            return
        _note(access, f"{telling.named(run)} has been started for {sought.sha[:10]}: {run.url}")
    else:
        run = access.github.run(before.id)
    seen.run = run
    if before is not None and run.attempt != before.attempt:
        _note(access, f"{telling.named(run)} is run again: attempt {run.attempt}.")
    state = telling.state(run.status, run.conclusion)
    if changed := before is None or state != telling.state(before.status, before.conclusion):
        _note(access, f"{telling.named(run)}: {state}.", status=state)
    now = access.clock.monotonic()
    if changed or run.status != "in_progress" or now - seen.jobs_at >= JOBS_SECONDS:
        # The jobs of the very attempt whose conclusion was read, should it be run again in between.
        seen.jobs, seen.jobs_at = access.github.jobs(run.id, attempt=run.attempt), now
        _tell_jobs(access, seen)
    if run.status in HELD and not seen.awaited:
        seen.awaited = _awaited(access, run)


def ours(runs: Iterable[Run], sought: Sought) -> Run | None:
    """The run that the push of our commit has started; the newest if there are several.

    The same commit may have runs of other workflows, of other branches, and for a pull request.

    Args:
        runs: those of the commit, the newest first.
        sought: which is ours.
    """
    fitting = [
        run
        for run in runs
        if (run.sha, run.branch, run.workflow) == (sought.sha, sought.branch, sought.workflow)
    ]
    return next((run for event in EVENTS for run in fitting if run.event == event), None)


def _ended(access: Access, sought: Sought, seen: _Seen, elapsed: float) -> WatchedRun | None:
    """How it ended; None while it goes on."""
    run = seen.run
    if run is None:
        late = elapsed >= sought.repository.run_limit_seconds
        return telling.not_started(access, sought, elapsed) if late else None
    if run.status != "completed" or run.conclusion in HELD:
        return None
    match run.conclusion:
        case "success":
            return telling.succeeded(run, seen.jobs, elapsed)
        case "cancelled":
            return telling.cancelled(access, sought, run, elapsed)
        case "skipped" | "neutral":
            return telling.skipped(run, elapsed)
        case _:
            return telling.failed(access, run, seen.jobs, elapsed)


def _out_of_time(access: Access, sought: Sought, seen: _Seen, elapsed: float) -> WatchedRun:
    if seen.lost is not None:
        return telling.lost(sought, seen.run, seen.lost, elapsed)
    if seen.run is None:
        return telling.not_started(access, sought, elapsed)
    if seen.run.status in HELD or seen.run.conclusion in HELD:
        return telling.waiting(seen.run, seen.awaited, elapsed)
    return telling.timed_out(seen.run, seen.jobs, elapsed)


def _awaited(access: Access, run: Run) -> tuple[str, ...]:
    """What the run waits for; empty where GitHub doesn't tell."""
    try:
        names = access.github.awaited_approval(run.id)
    except GitHubError:
        return ()
    if names:
        _note(access, f"{telling.named(run)} waits for an approval of {', '.join(map(quoted, names))}.")
    return names


def _tell_jobs(access: Access, seen: _Seen) -> None:
    """Record what has changed in jobs and steps since the last look."""
    for job in seen.jobs:
        for step in job.steps:
            if step.status != "queued":  # what is yet to come is no news
                _tell(access, seen.told, job, step)
        _tell(access, seen.told, job, None)


def _tell(access: Access, told: dict[str, str], job: Job, step: Step | None) -> None:
    part = step or job
    key = f"{job.id}/{step.number if step else ''}"
    state = telling.state(part.status, part.conclusion)
    if told.get(key) == state:
        return
    told[key] = state
    name = step.name if step else ""
    where = telling.place(job.name, name)
    _note(
        access,
        f"{where[:1].upper()}{where[1:]}: {state}.",
        job=printable(job.name),
        step=printable(name),
        status=state,
    )


def _note(access: Access, what: str, **detail: str) -> None:
    access.journal.record(Kind.OBSERVATION, what, **detail)
