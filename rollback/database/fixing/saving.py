"""What is in the journal before a fix forward is pushed, and read from there afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from rollback import revert
from rollback.database.fixing.result import WAY, SavedPoint
from rollback.errors import JournalError
from rollback.journal import Kind
from rollback.revert.result import Side

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rollback.access import Access
    from rollback.environment import Environment
    from rollback.journal import Entry

WHAT = "migration"
_ObjectName = Annotated[str, Field(pattern=r"^(?:[0-9a-f]{40}|[0-9a-f]{64})$")]


class _Saved(BaseModel):
    """A `SavedPoint` as it stands in a journal, which is a file that anybody may have written into."""

    model_config = ConfigDict(frozen=True)

    environment: str
    branch: str
    before: _ObjectName
    commits: Annotated[tuple[_ObjectName, ...], Field(min_length=1)]
    deployments: tuple[str, ...]
    migration: str
    revision: str
    at: str
    schema_digest: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    rows: dict[str, int]


def save(access: Access, saved: SavedPoint, *, head: str) -> None:
    """Take it down; `head` is the branch that is pushed to."""
    delivery = saved.delivery
    access.journal.record(
        Kind.SAVED,
        f"{delivery.branch} is at {delivery.before[:10]}, the database is at {saved.before}",
        way=WAY,
        head=head,
        environment=delivery.environment,
        branch=delivery.branch,
        before=delivery.before,
        commits=list(delivery.commits),
        deployments=list(delivery.deployments),
        sides=[side.value for side in delivery.sides],
        migration=saved.path,
        revision=saved.revision,
        at=saved.before,
        schema_digest=saved.schema,
        rows=dict(saved.rows),
    )


def saved_point(environment: Environment, entries: Sequence[Entry]) -> SavedPoint:
    """What was pushed, as a journal tells of its last fix forward.

    Raises:
        JournalError: it tells of none, of another environment's, or of one as no fix writes it.
    """
    for entry in reversed(entries):
        if entry.kind is not Kind.SAVED or entry.detail.get("way") != WAY:
            continue
        saved = _read(entry)
        if (saved.delivery.environment, saved.delivery.branch) != (environment.name, environment.branch):
            raise JournalError(
                f"This journal is of {saved.delivery.branch} in {saved.delivery.environment}, not of "
                f"{environment.branch} in {environment.name}.",
                remedy="Name the environment that it belongs to.",
            )
        return saved
    raise JournalError("This journal tells of no fix forward.", remedy="There is nothing to go on with.")


def _read(entry: Entry) -> SavedPoint:
    try:
        said = _Saved.model_validate(dict(entry.detail))
    except ValidationError as error:
        where = ".".join(str(part) for part in error.errors(include_url=False)[0]["loc"])
        raise JournalError(
            f"In entry {entry.number} of this journal {where} is not as a fix forward writes it.",
            remedy="Plan again: the plan finds what was pushed.",
        ) from None
    return SavedPoint(
        delivery=revert.SavedPoint(
            environment=said.environment,
            branch=said.branch,
            before=said.before,
            commits=said.commits,
            deployments=said.deployments,
            sides=(Side.APPLICATION,),
            what=WHAT,
        ),
        path=said.migration,
        revision=said.revision,
        before=said.at,
        schema=said.schema_digest,
        rows=said.rows,
    )
