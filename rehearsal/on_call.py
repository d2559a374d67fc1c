"""Somebody on call, whatever way back they take: they plan, they apply, and they remember what they were told."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Generic, TypeVar

from rehearsal.notes import Ended, Planned, asked_for
from rollback.journal import Kind, read

if TYPE_CHECKING:
    from rehearsal.notes import Notes
    from rollback.access import Access
    from rollback.environment import Environment

PlanT = TypeVar("PlanT", bound=Planned)
ResultT = TypeVar("ResultT", bound=Ended)


class OnCall(ABC, Generic[PlanT, ResultT]):
    """What they have in common.

    Attributes:
        access: their hands.
    """

    def __init__(self, environment: Environment, access: Access, notes: Notes) -> None:
        self.access = access
        self._environment = environment
        self._notes = notes
        self._plan: PlanT | None = None
        self._result: ResultT | None = None

    @property
    def plan(self) -> PlanT:
        """The last plan that was made."""
        return asked_for(self._plan, "planned")

    @property
    def result(self) -> ResultT:
        """How the last rollback or undo ended."""
        return asked_for(self._result, "rolled back")

    def apply(self) -> None:
        """Pass the gate and apply the plan; being interrupted is remembered, a refusal goes on to the caller."""
        self._notes.gate()
        try:
            result = self._applied(self.plan)
        except KeyboardInterrupt:
            self._notes.interrupted = True
        else:
            self._ended(result)

    def try_to_apply(self) -> None:
        """Apply the plan, and take down the refusal."""
        with self._notes.trying():
            self.apply()

    @abstractmethod
    def _applied(self, plan: PlanT) -> ResultT:
        """Have the plan applied."""

    def _planned(self, plan: PlanT) -> None:
        self._plan = plan
        self._notes.planned(plan)

    def _ended(self, result: ResultT) -> None:
        self._result = result
        self._notes.ended(result)

    def _last_words(self, word: str) -> str:
        """What the journal says under `word` where it tells of an interruption."""
        entries = read(self.access.journal.path)
        return next(str(entry.detail[word]) for entry in entries if entry.kind is Kind.INTERRUPTED)
