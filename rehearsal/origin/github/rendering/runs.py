"""Workflows, their runs, and the jobs of those."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from rehearsal.origin.github.rendering import pulls
from rehearsal.origin.github.rendering.commits import simple
from rehearsal.origin.github.rendering.people import user
from rehearsal.origin.github.rendering.place import node_id, number_of, stamp, stamp_or_none
from rehearsal.origin.github.rendering.repository import minimal

if TYPE_CHECKING:
    from rehearsal.origin.github.asking import JsonObject
    from rehearsal.origin.github.reading import Commit
    from rehearsal.origin.github.rendering.place import Place
    from rehearsal.origin.github.store import Job, Run, Step, Store, Workflow


def workflow(place: Place, told: Workflow, branch: str) -> JsonObject:
    """A workflow file; `branch` is the default branch, where people read it."""
    return {
        "id": told.id,
        "node_id": node_id("W", told.id),
        "name": told.name,
        "path": told.path,
        "state": told.state,
        "created_at": stamp(told.created_at),
        "updated_at": stamp(told.created_at),
        "url": f"{place.url}/actions/workflows/{told.id}",
        "html_url": f"{place.html}/blob/{branch}/{told.path}",
        "badge_url": f"{place.html}/workflows/{quote(told.name)}/badge.svg",
    }


def run(place: Place, store: Store, told: Run, head: Commit | None, attempt: int = 0) -> JsonObject:
    """A run at its latest attempt, or at an earlier one; `head` is the commit that it runs for."""
    number = attempt or told.attempt
    latest = number == told.attempt
    url = f"{place.url}/actions/runs/{told.id}"
    own = url if latest else f"{url}/attempts/{number}"
    suite = told.id + 20_000_000_000
    repository = minimal(place, private=store.private)
    actor = user(place, told.actor)
    return {
        "id": told.id,
        "name": told.workflow.name,
        "node_id": node_id("WFR", told.id),
        "head_branch": told.branch,
        "head_sha": told.sha,
        "path": told.workflow.path,
        "display_title": told.title,
        "run_number": told.number,
        "event": told.event,
        "status": told.status if latest else "completed",
        "conclusion": (told.conclusion or None) if latest else _conclusion(told, number),
        "workflow_id": told.workflow.id,
        "check_suite_id": suite,
        "check_suite_node_id": node_id("CS", suite),
        "url": url,
        "html_url": f"{place.html}/actions/runs/{told.id}",
        "pull_requests": [
            pulls.minimal(place, pull)
            for pull in store.pulls.values()
            if pull.state == "open" and pull.head == told.branch
        ],
        "created_at": stamp(told.created_at),
        "updated_at": stamp(told.updated_at or told.created_at),
        "actor": actor,
        "run_attempt": number,
        "referenced_workflows": [],
        "run_started_at": stamp(told.started_at or told.created_at),
        "triggering_actor": actor,
        "jobs_url": f"{own}/jobs",
        "logs_url": f"{own}/logs",
        "check_suite_url": f"{place.url}/check-suites/{suite}",
        "artifacts_url": f"{url}/artifacts",
        "cancel_url": f"{url}/cancel",
        "rerun_url": f"{url}/rerun",
        "previous_attempt_url": f"{url}/attempts/{number - 1}" if number > 1 else None,
        "workflow_url": f"{place.url}/actions/workflows/{told.workflow.id}",
        "head_commit": simple(head) if head else None,
        "repository": repository,
        "head_repository": repository,
    }


def job(place: Place, of: Run, told: Job) -> JsonObject:
    """A job. One that hasn't started yet has the time of its making as its start, and no runner."""
    begun = told.started_at is not None
    return {
        "id": told.id,
        "run_id": of.id,
        "workflow_name": of.workflow.name,
        "head_branch": of.branch,
        "run_url": f"{place.url}/actions/runs/{of.id}",
        "run_attempt": told.attempt,
        "node_id": node_id("CR", told.id),
        "head_sha": of.sha,
        "url": f"{place.url}/actions/jobs/{told.id}",
        "html_url": f"{place.html}/actions/runs/{of.id}/job/{told.id}",
        "status": told.status,
        "conclusion": told.conclusion or None,
        "created_at": stamp(told.created_at),
        "started_at": stamp(told.started_at or told.created_at),
        "completed_at": stamp_or_none(told.completed_at),
        "name": told.name,
        "steps": [_step(step) for step in told.steps] if begun else [],
        "check_run_url": f"{place.url}/check-runs/{told.id}",
        "labels": ["ubuntu-latest"],
        "runner_id": told.id % 1000 if begun else None,
        "runner_name": f"GitHub Actions {told.id % 1000}" if begun else None,
        "runner_group_id": 0 if begun else None,
        "runner_group_name": "GitHub Actions" if begun else None,
    }


def pending_deployment(place: Place, environment: str, reviewers: tuple[str, ...], asking: str) -> JsonObject:
    """A deployment environment whose approval a run waits for; `asking` is the login of who asks."""
    number = number_of(f"{place.name} {environment}")
    return {
        "environment": {
            "id": number,
            "node_id": node_id("EN", number),
            "name": environment,
            "url": f"{place.url}/environments/{environment}",
            "html_url": f"{place.html}/deployments/activity_log?environments_filter={environment}",
        },
        "wait_timer": 0,
        "wait_timer_started_at": None,
        "current_user_can_approve": asking in reviewers,
        "reviewers": [{"type": "User", "reviewer": user(place, login)} for login in reviewers],
    }


def _step(told: Step) -> JsonObject:
    return {
        "name": told.name,
        "status": told.status,
        "conclusion": told.conclusion or None,
        "number": told.number,
        "started_at": stamp_or_none(told.started_at),
        "completed_at": stamp_or_none(told.completed_at),
    }


def _conclusion(told: Run, attempt: int) -> str:
    """How an earlier attempt ended: as the worst of its jobs did, of which a later attempt is run again."""
    ends = {job.conclusion for job in told.jobs if job.attempt == attempt}
    return next((end for end in ("cancelled", "failure", "timed_out") if end in ends), "success")
