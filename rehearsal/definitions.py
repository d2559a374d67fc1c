"""The step definitions that a feature sees, and whether each of its steps has exactly one."""

from __future__ import annotations

import inspect
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pytest
from pytest_bdd.compat import get_fixture_names, getfixturedefs
from pytest_bdd.steps import StepNamePrefix, step_function_context_registry

from rehearsal.strictness import OUTLINES, Problem, nearest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from pytest_bdd.parser import Feature, ScenarioTemplate, Step
    from pytest_bdd.parsers import StepParser

_CATALOGUES: Final = pytest.StashKey["dict[tuple[int, ...], Definitions]"]()


@dataclass(frozen=True, slots=True)
class Definition:
    """A sentence, and the function that plays it.

    Attributes:
        type: ``given``, ``when`` or ``then``, or None where the sentence may follow any of them.
        parser: what tells whether a step is this sentence.
        function: what plays the step.
    """

    type: str | None
    parser: StepParser
    function: Callable[..., object]

    def place(self, root: Path) -> str:
        """File and line of the function, from `root`."""
        code = inspect.unwrap(self.function).__code__
        return f"{os.path.relpath(code.co_filename, root)}:{code.co_firstlineno}"

    @property
    def is_async(self) -> bool:
        """Whether calling the function only makes something that has to be awaited."""
        return inspect.iscoroutinefunction(self.function) or inspect.isasyncgenfunction(self.function)

    def takes(self, argument: str) -> bool:
        """Whether the function has a parameter called `argument`."""
        return argument in inspect.signature(self.function).parameters


class Definitions:
    """The step definitions that are in sight of a feature.

    Matching is what costs time, so each text is matched once, and all features that see the same
    definitions share one catalogue.
    """

    def __init__(self, definitions: Iterable[Definition], root: Path) -> None:
        self._all = tuple(definitions)
        self._root = root
        self._found: dict[tuple[str, str], tuple[Definition, ...]] = {}

    @classmethod
    def seen_by(cls, node: pytest.Collector) -> Definitions:
        """The definitions that pytest-bdd would look through for a step below `node`."""
        manager = node.session._fixturemanager  # noqa: SLF001 - pytest has no public list of fixtures
        prefix = StepNamePrefix.step_def.value
        contexts = {
            id(context): context
            for name in get_fixture_names(manager)
            if name.startswith(prefix)
            for fixture in getfixturedefs(manager, name, node) or ()
            if (context := step_function_context_registry.get(fixture.func)) is not None
        }
        known = node.config.stash.setdefault(_CATALOGUES, {})
        if (catalogue := known.get(tuple(contexts))) is None:
            definitions = (Definition(c.type, c.parser, c.step_func) for c in contexts.values())
            catalogue = known[tuple(contexts)] = cls(definitions, node.config.rootpath)
        return catalogue

    def inspect(self, feature: Feature) -> Iterator[Problem]:
        """What keeps the steps of `feature` from being played as they read."""
        seen: set[tuple[int, str]] = set()
        for template in feature.scenarios.values():
            for row in _rows(template):
                for step in template.render(row).steps:
                    problem = self._inspect(step)
                    if problem and (problem.line, problem.sentence) not in seen:
                        seen.add((problem.line, problem.sentence))
                        yield problem

    def matching(self, step: Step) -> tuple[Definition, ...]:
        """The definitions that `step` could mean."""
        key = (step.type, step.name)
        if key not in self._found:
            self._found[key] = tuple(
                each
                for each in self._all
                if each.type in (None, step.type) and each.parser.is_matching(step.name)
            )
        return self._found[key]

    def _inspect(self, step: Step) -> Problem | None:
        said = f'The step "{step.type.capitalize()} {step.name}"'
        match self.matching(step):
            case ():
                return Problem(
                    step.line_number, f"{said} has no definition. {self._instead_of(step)}".rstrip()
                )
            case (one,):
                wrong = self._misplayed(one, step)
                return Problem(step.line_number, f"{said} {wrong}") if wrong else None
            case several:
                which = " and ".join(self._quoted(each) for each in several)
                return Problem(
                    step.line_number, f"{said} matches {len(several)} definitions: {which}. Reword one."
                )

    def _misplayed(self, definition: Definition, step: Step) -> str:
        if definition.is_async:
            place = definition.place(self._root)
            return f"is played by an async function ({place}), which nobody would await. Make it a plain one."
        for argument, what in (("datatable", "table"), ("docstring", "text")):
            if getattr(step, argument) is not None and not definition.takes(argument):
                place = definition.place(self._root)
                return (
                    f"brings a {what} that its definition ({place}) doesn't look at. "
                    f"Remove it, or take it as the argument {argument}."
                )
        return ""

    def _instead_of(self, step: Step) -> str:
        """The sentence that was probably meant."""
        for definition in self._all:
            if definition.type not in (None, step.type) and definition.parser.is_matching(step.name):
                return f"There is one for another keyword: {self._quoted(definition)}."
        sentences = {each.parser.name: each for each in self._all if each.type in (None, step.type)}
        near = nearest(step.name, sentences)
        return f"Did you mean {self._quoted(sentences[near])}?" if near else ""

    def _quoted(self, definition: Definition) -> str:
        keyword = f"{definition.type.capitalize()} " if definition.type else ""
        return f'"{keyword}{definition.parser.name}" ({definition.place(self._root)})'


def _rows(template: ScenarioTemplate) -> list[dict[str, str]]:
    """What the placeholders of a scenario stand for, each time that it is played."""
    if not template.templated and template.keyword.lower() not in OUTLINES:
        return [{}]
    return [row for examples in template.examples for row in examples.as_contexts()]
