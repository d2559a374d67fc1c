"""The `git` and `terraform` lines that a person would type to do the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rollback.revert.by_hand import line

if TYPE_CHECKING:
    from pathlib import Path

    from rollback.environment import Environment
    from rollback.git import Commit

PLAN_FILE = "rollback.tfplan"


def manual(
    environment: Environment, commit: Commit, *, program: str = "terraform", locked: bool = True
) -> tuple[str, ...]:
    """Plan and apply the infrastructure of `commit`, in a worktree beside the checkout.

    Args:
        environment: the place.
        commit: whose infrastructure.
        program: which Terraform.
        locked: whether the commit says which providers it was applied with.
    """
    place = f"../infrastructure-{commit.short}"
    return (
        line("git", "fetch", "origin", environment.branch),
        line("git", "worktree", "add", "--detach", place, commit.sha),
        *_select(environment),
        in_root(environment, place, program, *_init(locked=locked)),
        in_root(environment, place, program, "plan", f"-out={PLAN_FILE}"),
        in_root(environment, place, program, "apply", PLAN_FILE),
        in_root(environment, place, program, "plan", "-detailed-exitcode"),
        line("git", "worktree", "remove", "--force", place),
    )


def push_state(
    environment: Environment, commit: Commit, state: Path, *, program: str = "terraform", locked: bool = True
) -> tuple[str, ...]:
    """Put a state that Terraform could not store where it belongs; the arguments are those of `manual`."""
    place = f"../infrastructure-{commit.short}"
    return (
        line("git", "worktree", "add", "--detach", place, commit.sha),
        *_select(environment),
        in_root(environment, place, program, *_init(locked=locked)),
        in_root(environment, place, program, "state", "push", str(state)),
    )


def in_root(environment: Environment, place: str, program: str, *words: str) -> str:
    """A command of Terraform in the root module of a worktree."""
    return line(program, f"-chdir={place}/{environment.terraform_directory}", *words)


def force_unlock(environment: Environment, lock_id: str, *, program: str = "terraform") -> str:
    """Take away the lock of a Terraform that is dead, in an initialised root module."""
    return line(program, f"-chdir={environment.terraform_directory}", "force-unlock", lock_id)


def _init(*, locked: bool) -> tuple[str, ...]:
    """A lock file is never changed: the providers are those that the commit was applied with."""
    return ("init", "-input=false", *(("-lockfile=readonly",) if locked else ()))


def _select(environment: Environment) -> tuple[str, ...]:
    workspace = environment.terraform.workspace
    return () if workspace == "default" else (line("export", f"TF_WORKSPACE={workspace}"),)
