"""The end of a workflow run in sentences, with what GitHub can tell of its reasons."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from rollback._text import printable
from rollback.clock import spoken
from rollback.errors import RollbackError
from rollback.github.errors import GitHubError
from rollback.github.outcome import RunOutcome, WatchedRun
from rollback.journal import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rollback.access import Access
    from rollback.github.model import Job, Run
    from rollback.github.outcome import Sought

LOG_LINES: Final = 10

FAILURES: Final = ("failure", "timed_out", "startup_failure", "action_required", "stale")
"""Conclusions of a job or step by which a run fails, the likeliest cause first."""

SKIP: Final = re.compile(
    r"\[(?:skip ci|ci skip|no ci|skip actions|actions skip)\]|^skip-checks: *true\s*$", re.MULTILINE
)
"""What keeps GitHub from starting workflows (GitHub Actions, "Skipping workflow runs")."""

_LIKELY: Final = (
    "either none of the changed files is in its path filter, or the branch isn't in its trigger, or the push was "
    "made with a workflow's own GITHUB_TOKEN, or Actions are off for the repository"
)


def named(run: Run) -> str:
    """A run, as people find it."""
    return f"Run {run.id} of {printable(run.name or run.workflow)}"


def state(status: str, conclusion: str) -> str:
    """Status and conclusion in one word or two."""
    return (conclusion or status).replace("_", " ")


def place(job: str, step: str) -> str:
    """A job, or a step of it."""
    return f"job {printable(job)}" + (f", step {printable(step)}" if step else "")


def succeeded(run: Run, jobs: Iterable[Job], seconds: float) -> WatchedRun:
    """It came to success; a job that was skipped is told, as a run succeeds without it."""
    skipped = [printable(job.name) for job in jobs if job.conclusion == "skipped"]
    but = f", without {', '.join(skipped)}, which was skipped" if skipped else ""
    return WatchedRun(
        outcome=RunOutcome.SUCCEEDED,
        sentence=f"{named(run)} for {run.sha[:10]} has succeeded{but}.",
        run=run,
        seconds=seconds,
    )


def failed(access: Access, run: Run, jobs: Iterable[Job], seconds: float) -> WatchedRun:
    """It came to another end than success: the job, the step and their last words."""
    job = _first_failed(jobs)
    if job is None:
        return WatchedRun(
            outcome=RunOutcome.FAILED,
            sentence=f"{named(run)} for {run.sha[:10]} has ended with {state('', run.conclusion)}, and no job of it failed.",
            remedy=f"Look at {run.url}: the workflow's file may be wrong.",
            run=run,
            seconds=seconds,
        )
    step = next((step.name for want in FAILURES for step in job.steps if step.conclusion == want), "")
    log = _log(access, job)
    where = place(job.name, step)
    how = "ran into its time limit" if job.conclusion == "timed_out" else "failed"
    if log:
        access.journal.record(
            Kind.OBSERVATION,
            f"The last lines of {where}",
            job=printable(job.name),
            step=printable(step),
            log=list(log),
        )
    return WatchedRun(
        outcome=RunOutcome.FAILED,
        sentence=f"{named(run)} for {run.sha[:10]} has failed: {where} {how}.",
        remedy=f"Read {job.url or run.url}; mend the cause, then run its failed jobs again there.",
        run=run,
        failed_job=printable(job.name),
        failed_step=printable(step),
        log=log,
        seconds=seconds,
    )


def cancelled(access: Access, sought: Sought, run: Run, seconds: float) -> WatchedRun:
    """It was cancelled: by a newer run, going by whether there is one."""
    newer = _newer(access, sought, run)
    if newer is not None:
        sentence = (
            f"{named(run)} for {run.sha[:10]} was cancelled, most likely by its concurrency group: "
            f"{newer.sha[:10]} was pushed later, and run {newer.id} is for that."
        )
        remedy = f"If {newer.sha[:10]} still holds the change, follow {newer.url} instead; if it doesn't, plan again."
    else:
        sentence = (
            f"{named(run)} for {run.sha[:10]} was cancelled, and no newer run of it is known: by somebody."
        )
        remedy = f"Look at {run.url} for who did it and why, then run it again there."
    return WatchedRun(
        outcome=RunOutcome.CANCELLED, sentence=sentence, remedy=remedy, run=run, seconds=seconds
    )


def skipped(run: Run, seconds: float) -> WatchedRun:
    """It has done nothing."""
    return WatchedRun(
        outcome=RunOutcome.SKIPPED,
        sentence=f"{named(run)} for {run.sha[:10]} has ended with {state('', run.conclusion)}: it did nothing.",
        remedy=f"Look at the conditions (if:) of the jobs in {run.workflow}; nothing was deployed.",
        run=run,
        seconds=seconds,
    )


def waiting(run: Run, awaited: tuple[str, ...], seconds: float) -> WatchedRun:
    """The deadline came while somebody's approval is missing."""
    of = f" of a deployment to {', '.join(map(printable, awaited))}" if awaited else ""
    return WatchedRun(
        outcome=RunOutcome.WAITING,
        sentence=f"{named(run)} for {run.sha[:10]} still waits for the approval{of} after {spoken(seconds)}.",
        remedy=f"Have it approved at {run.url}, then verify.",
        run=run,
        seconds=seconds,
    )


