"""The engineer on call who restores Terraform's state: what they ask for, and what they are told."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from rich.console import Console

from rehearsal.notes import asked_for
from rehearsal.on_call import OnCall
from rollback import state
from rollback.journal import read
from rollback.state.table import table

if TYPE_CHECKING:
    from rehearsal.notes import Notes
    from rollback.access import Access
    from rollback.environment import Environment

COLUMNS = 160
"""How wide their terminal is."""


class Restorer(OnCall["state.StatePlan", "state.Result"]):
    """Uses the restore of the state as a person would, and remembers the answers."""

    def __init__(self, environment: Environment, access: Access, notes: Notes) -> None:
        super().__init__(environment, access, notes)
        self._seen: state.Verification | None = None

    def listed(self) -> state.Listing:
        """The versions of the state."""
        return state.listed(self._environment, self.access)

    def shown(self) -> str:
        """The versions as a terminal shows them."""
        console = Console(file=io.StringIO(), width=COLUMNS, color_system=None)
        console.print(table(self.listed()))
        assert isinstance(console.file, io.StringIO)  # noqa: S101 - for the type checker
        return console.file.getvalue()

    def newest_whole(self) -> str:
        """The version id of the newest version that is a state."""
        return next(row.version.id for row in self.listed().rows if row.readable)

    def newest_of_ours(self) -> str:
        """That of the newest version with the lineage that the oldest has."""
        found = [
            (row.version.id, row.head.lineage) for row in self.listed().rows if row.readable and row.head
        ]
        return next(version for version, lineage in found if lineage == found[-1][1])

    def make_plan(self, choice: str, *, few_resources: bool = False, other_lineage: bool = False) -> None:
        """Plan to restore the version that `choice` names."""
        self._planned(
            state.plan(
                self._environment,
                self.access,
                choice=choice,
                few_resources=few_resources,
                other_lineage=other_lineage,
            )
        )

    def restore(self, choice: str, *, few_resources: bool = False, other_lineage: bool = False) -> None:
        """Plan and apply."""
        self.make_plan(choice, few_resources=few_resources, other_lineage=other_lineage)
        self.apply()

    def try_to_restore(self, choice: str) -> None:
        """Plan and apply, and take down the refusal."""
        with self._notes.trying():
            self.restore(choice)

    def go_on(self) -> None:
        """Finish what the journal says was begun."""
        self._ended(state.go_on(self._environment, self.access, self.saved()))

    def undo(self) -> None:
        """Put back what the journal says was there before."""
        self._ended(state.undo(self._environment, self.access, self.saved()))

    def saved(self) -> state.SavedPoint:
        """What the journal has of the last restore."""
        return state.saved_point(self._environment, read(self.access.journal.path))

    def verify(self) -> state.Verification:
        """Look at the state once more."""
        self._seen = state.verify(self._environment, self.access, asked_for(self.result.saved, "saved"))
        return self._seen

    @property
    def seen(self) -> state.Verification:
        """What the last such look at the result has found; the first, if there was none."""
        return self._seen or self.verify()

    def locks(self) -> tuple[state.HeldLock, ...]:
        """Who holds the lock."""
        return state.held(self._environment, self.access)

    def unlock(self) -> None:
        """Take away what is held, knowingly: a lock file and its item in the table have one id."""
        for lock_id in dict.fromkeys(lock.id for lock in self.locks()):
            state.unlock(self._environment, self.access, lock_id, knowingly=True)

    def try_to_unlock(self, lock_id: str, *, knowingly: bool) -> None:
        """Take a lock away, or take down the refusal."""
        with self._notes.trying():
            state.unlock(self._environment, self.access, lock_id, knowingly=knowingly)

    def _applied(self, plan: state.StatePlan) -> state.Result:
        return state.apply(self._environment, self.access, plan)

    def _ended(self, result: state.Result) -> None:
        super()._ended(result)
        self._seen = None
