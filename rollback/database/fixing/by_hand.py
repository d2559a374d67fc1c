"""The lines that a person would type to fix a database forward, or to put its version table right."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from rollback.database.migrations import by_hand

if TYPE_CHECKING:
    from rollback.database.fixing.drafting import Draft
    from rollback.environment import Environment

line = by_hand.line
_END = "END_OF_MIGRATION"


def fix_forward(environment: Environment, draft: Draft, *, message: str) -> tuple[str, ...]:
    """Put the migration on top of the branch, and have the pipeline run it."""
    place = "../fix-forward"
    path = f"{place}/{draft.path}"
    return (
        line("git", "fetch", "origin", environment.branch),
        line("git", "worktree", "add", "--detach", place, f"origin/{environment.branch}"),
        f"cat >{shlex.quote(path)} <<'{_END}'\n{draft.text}{_END}",
        line("git", "-C", place, "add", draft.path),
        line("git", "-C", place, "commit", "-m", message),
        line("git", "-C", place, "push", "origin", f"HEAD:refs/heads/{environment.branch}"),
        line("git", "worktree", "remove", place),
    )


def stamp(revision: str, *, purge: bool = False) -> tuple[str, ...]:
    """Have the version table name a revision; nothing else of the database is changed."""
    return (
        line("alembic", "current", "--verbose"),
        line("alembic", "stamp", *(("--purge",) if purge else ()), revision),
    )


def finish(before: str, after: str) -> tuple[str, ...]:
    """See what a migration does, do by hand what is missing of it, and say that it is done."""
    return (
        line("alembic", "upgrade", f"{before}:{after}", "--sql"),
        "# Type what is missing of it into psql, and nothing of what is there, then:",
        line("alembic", "stamp", after),
    )


def brought(path: str) -> str:
    """Find the commit that brought a file."""
    return line("git", "log", "--oneline", "-1", "--", path)
