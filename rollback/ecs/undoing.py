"""Going back to where the service was before a rollback, by the same care."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rollback._text import printable
from rollback.ecs.applying import apply
from rollback.ecs.model import Revision
from rollback.ecs.planning import plan
from rollback.ecs.result import WAY, SavedPoint
from rollback.errors import JournalError
from rollback.journal import Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rollback.access import Access
    from rollback.ecs.planning import EcsPlan
    from rollback.ecs.result import Result
    from rollback.environment import Environment
    from rollback.journal import Entry


def plan_undo(environment: Environment, access: Access, saved: SavedPoint) -> EcsPlan:
    """The plan to go back to `saved`; it may hold refusals, like any other."""
    return plan(environment, access, to=str(saved.revision))


def undo(environment: Environment, access: Access, saved: SavedPoint) -> Result:
    """Go back to `saved`, and wait for it.

    Raises:
        Refused: there is something against it; nothing has been changed.
        AwsError: AWS didn't answer before anything was changed.
    """
    return apply(environment, access, plan_undo(environment, access, saved))


def saved_point(environment: Environment, entries: Sequence[Entry]) -> SavedPoint:
    """Where the service was before the last change that a journal tells of.

    Raises:
        JournalError: it tells of none, or of another environment's service.
    """
    copy = ""
    for entry in reversed(entries):
        copy = copy or str(entry.detail.get("copy", ""))
        if entry.kind is Kind.SAVED and entry.detail.get("way", WAY) == WAY:
            return _read(environment, entry, copy)
    raise JournalError("This journal tells of no change to a service.", remedy="There is nothing to undo.")


def _read(environment: Environment, entry: Entry, copy: str) -> SavedPoint:
    told = entry.detail
    name, service, revision = (str(told.get(key)) for key in ("environment", "service", "revision"))
    if (name, service) != (environment.name, environment.service):
        raise JournalError(
            f"This journal is of {printable(service)} in {printable(name)}, "
            f"not of {environment.service} in {environment.name}.",
            remedy="Name the environment that it belongs to.",
        )
    replaced, target = told.get("replaced", ()), str(told.get("target", ""))
    return SavedPoint(
        environment=name,
        service=service,
        revision=Revision.parse(revision),
        target=Revision.parse(target) if target else None,
        replaced=tuple(map(str, replaced)) if isinstance(replaced, list) else (),
        copied=told.get("copied") is True,
        copy=Revision.parse(copy) if copy else None,
    )
