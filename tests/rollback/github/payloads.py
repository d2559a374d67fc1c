"""What GitHub answers, cut down to what is used and a little of what isn't."""

from __future__ import annotations

from typing import Any

SHA = "0123456789abcdef0123456789abcdef01234567"
OTHER = "fedcba9876543210fedcba9876543210fedcba98"
DEPLOY = ".github/workflows/deploy.yml"


def pull(number: int = 7, **changes: object) -> dict[str, Any]:
    """A merged pull request."""
    return {
        "id": 1,
        "number": number,
        "title": "Faster search",
        "html_url": f"https://github.example/team/app/pull/{number}",
        "state": "closed",
        "merged": True,
        "merge_commit_sha": SHA,
        "base": {"ref": "main", "sha": OTHER, "label": "team:main"},
        "head": {"ref": "faster-search", "sha": OTHER, "repo": None},
        "commits": 3,
        **changes,
    }


def opened(number: int = 7, **changes: object) -> dict[str, Any]:
    """A pull request that is open, with the commit that GitHub makes to test for conflicts."""
    return pull(number, **{"state": "open", "merged": False, "commits": 1, **changes})


def run(**changes: object) -> dict[str, Any]:
    """A run of the deployment that was just queued."""
    return {
        "id": 9_000_000_001,
        "name": "Deploy",
        "path": DEPLOY,
        "head_sha": SHA,
        "head_branch": "main",
        "event": "push",
        "status": "queued",
        "conclusion": None,
        "run_attempt": 1,
        "created_at": "2026-01-05T03:00:05Z",
        "html_url": "https://github.example/team/app/actions/runs/9000000001",
        **changes,
    }


def runs(*each: dict[str, Any]) -> dict[str, Any]:
    """A page of runs."""
    return {"total_count": len(each), "workflow_runs": list(each)}


def job(name: str = "test", **changes: object) -> dict[str, Any]:
    """A job that was just queued."""
    return {
        "id": 5_000_000_001,
        "name": name,
        "status": "queued",
        "conclusion": None,
        "steps": [],
        "html_url": "https://github.example/team/app/actions/runs/9000000001/job/5000000001",
        **changes,
    }


def step(number: int, name: str, status: str = "queued", conclusion: str | None = None) -> dict[str, Any]:
    """A step of a job."""
    return {"number": number, "name": name, "status": status, "conclusion": conclusion}


def jobs(*each: dict[str, Any]) -> dict[str, Any]:
    """A page of jobs."""
    return {"total_count": len(each), "jobs": list(each)}
