"""Why a fix forward has no undo of its own, and what there is instead."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from rollback._text import printable
from rollback.database.fixing.result import WAY
from rollback.database.migrations import by_hand as ways
from rollback.errors import Refused
from rollback.plan import Plan, record, refusal

if TYPE_CHECKING:
    from rollback.access import Access
    from rollback.database.fixing.result import SavedPoint
    from rollback.environment import Environment


def plan_undo(environment: Environment, access: Access, saved: SavedPoint) -> Plan:
    """A plan that is always refused, and says what to do instead.

    What the migration has brought only adds, so that older code runs on it: there is nothing to undo for its sake. Its
    file can't be taken away, or alembic would not know the revision that the database is at; and an automatic downgrade
    would drop what has been written since.
    """
    finding = refusal(
        "undo",
        f"A fix forward is not undone: the migration {printable(saved.revision)} has only added to the database of "
        f"{environment.name}, older code runs on it, and taking it away would lose what was written there since.",
        "If the code is wrong that came with it, revert that. If the schema is, fix forward again; if rows are, restore "
        "the database from a backup.",
        *ways.ways_out(environment),
    )
    made = Plan(
        environment=environment.name,
        title=f"Undo the migration {printable(saved.revision)} in {environment.name}.",
        findings=(finding,),
        commands=(),
    )
    record(access.journal, made, way=WAY)
    return made


def undo(environment: Environment, access: Access, saved: SavedPoint) -> NoReturn:
    """Refuse, with what to do instead.

    Raises:
        Refused: always.
    """
    finding = plan_undo(environment, access, saved).refusals[0]
    raise Refused(finding.seen, remedy=finding.remedy)
