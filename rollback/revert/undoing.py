"""The revert of the revert: bringing a change back as it was."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rollback.errors import JournalError
from rollback.journal import Kind
from rollback.revert.applying import apply
from rollback.revert.change import NamedCommit, NamedRange
from rollback.revert.planning import Wish, made
from rollback.revert.result import SavedPoint, Side

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rollback.access import Access
    from rollback.environment import Environment
    from rollback.journal import Entry
    from rollback.revert.planning import RevertPlan
    from rollback.revert.result import Result


def plan_undo(environment: Environment, access: Access, saved: SavedPoint, *, why: str) -> RevertPlan:
    """The plan to revert the revert's own commits; it may hold refusals, like any other.

    Raises:
        JournalError: there is nothing to undo.
        GitError, GitHubError, AwsError: as `plan`.
    """
    if not saved.commits:
        raise JournalError(
            "That rollback has pushed no commit, so there is nothing to undo.",
            remedy="Look at the branch's history for what you want back.",
        )
    change = NamedCommit(saved.commit) if len(saved.commits) == 1 else NamedRange(saved.before, saved.commit)
    both = len(saved.sides) > 1  # what was asked for by name once need not be asked for again
    return made(environment, access, Wish(change=change, why=why, both_sides=both))


def undo(environment: Environment, access: Access, saved: SavedPoint, *, why: str) -> Result:
    """Bring back what a revert took away, and wait for it.

    Raises:
        Refused: there is something against it; nothing has been changed.
        RollbackError: as `plan_undo` and `apply`.
    """
    return apply(environment, access, plan_undo(environment, access, saved, why=why))


def saved_point(environment: Environment, entries: Sequence[Entry]) -> SavedPoint:
    """What was pushed, as a journal tells of its last revert.

    Raises:
        JournalError: it tells of none, or of another environment's.
    """
    for entry in reversed(entries):
        if entry.kind is not Kind.SAVED or "commits" not in entry.detail:
            continue
        saved = _read(entry)
        if (saved.environment, saved.branch) != (environment.name, environment.branch):
            raise JournalError(
                f"This journal is of {saved.branch} in {saved.environment}, not of {environment.branch} in {environment.name}.",
                remedy="Name the environment that it belongs to.",
            )
        return saved
    raise JournalError("This journal tells of no revert.", remedy="There is nothing to undo.")


def _read(entry: Entry) -> SavedPoint:
    detail = entry.detail

    def texts(key: str) -> tuple[str, ...]:
        found = detail.get(key)
        return tuple(str(each) for each in found) if isinstance(found, list) else ()

    return SavedPoint(
        environment=str(detail.get("environment")),
        branch=str(detail.get("branch")),
        before=str(detail.get("before")),
        commits=texts("commits"),
        deployments=texts("deployments"),
        sides=tuple(Side(each) for each in texts("sides")),
    )
