"""What the engineer on call of a rehearsal was told, whatever way back they took."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol, TypeVar

from rollback.errors import RollbackError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from rollback.plan import Finding

T = TypeVar("T")


class Planned(Protocol):
    """Any plan."""

    @property
    def warnings(self) -> Sequence[Finding]:
        """The findings to know before going on."""

    @property
    def refusals(self) -> Sequence[Finding]:
        """The findings that forbid it."""

    @property
    def commands(self) -> Sequence[str]:
        """How to do the same by hand."""


class Ended(Protocol):
    """Any result."""

    @property
    def sentence(self) -> str:
        """How it ended."""

    @property
    def remedy(self) -> str:
        """What to do next."""

    @property
    def seconds(self) -> float:
        """How long it took."""


class Notes:
    """What was said last.

    Args:
        heard: is told each refusal.

    Attributes:
        interrupted: whether the last rollback was broken off by Ctrl-C.
        gate: what they pass before they change anything; raises where they may not begin.
    """

    def __init__(self, heard: Callable[[RollbackError], None] | None = None) -> None:
        self._heard = heard
        self.interrupted = False
        self.gate: Callable[[], None] = _open
        self._plan: Planned | None = None
        self._result: Ended | None = None
        self._refused: RollbackError | None = None

    def planned(self, plan: Planned) -> None:
        """Take a plan down."""
        self._plan = plan

    def ended(self, result: Ended) -> None:
        """Take a result down; an earlier refusal is past."""
        self._result, self._refused = result, None

    @property
    def plan(self) -> Planned:
        """The last plan that was made."""
        return asked_for(self._plan, "planned")

    @property
    def result(self) -> Ended:
        """How the last rollback or undo ended."""
        return asked_for(self._result, "rolled back")

    @property
    def refused(self) -> RollbackError:
        """What the last attempt was refused with."""
        return asked_for(self._refused, "refused")

    @property
    def remedy(self) -> str:
        """What the last answer advises to do."""
        return self._refused.remedy if self._refused else self.result.remedy

    @contextmanager
    def trying(self) -> Iterator[None]:
        """Take a refusal down instead of letting it through; that there is one, a step must look for."""
        try:
            yield
        except RollbackError as error:
            self._refused = error
            if self._heard is not None:
                self._heard(error)


def _open() -> None:
    """Nobody keeps the list: whoever is on call may begin."""


def asked_for(answer: T | None, what: str) -> T:
    """`answer`, or what a scenario gets wrong that asks for it too early."""
    if answer is None:
        raise LookupError(f"Nothing has been {what} in this scenario yet.")
    return answer
