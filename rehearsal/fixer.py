"""The engineer on call who fixes the database forward: what they ask for, and what they are told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rehearsal.on_call import OnCall
from rollback.database import fixing
from rollback.journal import read

if TYPE_CHECKING:
    from pathlib import Path


class Fixer(OnCall["fixing.FixPlan", "fixing.Result"]):
    """Uses the fix forward as a person would, and remembers the answers."""

    def make_plan(self, migration: Path | None = None) -> None:
        """Plan with a migration of one's own, or with one that is drafted."""
        self._planned(fixing.plan(self._environment, self.access, migration=migration))

    def fix(self, migration: Path | None = None) -> None:
        """Plan and apply."""
        self.make_plan(migration)
        self.apply()

    def try_to_fix(self, migration: Path | None = None) -> None:
        """Plan and apply, and take down the refusal."""
        with self._notes.trying():
            self.fix(migration)

    def go_on(self) -> None:
        """Go on with what the journal says was pushed."""
        self._ended(fixing.go_on(self._environment, self.access, self._saved()))

    def try_to_undo(self) -> None:
        """Ask to have it undone, and take down the refusal."""
        with self._notes.trying():
            fixing.undo(self._environment, self.access, self._saved())

    def verify(self) -> fixing.Verification:
        """Look at database, branch, service and application once more."""
        return fixing.verify(self._environment, self.access, self._saved())

    def _saved(self) -> fixing.SavedPoint:
        return fixing.saved_point(self._environment, read(self.access.journal.path))

    def _applied(self, plan: fixing.FixPlan) -> fixing.Result:
        return fixing.apply(self._environment, self.access, plan)
