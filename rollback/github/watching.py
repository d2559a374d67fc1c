"""Following the workflow run that a push starts: that of our commit and our workflow, and no other.

A push is not a deployment. Its run may never start, may be dropped by a newer one, may wait for somebody, or
may fail; and only GitHub's conclusion of just that run says which.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from rollback._text import printable, quoted
from rollback.clock import spoken
from rollback.errors import ConfigurationError
from rollback.github import telling
from rollback.github.errors import Forbidden, GitHubError, NotFound, RateLimited, Unauthorized
from rollback.github.outcome import Sought
from rollback.journal import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rollback.access import Access
    from rollback.environment import Repository
    from rollback.github.model import Job, Run
    from rollback.github.outcome import WatchedRun

CADENCE: Final = ((120.0, 5.0), (float("inf"), 10.0))
"""Until so many seconds after the start, look every so many seconds."""

EVENTS: Final = ("push", "workflow_dispatch")
"""What our run was started by, in this order: the push, or a person who started it for the same commit."""

HELD: Final = frozenset({"waiting", "action_required"})
"""How a run says that it waits for somebody, as its status or as its conclusion."""

MISSING: Final = 3
"""After so many looks in a row that find nothing there, it is gone. One alone may be a server that lags."""

_FINAL: Final = (Unauthorized, Forbidden, ConfigurationError)
"""What the next look won't change."""


@dataclass(slots=True)
class _Seen:
    """What was seen last.

    Attributes:
        run: our run; None while there is none.
        jobs: the jobs of its attempt.
        told: what the journal has been told of each job and step, by name.
        awaited: the deployment environments that are waited for.
        lost: why the last look failed; None if it didn't.
        missing: how many looks in a row have found that there is no such thing.
    """

    run: Run | None = None
    jobs: tuple[Job, ...] = ()
    told: dict[str, str] = field(default_factory=dict)
    awaited: tuple[str, ...] = ()
    lost: GitHubError | ConfigurationError | None = None
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
    except (GitHubError, ConfigurationError) as error:
        seen.lost = error
        seen.missing = seen.missing + 1 if isinstance(error, NotFound) else 0
        access.journal.record(Kind.OBSERVATION, f"A look at the workflow run failed: {error.sentence}")
        return 0.0
    seen.lost, seen.missing = None, 0
    return 0.0


def _update(access: Access, sought: Sought, seen: _Seen) -> None:
    if seen.run is None:
        found = ours(access.github.runs(sought.sha), sought)
        if found is None:
            return
        access.journal.record(
            Kind.OBSERVATION, f"{telling.named(found)} has been started for {sought.sha[:10]}: {found.url}"
        )
    else:
        found = access.github.run(seen.run.id)
    again = seen.run is not None and found.attempt != seen.run.attempt
    if again:
        access.journal.record(
            Kind.OBSERVATION, f"{telling.named(found)} is run again: attempt {found.attempt}."
        )
        seen.told.clear()
    # The jobs of the very attempt whose conclusion was read, should it be run again in between.
    jobs = access.github.jobs(found.id, attempt=found.attempt)
    if again or seen.run is None or found.status != seen.run.status:
        access.journal.record(
            Kind.OBSERVATION,
            f"{telling.named(found)} is {telling.state(found.status, found.conclusion)}.",
            status=telling.state(found.status, found.conclusion),
        )
    seen.run, seen.jobs = found, jobs
    _told(access, seen, jobs)
    if found.status in HELD and not seen.awaited:
        seen.awaited = _awaited(access, found)


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
        access.journal.record(
            Kind.OBSERVATION,
            f"{telling.named(run)} waits for an approval of {', '.join(map(quoted, names))}.",
        )
    return names


def _told(access: Access, seen: _Seen, jobs: Iterable[Job]) -> None:
    """Record what has changed in jobs and steps since the last look."""
    for job in jobs:
        for step in job.steps:
            state = telling.state(step.status, step.conclusion)
            # Steps that are yet to come are no news.
            if step.status != "queued" and seen.told.get(f"{job.id}/{step.number}") != state:
                seen.told[f"{job.id}/{step.number}"] = state
                _record(access, job.name, step.name, state)
        state = telling.state(job.status, job.conclusion)
        if seen.told.get(str(job.id)) != state:
            seen.told[str(job.id)] = state
            _record(access, job.name, "", state)


def _record(access: Access, job: str, step: str, state: str) -> None:
    where = f"Job {printable(job)}" + (f", step {printable(step)}" if step else "")
    access.journal.record(
        Kind.OBSERVATION, f"{where}: {state}.", job=printable(job), step=printable(step), status=state
    )
