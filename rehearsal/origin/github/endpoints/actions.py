"""Workflows, runs, jobs and logs (GitHub Docs, "REST API endpoints for GitHub Actions")."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from rehearsal.origin.github.asking import Answer, not_found
from rehearsal.origin.github.endpoints.dates import within
from rehearsal.origin.github.rendering import runs as rendering
from rehearsal.origin.github.store import Permission

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rehearsal.origin.github.asking import Ask
    from rehearsal.origin.github.endpoints.house import House
    from rehearsal.origin.github.store import Job, Run, Workflow


def list_runs(house: House, ask: Ask) -> Answer:
    """The runs of the repository, the newest first."""
    return _runs(house, ask, house.store.runs)


def list_workflow_runs(house: House, ask: Ask) -> Answer:
    """The runs of one workflow, the newest first."""
    workflow = _workflow(house, ask)
    return _runs(house, ask, (run for run in house.store.runs if run.workflow.id == workflow.id))


def get_run(house: House, ask: Ask) -> Answer:
    """A run as it is now."""
    run = _run(house, ask)
    return Answer(payload=rendering.run(house.place, house.store, run, house.reader.commit(run.sha)))


def get_attempt(house: House, ask: Ask) -> Answer:
    """An attempt of a run."""
    run, attempt = _run(house, ask), _attempt(house, ask)
    head = house.reader.commit(run.sha)
    return Answer(payload=rendering.run(house.place, house.store, run, head, attempt))


def list_jobs(house: House, ask: Ask) -> Answer:
    """The jobs of a run: those of its latest attempt, or with ``filter=all`` those of all."""
    run = _run(house, ask)
    jobs = run.jobs
    if ask.query.get("filter", "latest") != "all":
        jobs = [job for job in jobs if job.attempt == run.attempt]
    return _jobs(house, ask, run, jobs)


def list_attempt_jobs(house: House, ask: Ask) -> Answer:
    """The jobs of an attempt of a run."""
    run, attempt = _run(house, ask), _attempt(house, ask)
    return _jobs(house, ask, run, [job for job in run.jobs if job.attempt == attempt])


def get_job(house: House, ask: Ask) -> Answer:
    """A job as it is now."""
    run, job = _job(house, ask)
    return Answer(payload=rendering.job(house.place, run, job))


def get_job_logs(house: House, ask: Ask) -> Answer:
    """Where the log of a job lies. One that never started has none; one that runs has none yet, over there."""
    _, job = _job(house, ask)
    if job.started_at is None:
        raise not_found()
    return Answer(payload=None, status=HTTPStatus.FOUND, headers={"Location": house.logs.sign(job)})


def get_run_logs(house: House, ask: Ask) -> Answer:
    """The archive of all logs of a run; the stage keeps none and answers as GitHub does where there is none."""
    _run(house, ask)
    raise not_found()


def list_pending_deployments(house: House, ask: Ask) -> Answer:
    """The deployment environments for whose approval a run waits."""
    run = _run(house, ask)
    if not run.environment:
        return Answer(payload=[])
    reviewers = house.store.reviewers.get(run.environment, ())
    return Answer(payload=[rendering.pending_deployment(house.place, run.environment, reviewers, ask.login)])


def list_workflows(house: House, ask: Ask) -> Answer:
    """The workflows of the repository."""
    page = ask.page(list(house.store.workflows.values()))
    told = [rendering.workflow(house.place, item, house.store.default_branch) for item in page.items]
    return Answer(
        payload={"total_count": len(house.store.workflows), "workflows": told}, headers=page.headers
    )


def get_workflow(house: House, ask: Ask) -> Answer:
    """A workflow, by its id or by the name of its file."""
    return Answer(payload=rendering.workflow(house.place, _workflow(house, ask), house.store.default_branch))


def get_permissions(house: House, ask: Ask) -> Answer:
    """Whether workflows run in this repository at all; only its administrators may know."""
    ask.require(Permission.ADMIN, accepted="administration=read")
    if not house.store.actions_enabled:
        return Answer(payload={"enabled": False})
    return Answer(payload={"enabled": True, "allowed_actions": "all", "sha_pinning_required": False})


def _runs(house: House, ask: Ask, runs: Iterable[Run]) -> Answer:
    found = [run for run in runs if _matches(run, ask)]
    found.reverse()
    page = ask.page(found)
    told = [rendering.run(house.place, house.store, run, house.reader.commit(run.sha)) for run in page.items]
    return Answer(payload={"total_count": len(found), "workflow_runs": told}, headers=page.headers)


def _matches(run: Run, ask: Ask) -> bool:
    """``status`` finds conclusions as well, as GitHub's own does."""
    query = ask.query
    return (
        query.get("head_sha", run.sha) == run.sha
        and query.get("branch", run.branch) == run.branch
        and query.get("event", run.event) == run.event
        and query.get("actor", run.actor) == run.actor
        and query.get("status", run.status) in {run.status, run.conclusion}
        and within(query.get("created", "*"), run.created_at)
    )


def _jobs(house: House, ask: Ask, run: Run, jobs: list[Job]) -> Answer:
    page = ask.page(jobs)
    told = [rendering.job(house.place, run, job) for job in page.items]
    return Answer(payload={"total_count": len(jobs), "jobs": told}, headers=page.headers)


def _run(house: House, ask: Ask) -> Run:
    run = house.store.run(ask.number())
    if run is None:
        raise not_found()
    return run


def _attempt(house: House, ask: Ask) -> int:
    attempt = ask.number(1)
    if not 1 <= attempt <= _run(house, ask).attempt:
        raise not_found()
    return attempt


def _job(house: House, ask: Ask) -> tuple[Run, Job]:
    found = house.store.job(ask.number())
    if found is None:
        raise not_found()
    return found


def _workflow(house: House, ask: Ask) -> Workflow:
    wanted = ask.parameters[0]
    for workflow in house.store.workflows.values():
        if wanted in {str(workflow.id), workflow.path.rpartition("/")[2], workflow.path}:
            return workflow
    raise not_found()
