"""The `git` and `gh` lines that a person would type to do the same."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rollback.environment import Environment
    from rollback.git import Commit


def revert(
    environment: Environment, commits: Sequence[Commit], *, proposed_as: str = "", kept: Sequence[str] = ()
) -> tuple[str, ...]:
    """Revert `commits` in that order, in a worktree beside the checkout, and push.

    Args:
        environment: whose branch it is.
        commits: in the order in which they are reverted.
        proposed_as: the branch to push to instead, for a pull request.
        kept: the files that stay as the branch has them.
    """
    place = f"../revert-{commits[0].short}"
    keep = (
        line("git", "-C", place, "checkout", f"origin/{environment.branch}", "--", *kept),
        line("git", "-C", place, "commit", "--amend", "--no-edit"),
    )
    reverts = [
        each
        for commit in commits
        for each in (
            line(
                *("git", "-C", place, "revert", "--no-edit"),
                *(("-m", "1") if commit.is_merge else ()),
                commit.sha,
            ),
            *(keep if kept else ()),
        )
    ]
    target = proposed_as or environment.branch
    return (
        line("git", "fetch", "origin", environment.branch),
        line("git", "worktree", "add", "--detach", place, f"origin/{environment.branch}"),
        *reverts,
        line("git", "-C", place, "push", "origin", f"HEAD:refs/heads/{target}"),
        *((open_pull_request(environment, proposed_as),) if proposed_as else ()),
        line("git", "worktree", "remove", place),
    )


def open_pull_request(environment: Environment, head: str) -> str:
    """Open a pull request for a branch that has been pushed."""
    repository, base = environment.repository.name, environment.branch
    return line("gh", "pr", "create", "--repo", repository, "--base", base, "--head", head, "--fill")


def watch(environment: Environment, sha: str) -> str:
    """Find the workflow runs of a commit."""
    return line("gh", "run", "list", "--repo", environment.repository.name, "--commit", sha)


def rerun(environment: Environment, run_id: int) -> str:
    """Run the failed jobs of a workflow run again."""
    return line("gh", "run", "rerun", str(run_id), "--failed", "--repo", environment.repository.name)


def read_log(environment: Environment, run_id: int) -> str:
    """Read what the failed steps of a workflow run printed."""
    return line("gh", "run", "view", str(run_id), "--log-failed", "--repo", environment.repository.name)


def enable_workflow(environment: Environment, workflow: str) -> str:
    """Turn a workflow on again."""
    name = workflow.rpartition("/")[2]
    return line("gh", "workflow", "enable", name, "--repo", environment.repository.name)


def history(environment: Environment) -> str:
    """Look at the newest commits of the branch that is deployed."""
    return line("git", "log", "--oneline", "--first-parent", "-10", f"origin/{environment.branch}")


def set_identity() -> tuple[str, ...]:
    """Tell git who commits."""
    return (
        line("git", "config", "--global", "user.name", "<YOUR NAME>"),
        line("git", "config", "--global", "user.email", "<YOUR ADDRESS>"),
    )


def line(*words: str) -> str:
    """A command line whose words can be pasted into a shell."""
    return shlex.join(words)
