"""The engineer on call of a rehearsal: what they ask for, and what they are told."""

from __future__ import annotations

from rehearsal.notes import asked_for
from rehearsal.on_call import OnCall
from rollback import ecs
from rollback.journal import read


class Operator(OnCall["ecs.EcsPlan", "ecs.Result"]):
    """Uses the emergency rollback as a person would, and remembers the answers."""

    @property
    def revisions(self) -> tuple[int, int]:
        """The revisions that the last plan goes from and to."""
        service = asked_for(self.plan.service, "seen of the service")
        target = asked_for(self.plan.target, "chosen as the target")
        return service.revision.number, target.number

    def make_plan(self, to: str = "", *, register_copy: bool = False) -> None:
        """Plan a rollback, to `to` or to the newest proven revision."""
        self._planned(ecs.plan(self._environment, self.access, to=to, register_copy=register_copy))

    def roll_back(self, to: str = "", *, register_copy: bool = False) -> None:
        """Plan and apply."""
        self.make_plan(to, register_copy=register_copy)
        self.apply()

    def try_to_roll_back(self, to: str = "") -> None:
        """Plan and apply, and remember the refusal."""
        with self._notes.trying():
            self.roll_back(to)

    def undo(self) -> None:
        """Take the last rollback back, to what its journal saved."""
        saved = ecs.saved_point(self._environment, read(self.access.journal.path))
        self._ended(ecs.undo(self._environment, self.access, saved))

    def verify(self) -> ecs.Verification:
        """Look at the world, as the page says, after a rollback."""
        return ecs.verify(
            self._environment, self.access, self.result.target, expected_version=self.plan.expected_version
        )

    def last_words(self) -> str:
        """How to look at the service, as the journal says it after an interruption."""
        return self._last_words("look")

    def _applied(self, plan: ecs.EcsPlan) -> ecs.Result:
        return ecs.apply(self._environment, self.access, plan)
