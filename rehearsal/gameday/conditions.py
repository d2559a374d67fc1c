"""The steps of a scenario, divided: what is played, what the person does, and what is asked of the world."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from inspect import signature
from typing import TYPE_CHECKING, Any

from pytest_bdd.compat import inject_fixture
from pytest_bdd.scenario import get_step_function, parse_step_arguments
from pytest_bdd.utils import get_required_args

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    import pytest
    from pytest_bdd.parser import Step


class ToolsOwn(Exception):
    """A step speaks of what the tool has planned, done or said, and in a game there is none."""


@dataclass(frozen=True, slots=True)
class Parts:
    """The steps of a scenario.

    Attributes:
        prelude: those before the first When, which break the world.
        whens: what the person does instead.
        thens: those after the last When.
    """

    prelude: tuple[Step, ...]
    whens: tuple[Step, ...]
    thens: tuple[Step, ...]

    @classmethod
    def of(cls, steps: Sequence[Step]) -> Parts:
        """Divide `steps`; what stands between two Whens belongs to neither side."""
        whens = [place for place, step in enumerate(steps) if step.type == "when"]
        first, last = (whens[0], whens[-1]) if whens else (len(steps), len(steps))
        return cls(
            tuple(steps[:first]),
            tuple(step for step in steps[first : last + 1] if step.type == "when"),
            tuple(steps[last + 1 :]),
        )


@dataclass(frozen=True, slots=True)
class Condition:
    """Something that has to hold of the world.

    Attributes:
        text: the sentence.
        ask: raises where it doesn't hold.
    """

    text: str
    ask: Callable[[], object]

    def trouble(self) -> str:
        """Why it doesn't hold, in a line; empty where it does."""
        try:
            self.ask()
        except Exception as error:  # noqa: BLE001 - a world in disorder may answer anything, and that is no proof
            return f"{type(error).__name__}: {error}".partition("\n")[0]
        return ""


def perform(request: pytest.FixtureRequest, step: Step) -> None:
    """Play a step, as pytest-bdd does, and tell nobody."""
    context = get_step_function(request=request, step=step)
    value = bound(request, step)()
    if context is not None and context.target_fixture is not None:
        inject_fixture(request, context.target_fixture, value)


def bound(request: pytest.FixtureRequest, step: Step) -> Callable[[], Any]:
    """The function of a step with all that it is given, ready to be called any number of times."""
    context = get_step_function(request=request, step=step)
    if context is None:
        raise LookupError(f"No step says {step.name!r}.")
    wanted = signature(context.step_func).parameters
    given = {
        name: value
        for name, value in parse_step_arguments(step=step, context=context).items()
        if name in wanted
    }
    given |= {
        name: request.getfixturevalue(name)
        for name in get_required_args(context.step_func)
        if name not in given
    }
    return partial(context.step_func, **given)


def conditions(
    request: pytest.FixtureRequest, steps: Iterable[Step], *, slow: Iterable[str] = ()
) -> tuple[Condition, ...]:
    """What can be asked of the world again and again: all but what is the tool's own, and what takes time.

    Args:
        request: of the test.
        steps: the Thens.
        slow: the sentences that have let time pass when the tool was asked them.
    """
    found: list[Condition] = []
    for step in steps:
        if step.name in slow:
            continue
        try:
            found.append(Condition(step.name, bound(request, step)))
        except ToolsOwn:
            continue
    return tuple(found)
