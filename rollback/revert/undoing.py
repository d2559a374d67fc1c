"""The revert of the revert: bringing a change back as it was."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from rollback.errors import JournalError
from rollback.journal import Kind
from rollback.revert.applying import apply
from rollback.revert.change import NamedCommit, NamedRange
from rollback.revert.planning import Wish, made
from rollback.revert.result import WAY, SavedPoint, Side

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rollback.access import Access
    from rollback.environment import Environment
    from rollback.journal import Entry
    from rollback.revert.planning import RevertPlan
    from rollback.revert.result import Result

_ObjectName: TypeAlias = Annotated[str, Field(pattern=r"^(?:[0-9a-f]{40}|[0-9a-f]{64})$")]


class _Saved(BaseModel):
    """A `SavedPoint` as it stands in a journal, which is a file that anybody may have written into."""

    model_config = ConfigDict(frozen=True)

    environment: str
    branch: str
    before: _ObjectName
    commits: tuple[_ObjectName, ...]
    deployments: tuple[str, ...]
    sides: tuple[Side, ...]


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
        JournalError: it tells of none, of another environment's, or of one as no revert writes it.
    """
    for entry in reversed(entries):
        if entry.kind is not Kind.SAVED or "commits" not in entry.detail:
            continue
        if entry.detail.get("way", WAY) != WAY:
            continue  # a migration that was pushed is not undone by a revert
        saved = _read(entry)
        if (saved.environment, saved.branch) != (environment.name, environment.branch):
            raise JournalError(
                f"This journal is of {saved.branch} in {saved.environment}, not of {environment.branch} in {environment.name}.",
                remedy="Name the environment that it belongs to.",
            )
        return saved
    raise JournalError("This journal tells of no revert.", remedy="There is nothing to undo.")


def _read(entry: Entry) -> SavedPoint:
    try:
        said = _Saved.model_validate(dict(entry.detail))
    except ValidationError as error:
        where = ".".join(str(part) for part in error.errors(include_url=False)[0]["loc"])
        raise JournalError(
            f"In entry {entry.number} of this journal {where} is not as a revert writes it.",
            remedy="Look at the branch's history for what you want back, and revert that.",
        ) from None
    return SavedPoint(
        environment=said.environment,
        branch=said.branch,
        before=said.before,
        commits=said.commits,
        deployments=said.deployments,
        sides=said.sides,
    )
