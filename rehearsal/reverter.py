"""The engineer on call who reverts: what they ask for, and what they are told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rehearsal.notes import asked_for
from rollback import revert
from rollback.journal import Kind, read

if TYPE_CHECKING:
    from rehearsal.notes import Notes
    from rollback.access import Access
    from rollback.environment import Environment

WHY: Final = "The application answers with errors since it was deployed."
WHY_BACK: Final = "It was not the cause after all."


class Reverter:
    """Uses the rollback by revert as a person would, and remembers the answers.

    Attributes:
        access: their hands.
    """

    def __init__(self, environment: Environment, access: Access, notes: Notes) -> None:
        self.access = access
        self._environment = environment
        self._notes = notes
        self._plan: revert.RevertPlan | None = None
        self._result: revert.Result | None = None

    @property
    def plan(self) -> revert.RevertPlan:
        """The last plan that was made."""
        return asked_for(self._plan, "planned")

    @property
    def result(self) -> revert.Result:
        """How the last revert or undo ended."""
        return asked_for(self._result, "reverted")

    def make_plan(self, what: str, *, both_sides: bool = False, propose: bool = False) -> None:
        """Plan the revert of `what`: a commit, ``#12``, an address or a range."""
        self._plan = revert.plan(
            self._environment, self.access, what=what, why=WHY, both_sides=both_sides, propose=propose
        )
        self._notes.planned(self._plan)

    def apply(self) -> None:
        """Apply the plan; being interrupted is remembered, a refusal goes on to the caller."""
        try:
            result = revert.apply(self._environment, self.access, self.plan)
        except KeyboardInterrupt:
            self._notes.interrupted = True
        else:
            self._ended(result)

    def roll_back(self, what: str, *, both_sides: bool = False) -> None:
        """Plan and apply."""
        self.make_plan(what, both_sides=both_sides)
        self.apply()

    def propose(self, what: str) -> None:
        """Plan and apply by way of a pull request."""
        self.make_plan(what, propose=True)
        self.apply()

    def try_to_revert(self, what: str) -> None:
        """Plan and apply, and take down the refusal."""
        with self._notes.trying():
            self.roll_back(what)

    def try_to_apply(self) -> None:
        """Apply the plan, and take down the refusal."""
        with self._notes.trying():
            self.apply()

    def wait_for_the_merge(self) -> None:
        """Wait until somebody has merged the proposal, and follow it."""
        self._ended(revert.go_on(self._environment, self.access, self.result))

    def follow_again(self) -> None:
        """Follow once more what the journal says was pushed."""
        saved = revert.saved_point(self._environment, read(self.access.journal.path))
        self._ended(revert.follow_saved(self._environment, self.access, saved))

    def undo(self) -> None:
        """Revert the revert that the journal tells of."""
        saved = revert.saved_point(self._environment, read(self.access.journal.path))
        self._ended(revert.undo(self._environment, self.access, saved, why=WHY_BACK))

    def verify(self) -> revert.Verification:
        """Look at branch, service and application once more."""
        return revert.verify(self._environment, self.access, self.result.saved)

    def last_words(self) -> str:
        """How to look for the run, as the journal says it after an interruption."""
        return next(
            str(entry.detail["look"])
            for entry in read(self.access.journal.path)
            if entry.kind is Kind.INTERRUPTED
        )

    def _ended(self, result: revert.Result) -> None:
        self._result = result
        self._notes.ended(result)
