"""What going on with a rollback, or taking it back, would do now: for whoever is to say yes to it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from rollback.errors import JournalError
from rollback.journal import Journal, Kind, read
from rollback.live.readonly import read_only
from rollback.record.resuming import must_be_of, must_go_on, to_undo
from rollback.record.way import way_of

if TYPE_CHECKING:
    from rollback.access import Access
    from rollback.environment import Environment
    from rollback.journal import Entry
    from rollback.plan import Ended, Plan
    from rollback.record.model import Begun
    from rollback.record.way import Planner, Ready


@dataclass(frozen=True, slots=True)
class Ahead:
    """What would be done.

    Attributes:
        sentence: what, where no plan of it can be made; empty where there is one.
        ready: the plan, and what applies it; None where none can be made.
        entry: the plan as a journal has it.
    """

    sentence: str
    ready: Ready | None = None
    entry: Entry | None = None

    @property
    def plan(self) -> Plan | None:
        """The plan, to be shown."""
        return self.ready.plan if self.ready else None

    def applied(self, environment: Environment, access: Access) -> Ended:
        """Apply the plan, which is written down first in the journal of these hands.

        Raises:
            RollbackError: as the `apply` of its way.
        """
        if self.ready is None:
            raise JournalError("There is no plan that could be applied.", remedy="Make a new plan.")
        if self.entry is not None:
            access.journal.record(self.entry.kind, self.entry.what, **self.entry.detail)
        return self.ready.apply(environment, access)


def ahead_of_resume(environment: Environment, access: Access, begun: Begun) -> Ahead:
    """What `rollback.record.resume` would do now. Only looks, and writes into no journal that stays.

    Raises:
        JournalError: it is of another place, or doesn't say what is needed.
        Refused: it has landed already.
        RollbackError: as the `plan` of its way.
    """
    must_be_of(environment, begun)
    must_go_on(begun)
    way = way_of(begun)
    return _looked(environment, access, begun, way.plans_resume, way.resumes)


def ahead_of_undo(environment: Environment, access: Access, begun: Begun) -> Ahead:
    """What `rollback.record.undo` would do now. Only looks, and writes into no journal that stays.

    Raises:
        JournalError: it is of another place, or doesn't say what is needed.
        Refused: there is nothing to undo.
        RollbackError: as the `plan_undo` of its way.
    """
    must_be_of(environment, begun)
    target = to_undo(begun)
    way = way_of(target)
    return _looked(environment, access, target, way.plans_undo, way.undoes)


def _looked(
    environment: Environment, access: Access, begun: Begun, planner: Planner, otherwise: str
) -> Ahead:
    """Plan by hands that only look, and a journal of their own: a plan that nobody says yes to is no part of the tale."""
    with TemporaryDirectory(prefix="rollback-", ignore_cleanup_errors=True) as directory:
        path = Path(directory) / "ahead.jsonl"
        with Journal.create(path, access.clock) as journal:
            looking = read_only(replace(access, journal=journal))
            try:
                ready = planner(environment, looking, begun)
            finally:
                looking.aws.close()
        if ready is None:
            return Ahead(otherwise)
        planned = [entry for entry in read(path) if entry.kind is Kind.PLAN]
        return Ahead("", ready, planned[-1] if planned else None)
