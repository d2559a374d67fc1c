"""Which endpoint answers which request."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias
from urllib.parse import unquote

from rehearsal.origin.github.endpoints import actions, pulls, repos

if TYPE_CHECKING:
    from collections.abc import Callable

    from rehearsal.origin.github.asking import Answer, Ask
    from rehearsal.origin.github.endpoints.house import House

Endpoint: TypeAlias = "Callable[[House, Ask], Answer]"

REPOSITORY: Final = "/repos/{owner}/{repo}"
DOCUMENTATION: Final = "https://docs.github.com/rest"


@dataclass(frozen=True, slots=True)
class Route:
    """An endpoint.

    Attributes:
        method: as ``GET``.
        template: its path after the repository, as GitHub's OpenAPI description writes it.
        docs: where GitHub documents it, which its errors name.
        answer: what answers.
        pattern: the paths that it answers.
    """

    method: str
    template: str
    docs: str
    answer: Endpoint
    pattern: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Match:
    """A route, and the parameters that the path gave it."""

    route: Route
    parameters: tuple[str, ...]


def find(method: str, path: str) -> Match | None:
    """The route of a path after the repository, as it was sent; None where there is none."""
    for route in ROUTES:
        if route.method == method and (found := route.pattern.fullmatch(path)):
            return Match(route, tuple(unquote(value) for value in found.groups()))
    return None


def _route(method: str, template: str, docs: str, answer: Endpoint) -> Route:
    """A route; the names of branches and of commits may hold slashes."""
    pattern = re.sub(r"\{(\w+)\}", _parameter, template)
    return Route(method, template, f"{DOCUMENTATION}/{docs}", answer, re.compile(pattern))


def _parameter(found: re.Match[str]) -> str:
    return "(.+)" if found[1] in {"branch", "ref"} else "([^/]+)"


ROUTES: Final = (
    _route("GET", "", "repos/repos#get-a-repository", repos.get_repository),
    _route(
        "GET",
        "/actions/runs",
        "actions/workflow-runs#list-workflow-runs-for-a-repository",
        actions.list_runs,
    ),
    _route("GET", "/actions/runs/{run_id}", "actions/workflow-runs#get-a-workflow-run", actions.get_run),
    _route(
        "GET",
        "/actions/runs/{run_id}/jobs",
        "actions/workflow-jobs#list-jobs-for-a-workflow-run",
        actions.list_jobs,
    ),
    _route(
        "GET",
        "/actions/runs/{run_id}/attempts/{attempt_number}",
        "actions/workflow-runs#get-a-workflow-run-attempt",
        actions.get_attempt,
    ),
    _route(
        "GET",
        "/actions/runs/{run_id}/attempts/{attempt_number}/jobs",
        "actions/workflow-jobs#list-jobs-for-a-workflow-run-attempt",
        actions.list_attempt_jobs,
    ),
    _route(
        "GET",
        "/actions/runs/{run_id}/logs",
        "actions/workflow-runs#download-workflow-run-logs",
        actions.get_run_logs,
    ),
    _route(
        "GET",
        "/actions/runs/{run_id}/pending_deployments",
        "actions/workflow-runs#get-pending-deployments-for-a-workflow-run",
        actions.list_pending_deployments,
    ),
    _route(
        "GET", "/actions/jobs/{job_id}", "actions/workflow-jobs#get-a-job-for-a-workflow-run", actions.get_job
    ),
    _route(
        "GET",
        "/actions/jobs/{job_id}/logs",
        "actions/workflow-jobs#download-job-logs-for-a-workflow-run",
        actions.get_job_logs,
    ),
    _route(
        "GET", "/actions/workflows", "actions/workflows#list-repository-workflows", actions.list_workflows
    ),
    _route(
        "GET", "/actions/workflows/{workflow_id}", "actions/workflows#get-a-workflow", actions.get_workflow
    ),
    _route(
        "GET",
        "/actions/workflows/{workflow_id}/runs",
        "actions/workflow-runs#list-workflow-runs-for-a-workflow",
        actions.list_workflow_runs,
    ),
    _route(
        "GET",
        "/actions/permissions",
        "actions/permissions#get-github-actions-permissions-for-a-repository",
        actions.get_permissions,
    ),
    _route("GET", "/pulls", "pulls/pulls#list-pull-requests", pulls.list_pulls),
    _route("POST", "/pulls", "pulls/pulls#create-a-pull-request", pulls.create_pull),
    _route("GET", "/pulls/{pull_number}", "pulls/pulls#get-a-pull-request", pulls.get_pull),
    _route("PUT", "/pulls/{pull_number}/merge", "pulls/pulls#merge-a-pull-request", pulls.merge_pull),
    _route(
        "GET",
        "/branches/{branch}/protection",
        "branches/branch-protection#get-branch-protection",
        repos.get_protection,
    ),
    _route("GET", "/branches/{branch}", "branches/branches#get-a-branch", repos.get_branch),
    _route("GET", "/rules/branches/{branch}", "repos/rules#get-rules-for-a-branch", repos.get_rules),
    _route(
        "GET",
        "/commits/{commit_sha}/pulls",
        "commits/commits#list-pull-requests-associated-with-a-commit",
        repos.list_commit_pulls,
    ),
    _route("GET", "/commits/{ref}", "commits/commits#get-a-commit", repos.get_commit),
)
"""All of them; of two that match, the first answers."""
