"""The engineer on call who reverts: what they ask for, and what they are told."""

from __future__ import annotations

from typing import Final

from rehearsal.on_call import OnCall
from rollback import revert
from rollback.journal import read

WHY: Final = "The application answers with errors since it was deployed."
WHY_BACK: Final = "It was not the cause after all."


class Reverter(OnCall["revert.RevertPlan", "revert.Result"]):
    """Uses the rollback by revert as a person would, and remembers the answers."""

    def make_plan(self, what: str, *, both_sides: bool = False, propose: bool = False) -> None:
        """Plan the revert of `what`: a commit, ``#12``, an address or a range."""
        self._planned(
            revert.plan(
                self._environment, self.access, what=what, why=WHY, both_sides=both_sides, propose=propose
            )
        )

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
        return self._last_words("look")

    def _applied(self, plan: revert.RevertPlan) -> revert.Result:
        return revert.apply(self._environment, self.access, plan)
