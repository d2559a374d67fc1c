"""The engineer on call who rolls the infrastructure back by hand: what they ask for, and what they are told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rehearsal.notes import asked_for
from rollback import terraform
from rollback.journal import read

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rehearsal.notes import Notes
    from rollback.access import Access
    from rollback.environment import Environment


class Terraformer:
    """Uses the rollback by Terraform as a person would, and remembers the answers.

    Attributes:
        access: their hands.
    """

    def __init__(self, environment: Environment, access: Access, notes: Notes) -> None:
        self.access = access
        self._environment = environment
        self._notes = notes
        self._plan: terraform.TerraformPlan | None = None
        self._result: terraform.Result | None = None

    @property
    def plan(self) -> terraform.TerraformPlan:
        """The last plan that was made."""
        return asked_for(self._plan, "planned")

    @property
    def result(self) -> terraform.Result:
        """How the last rollback or undo ended."""
        return asked_for(self._result, "rolled back")

    def make_plan(self, commit: str, *, allow: Sequence[str] = ()) -> None:
        """Plan to have the infrastructure of `commit` again."""
        self._plan = terraform.plan(self._environment, self.access, commit=commit, allow=allow)
        self._notes.planned(self._plan)

    def apply(self) -> None:
        """Apply the plan; being interrupted is remembered, a refusal goes on to the caller."""
        try:
            result = terraform.apply(self._environment, self.access, self.plan)
        except KeyboardInterrupt:
            self._notes.interrupted = True
        else:
            self._ended(result)

    def roll_back(self, commit: str, *, allow: Sequence[str] = ()) -> None:
        """Plan and apply."""
        self.make_plan(commit, allow=allow)
        self.apply()

    def try_to_roll_back(self, commit: str) -> None:
        """Plan and apply, and take down the refusal."""
        with self._notes.trying():
            self.roll_back(commit)

    def try_to_apply(self) -> None:
        """Apply the plan, and take down the refusal."""
        with self._notes.trying():
            self.apply()

    def undo(self) -> None:
        """Go back to the infrastructure that the journal says was there before."""
        saved = terraform.saved_point(self._environment, read(self.access.journal.path))
        self._ended(terraform.undo(self._environment, self.access, saved))

    def verify(self) -> terraform.Verification:
        """Compare once more what there is with the commit that was applied."""
        return terraform.verify(self._environment, self.access, self.result.saved.commit)

    def next_apply(self) -> terraform.NextApply:
        """Ask what the next apply of the branch would do to the service."""
        return terraform.next_apply(self._environment, self.access)

    def _ended(self, result: terraform.Result) -> None:
        self._result = result
        self._notes.ended(result)
