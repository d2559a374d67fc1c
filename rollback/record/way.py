"""What a way back is to whoever goes on with its journal, and those that are known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from rollback._text import quoted
from rollback.errors import JournalError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from rollback.access import Access
    from rollback.environment import Environment
    from rollback.journal import Json
    from rollback.plan import Ended, Plan
    from rollback.record.model import Begun

P = TypeVar("P", bound="Plan")
Step: TypeAlias = "Callable[[Environment, Access, Begun], Ended]"
Planner: TypeAlias = "Callable[[Environment, Access, Begun], Ready | None]"


@dataclass(frozen=True, slots=True)
class Ready:
    """A plan, and what applies just this one.

    Attributes:
        plan: what would be done.
        apply: does it; looks once more whether the world is as planned.
    """

    plan: Plan
    apply: Callable[[Environment, Access], Ended]


def ready(plan: P, apply: Callable[[Environment, Access, P], Ended]) -> Ready:
    """A plan with the `apply` of its way."""
    return Ready(plan, lambda environment, access: apply(environment, access, plan))


def _unplanned(_: Environment, __: Access, ___: Begun) -> None:
    """No plan can be made of it."""


@dataclass(frozen=True, slots=True)
class Way:
    """A way back.

    Attributes:
        name: as journals have it.
        title: what people call it.
        resume: finishes it from wherever it broke off.
        undo: takes it back.
        plans_resume: what `resume` would do now, if it would plan; None where it follows what has begun.
        plans_undo: what `undo` would do now; None where no plan of it can be made yet.
        resumes: what `resume` does where it has no plan, as a sentence.
        undoes: what `undo` does where it has no plan, as a sentence.
    """

    name: str
    title: str
    resume: Step
    undo: Step
    plans_resume: Planner = _unplanned
    plans_undo: Planner = _unplanned
    resumes: str = "It is gone on with from where its journal breaks off."
    undoes: str = "The world is taken back to where its journal says it was."


WAYS: dict[str, Way] = {}
"""Those that are known, by their names; `rollback.record` registers all of them."""


def register(way: Way) -> None:
    """Have journals of this way gone on with and taken back."""
    WAYS[way.name] = way


def way_of(begun: Begun) -> Way:
    """The way back that a journal is of.

    Raises:
        JournalError: it isn't known here.
    """
    if begun.way not in WAYS:
        raise JournalError(
            f"This journal is of a way back that isn't known here, {quoted(begun.way)}.",
            remedy="Go on with the version of this tool that wrote it.",
        )
    return WAYS[begun.way]


def text(asked: Mapping[str, Json], key: str) -> str:
    """What was asked for under `key`.

    Raises:
        JournalError: the journal doesn't say.
    """
    found = asked.get(key)
    if not isinstance(found, str):
        raise JournalError(
            "The journal doesn't say what was asked for, and nothing was changed.", remedy="Make a new plan."
        )
    return found
