"""Going back to the infrastructure of before a rollback, by the same care."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rollback.errors import JournalError
from rollback.journal import Kind
from rollback.process import literal
from rollback.terraform.applying import apply
from rollback.terraform.planning import Wish, made
from rollback.terraform.result import SavedPoint

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rollback.access import Access
    from rollback.environment import Environment
    from rollback.journal import Entry
    from rollback.terraform.planning import TerraformPlan
    from rollback.terraform.result import Result


def plan_undo(
    environment: Environment, access: Access, saved: SavedPoint, *, allow: Sequence[str] = ()
) -> TerraformPlan:
    """The plan to go back to the commit of before; it may hold refusals, like any other.

    Raises:
        RollbackError: as `plan`.
    """
    addresses = tuple(literal(address, what="address") for address in allow)
    return made(environment, access, Wish(commit=saved.before, allow=addresses, before=saved.commit))


def undo(environment: Environment, access: Access, saved: SavedPoint, *, allow: Sequence[str] = ()) -> Result:
    """Apply the infrastructure of before once more, and wait for it.

    Raises:
        Refused: there is something against it; nothing has been changed.
        RollbackError: as `plan` and `apply`.
    """
    return apply(environment, access, plan_undo(environment, access, saved, allow=allow))


def saved_point(environment: Environment, entries: Sequence[Entry]) -> SavedPoint:
    """Where the infrastructure was, as a journal tells of its last rollback by Terraform.

    Raises:
        JournalError: it tells of none, or of another environment's.
    """
    for entry in reversed(entries):
        detail = entry.detail
        if entry.kind is not Kind.SAVED or not {"state_version", "commit", "before"} <= detail.keys():
            continue
        if (detail.get("environment"), detail.get("branch")) != (environment.name, environment.branch):
            raise JournalError(
                f"This journal is of {detail.get('branch')} in {detail.get('environment')}, not of "
                f"{environment.branch} in {environment.name}.",
                remedy="Name the environment that it belongs to.",
            )
        serial = detail.get("serial")
        return SavedPoint(
            environment=environment.name,
            branch=environment.branch,
            before=str(detail["before"]),
            commit=str(detail["commit"]),
            version_id=str(detail["state_version"]),
            serial=serial if isinstance(serial, int) else 0,
            lineage=str(detail.get("lineage", "")),
        )
    raise JournalError("This journal tells of no rollback by Terraform.", remedy="There is nothing to undo.")