def timed_out(run: Run, jobs: Iterable[Job], seconds: float) -> WatchedRun:
    """The deadline came while it ran, or was yet to run."""
    at = next((printable(job.name) for job in jobs if job.status == "in_progress"), "")
    doing = f", at job {at}" if at else ""
    return WatchedRun(
        outcome=RunOutcome.TIMED_OUT,
        sentence=f"{named(run)} for {run.sha[:10]} is still {state(run.status, '')}{doing} after {spoken(seconds)}.",
        remedy=f"It goes on by itself: follow {run.url}, then verify.",
        run=run,
        seconds=seconds,
    )


def not_started(access: Access, sought: Sought, seconds: float) -> WatchedRun:
    """There is no run: the reason where GitHub tells it, the likely ones where it doesn't."""
    workflow = printable(sought.workflow)
    why, remedy = _why_not(access, sought)
    return WatchedRun(
        outcome=RunOutcome.NOT_STARTED,
        sentence=f"No run of {workflow} for {sought.sha[:10]} on {sought.branch} was started "
        f"within {spoken(seconds)}: {why}.",
        remedy=remedy,
        seconds=seconds,
    )


def lost(sought: Sought, run: Run | None, error: RollbackError, seconds: float) -> WatchedRun:
    """GitHub can't be asked any more; what became of the run is not known."""
    which = named(run) if run is not None else f"a run of {printable(sought.workflow)}"
    where = f"at {run.url}" if run is not None else "on GitHub"
    return WatchedRun(
        outcome=RunOutcome.LOST,
        sentence=f"Sight of {which[:1].lower()}{which[1:]} for {sought.sha[:10]} was lost after {spoken(seconds)}: "
        f"{error.sentence}",
        remedy=f"{error.remedy} The run may go on: look {where}, then verify.".strip(),
        run=run,
        seconds=seconds,
    )


def _first_failed(jobs: Iterable[Job]) -> Job | None:
    jobs = tuple(jobs)
    return next((job for want in FAILURES for job in jobs if job.conclusion == want), None)


def _log(access: Access, job: Job) -> tuple[str, ...]:
    try:
        return access.github.log_tail(job.id, lines=LOG_LINES)
    except RollbackError as error:  # that it failed is known; only its last words are not
        access.journal.record(Kind.OBSERVATION, f"The log can't be shown: {error.sentence}")
        return ()


def _newer(access: Access, sought: Sought, run: Run) -> Run | None:
    try:
        runs = access.github.latest_runs(sought.branch)
    except RollbackError:
        return None
    return next(
        (
            each
            for each in runs
            if each.workflow == run.workflow
            and each.sha != run.sha
            and (each.created_at, each.id) > (run.created_at, run.id)
        ),
        None,
    )


def _why_not(access: Access, sought: Sought) -> tuple[str, str]:
    """Why there is no run, and what to do about it."""
    workflow = printable(sought.workflow)
    by_hand = f"start it by hand on {sought.branch}, or push another commit that it is started by"
    try:
        told = access.github.workflow_state(sought.workflow)
        if not told:
            return (
                f"GitHub knows no workflow {workflow}",
                "Look at its name in the environments file, and at whether the file is on the branch.",
            )
        if told != "active":
            return (
                f"the workflow is {told.replace('_', ' ')}",
                f"Enable it on the Actions page of the repository, then {by_hand}.",
            )
        if SKIP.search(access.github.commit_message(sought.sha)):
            return (
                "the commit's message tells GitHub to skip workflows",
                f"{by_hand[:1].upper()}{by_hand[1:]}.",
            )
    except GitHubError as error:
        access.journal.record(Kind.OBSERVATION, f"Why there is no run can't be asked: {error.sentence}")
    return _LIKELY, (
        f"Look at on: in {workflow} and at the repository's settings of Actions; "
        f"if the change is to be deployed, {by_hand}."
    )
