"""Collect `.feature` files as test modules, so that a path, a name or a tag selects what it says."""

from __future__ import annotations

import os
import re
from types import ModuleType
from typing import TYPE_CHECKING, NoReturn

import pytest
from gherkin.pickles.compiler import Compiler
from pytest_bdd import feature as bdd_feature
from pytest_bdd.exceptions import GherkinParseError
from pytest_bdd.gherkin_parser import GherkinDocument as BddDocument
from pytest_bdd.parser import FeatureParser, ScenarioTemplate
from pytest_bdd.scenario import get_python_name_generator, scenario, scenario_wrapper_template_registry

from rehearsal.definitions import Definitions
from rehearsal.run import run_of
from rehearsal.strictness import Problem, Unreadable, environments_of, inspect_document, read_document
from rollback.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from gherkin.parser_types import GherkinDocument
    from pytest_bdd.parser import Feature


class FeatureFile(pytest.Module):
    """A feature, whose scenarios are its tests."""

    def collect(self) -> Iterable[pytest.Item | pytest.Collector]:
        """A test for each scenario and for each row of examples.

        Raises:
            CollectError: a sentence for each thing in the feature that would not be rehearsed as it reads.
        """
        feature, pickles = self._read()
        self.obj = _module(feature)
        items = list(super().collect())
        if len(items) != pickles:
            self._fail(
                [Problem(1, f"The feature tells {pickles} scenarios, but {len(items)} would be rehearsed.")]
            )
        for item in items:
            template = template_of(item)
            if isinstance(item, pytest.Item) and template is not None:
                item.location = (self._where, template.line_number - 1, item.name)
                item.extra_keyword_matches.update((feature.name, template.name))
        return items

    @property
    def _where(self) -> str:
        return os.path.relpath(self.path, self.config.rootpath)

    def _read(self) -> tuple[Feature, int]:
        """The feature as pytest-bdd plays it, and how many scenarios gherkin-official finds in it."""
        try:
            document = read_document(self.path)
        except Unreadable as error:
            self._fail(error.problems)
        problems = [
            *inspect_document(document, _registered(self.config)),
            *self._unknown_environments(document),
        ]
        try:
            feature = _Parser(self.path, document).parse()
        except GherkinParseError:
            self._fail(problems)
        known = {line for line, _ in problems}
        problems += (each for each in Definitions.seen_by(self).inspect(feature) if each.line not in known)
        if problems:
            self._fail(problems)
        return feature, len(Compiler().compile({**document, "uri": self._where}))

    def _unknown_environments(self, document: GherkinDocument) -> Iterator[Problem]:
        for name, line in environments_of(document).items():
            try:
                run_of(self.config).environments.get(name)
            except ConfigurationError as error:
                yield Problem(line, str(error))

    def _fail(self, problems: Iterable[Problem]) -> NoReturn:
        raise self.CollectError(
            "\n".join(f"{self._where}:{line}: {sentence}" for line, sentence in sorted(problems))
        )


class _Parser(FeatureParser):
    """pytest-bdd's parser, on a document that has been read already: reading is what costs time."""

    def __init__(self, path: Path, document: GherkinDocument) -> None:
        super().__init__(str(path.parent), path.name)
        self._document = document

    def _parse_feature_file(self) -> BddDocument:
        return BddDocument.from_dict(self._document)


def template_of(item: pytest.Item | pytest.Collector) -> ScenarioTemplate | None:
    """The scenario that `item` plays, or None where it plays none."""
    return (
        scenario_wrapper_template_registry.get(item.function) if isinstance(item, pytest.Function) else None
    )


def example_of(item: pytest.Item) -> Mapping[str, str]:
    """The row of examples that `item` plays: column to value, empty where there is none."""
    callspec = getattr(item, "callspec", None)
    return {} if callspec is None else callspec.params.get("_pytest_bdd_example", {})


def _registered(config: pytest.Config) -> frozenset[str]:
    """The names of all markers, ours and pytest's own."""
    return frozenset(re.split(r"[:(]", line, maxsplit=1)[0].strip() for line in config.getini("markers"))


def _module(feature: Feature) -> ModuleType:
    """A module with a test function for each scenario of `feature`, in the order of the file."""
    bdd_feature.features[feature.filename] = feature
    module = ModuleType(feature.filename, feature.name)
    module.__file__ = feature.filename
    for name in feature.scenarios:
        free = next(n for n in get_python_name_generator(name) if not hasattr(module, n))
        setattr(
            module, free, scenario(feature.filename, name, features_base_dir="")(_nothing_after_the_steps)
        )
    return module


def _nothing_after_the_steps() -> None:
    """All of a scenario is in its steps."""
