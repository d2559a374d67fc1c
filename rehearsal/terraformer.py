"""The engineer on call who rolls the infrastructure back by hand: what they ask for, and what they are told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rehearsal.on_call import OnCall
from rollback import terraform
from rollback.journal import read

if TYPE_CHECKING:
    from collections.abc import Sequence


class Terraformer(OnCall["terraform.TerraformPlan", "terraform.Result"]):
    """Uses the rollback by Terraform as a person would, and remembers the answers."""

    def make_plan(self, commit: str, *, allow: Sequence[str] = ()) -> None:
        """Plan to have the infrastructure of `commit` again."""
        self._planned(terraform.plan(self._environment, self.access, commit=commit, allow=allow))

    def roll_back(self, commit: str, *, allow: Sequence[str] = ()) -> None:
        """Plan and apply."""
        self.make_plan(commit, allow=allow)
        self.apply()

    def try_to_roll_back(self, commit: str) -> None:
        """Plan and apply, and take down the refusal."""
        with self._notes.trying():
            self.roll_back(commit)

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

    def _applied(self, plan: terraform.TerraformPlan) -> terraform.Result:
        return terraform.apply(self._environment, self.access, plan)
