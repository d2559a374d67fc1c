"""The engineer on call who restores the database: what they ask for, and what they are told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rehearsal.notes import asked_for
from rehearsal.on_call import OnCall
from rollback.database import backup
from rollback.journal import read

if TYPE_CHECKING:
    from datetime import datetime

    from rehearsal.notes import Notes
    from rollback.access import Access
    from rollback.environment import Environment


class DatabaseRestorer(OnCall["backup.BackupPlan", "backup.Result"]):
    """Uses the restore of the database as a person would, and remembers the answers."""

    def __init__(self, environment: Environment, access: Access, notes: Notes) -> None:
        super().__init__(environment, access, notes)
        self._seen: backup.Verification | None = None

    def make_plan(self, to: datetime | str | None = None, confirmed: backup.Loss | None = None) -> None:
        """Plan to restore to a moment or a snapshot; without either, to just before the newest migration."""
        self._planned(backup.plan(self._environment, self.access, to=to, confirmed=confirmed))

    def restore(self, to: datetime | str | None = None, *, rows: int | None = None) -> None:
        """Plan, read since when writes would be lost, confirm just that and so many rows, and apply."""
        self.make_plan(to)
        point = self.plan.point
        since = asked_for(point, "found to restore to").at if point else self.access.clock.now()
        self.make_plan(to, backup.Loss(since=since, rows=rows))
        self.apply()

    def try_to_restore(self, to: datetime | str | None = None, confirmed: backup.Loss | None = None) -> None:
        """Plan and apply, and take down the refusal."""
        with self._notes.trying():
            self.make_plan(to, confirmed)
            self.apply()

    def go_on(self) -> None:
        """Finish what the journal says was begun."""
        self._ended(backup.go_on(self._environment, self.access, self.saved()))

    def undo(self) -> None:
        """Lead the application back to where the journal says that it was."""
        self._ended(backup.undo(self._environment, self.access, self.saved()))

    def saved(self) -> backup.SavedPoint:
        """What the journal has of the last restore."""
        return backup.saved_point(self._environment, read(self.access.journal.path))

    def verify(self) -> backup.Verification:
        """Look once more."""
        self._seen = backup.verify(self._environment, self.access, self.saved())
        return self._seen

    @property
    def seen(self) -> backup.Verification:
        """What the last such look has found; the first, if there was none."""
        return self._seen or self.verify()

    def _applied(self, plan: backup.BackupPlan) -> backup.Result:
        return backup.apply(self._environment, self.access, plan)

    def _ended(self, result: backup.Result) -> None:
        super()._ended(result)
        self._seen = None
