"""The engineer on call of a rehearsal: what they ask for, and what they are told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rehearsal.notes import asked_for
from rollback import ecs
from rollback.journal import Kind, read

if TYPE_CHECKING:
    from rehearsal.notes import Notes
    from rollback.access import Access
    from rollback.environment import Environment


class Operator:
    """Uses the emergency rollback as a person would, and remembers the answers.

    Attributes:
        access: their hands.
    """

    def __init__(self, environment: Environment, access: Access, notes: Notes) -> None:
        self.access = access
        self._environment = environment
        self._notes = notes
        self._plan: ecs.EcsPlan | None = None
        self._result: ecs.Result | None = None

    @property
    def plan(self) -> ecs.EcsPlan:
        """The last plan that was made."""
        return asked_for(self._plan, "planned")

    @property
    def result(self) -> ecs.Result:
        """How the last rollback or undo ended."""
        return asked_for(self._result, "rolled back")

    @property
    def revisions(self) -> tuple[int, int]:
        """The revisions that the last plan goes from and to."""
        service = asked_for(self.plan.service, "seen of the service")
        target = asked_for(self.plan.target, "chosen as the target")
        return service.revision.number, target.number

    def make_plan(self, to: str = "", *, register_copy: bool = False) -> None:
        """Plan a rollback, to `to` or to the newest proven revision."""
        self._plan = ecs.plan(self._environment, self.access, to=to, register_copy=register_copy)
        self._notes.planned(self._plan)

    def apply(self) -> None:
        """Apply the plan; being interrupted is remembered, a refusal goes on to the caller."""
        try:
            self._result = ecs.apply(self._environment, self.access, self.plan)
        except KeyboardInterrupt:
            self._notes.interrupted = True
        else:
            self._notes.ended(self._result)

    def roll_back(self, to: str = "", *, register_copy: bool = False) -> None:
        """Plan and apply."""
        self.make_plan(to, register_copy=register_copy)
        self.apply()

    def try_to_roll_back(self, to: str = "") -> None:
        """Plan and apply, and remember the refusal."""
        with self._notes.trying():
            self.roll_back(to)

    def try_to_apply(self) -> None:
        """Apply the plan, and remember the refusal."""
        with self._notes.trying():
            self.apply()

    def undo(self) -> None:
        """Take the last rollback back, to what its journal saved."""
        saved = ecs.saved_point(self._environment, read(self.access.journal.path))
        self._result = ecs.undo(self._environment, self.access, saved)
        self._notes.ended(self._result)

    def verify(self) -> ecs.Verification:
        """Look at the world, as the page says, after a rollback."""
        return ecs.verify(
            self._environment, self.access, self.result.target, expected_version=self.plan.expected_version
        )

    def last_words(self) -> str:
        """How to look at the service, as the journal says it after an interruption."""
        return next(
            str(entry.detail["look"])
            for entry in read(self.access.journal.path)
            if entry.kind is Kind.INTERRUPTED
        )
