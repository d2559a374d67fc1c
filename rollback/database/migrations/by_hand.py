"""The lines that a person would type for the runbook's two ways out of a failed migration."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rollback.environment import Environment


def ways_out(environment: Environment) -> tuple[str, ...]:
    """Both ways, each under a comment that says which it is."""
    return (
        "# Fix forward:",
        *fix_forward(environment),
        "# Or restore from a backup:",
        *restore(environment),
    )


def fix_forward(environment: Environment) -> tuple[str, ...]:
    """Write a migration on top that brings the schema to what the code needs, and have the pipeline run it."""
    return (
        line("git", "fetch", "origin", environment.branch),
        line("git", "switch", "-c", "fix-forward", f"origin/{environment.branch}"),
        line("alembic", "heads"),
        line("alembic", "revision", "-m", "<WHAT THE CODE NEEDS>"),
        line("alembic", "upgrade", "head", "--sql"),
        line("git", "add", *(each.partition("*")[0] for each in environment.repository.migrations)),
        line("git", "commit", "-m", "<WHAT THE CODE NEEDS>"),
        line("git", "push", "origin", f"HEAD:refs/heads/{environment.branch}"),
    )


def restore(environment: Environment) -> tuple[str, ...]:
    """Restore the database as it was before the migration, as an instance of its own."""
    region, name = ("--region", environment.region), environment.database.instance or "<INSTANCE>"
    return (
        line("aws", "rds", "describe-db-instances", *region, "--db-instance-identifier", name),
        line(
            *("aws", "rds", "restore-db-instance-to-point-in-time", *region),
            *("--source-db-instance-identifier", name),
            *("--target-db-instance-identifier", f"{name}-restored", "--restore-time", "<BEFORE, UTC>"),
        ),
        line(
            *("aws", "rds", "wait", "db-instance-available", *region),
            *("--db-instance-identifier", f"{name}-restored"),
        ),
    )


def look() -> tuple[str, ...]:
    """Ask the database at which revision it is, and the files what lies before it."""
    return (line("alembic", "current", "--verbose"), line("alembic", "history", "--verbose"))


def line(*words: str) -> str:
    """A command line whose words can be pasted into a shell."""
    return shlex.join(words)
