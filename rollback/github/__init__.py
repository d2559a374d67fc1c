"""GitHub's REST API: pull requests, branch rules, and the workflow runs that a push starts."""

from __future__ import annotations

from rollback.github.client import GitHub
from rollback.github.errors import (
    Forbidden,
    GitHubError,
    NotFound,
    RateLimited,
    Unauthorized,
    Unavailable,
    Unexpected,
    Unprocessable,
)
from rollback.github.model import Job, Protection, PullRequest, Run, Step
from rollback.github.outcome import RunOutcome, WatchedRun
from rollback.github.watching import watch

__all__ = [
    "Forbidden",
    "GitHub",
    "GitHubError",
    "Job",
    "NotFound",
    "Protection",
    "PullRequest",
    "RateLimited",
    "Run",
    "RunOutcome",
    "Step",
    "Unauthorized",
    "Unavailable",
    "Unexpected",
    "Unprocessable",
    "WatchedRun",
    "watch",
]
