"""Collect `.feature` files as test modules, so that a path, a name or a tag selects what it says."""

from __future__ import annotations

import os
from types import ModuleType
from typing import TYPE_CHECKING

import pytest
from pytest_bdd import feature as bdd_feature
from pytest_bdd.gherkin_parser import GherkinDocument
from pytest_bdd.parser import FeatureParser, ScenarioTemplate
from pytest_bdd.scenario import get_python_name_generator, scenario, scenario_wrapper_template_registry

from rehearsal.strictness import inspect_feature

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path
    from typing import Any

    from pytest_bdd.parser import Feature


class FeatureFile(pytest.Module):
    """A feature, whose scenarios are its tests."""

    def collect(self) -> Iterable[pytest.Item | pytest.Collector]:
        """A test for each scenario and for each row of examples.

        Raises:
            CollectError: a sentence for each thing in the feature that would not be rehearsed as it reads.
        """
        inspected = inspect_feature(self)
        if inspected.problems:
            raise self.CollectError("\n".join(inspected.problems))
        feature = _Parser(self.path, inspected.document).parse()
        self.obj = _module(feature)
        where = os.path.relpath(self.path, self.config.rootpath)
        for item in super().collect():
            template = template_of(item)
            if isinstance(item, pytest.Item) and template is not None:
                item.location = (where, template.line_number - 1, item.name)
                item.extra_keyword_matches.update((feature.name, template.name))
            yield item


class _Parser(FeatureParser):
    """pytest-bdd's parser, on a document that has been read already: reading is what costs time."""

    def __init__(self, path: Path, document: Mapping[str, Any]) -> None:
        super().__init__(str(path.parent), path.name)
        self._document = document

    def _parse_feature_file(self) -> GherkinDocument:
        return GherkinDocument.from_dict(self._document)


def template_of(item: pytest.Item | pytest.Collector) -> ScenarioTemplate | None:
    """The scenario that `item` plays, or None where it plays none."""
    return (
        scenario_wrapper_template_registry.get(item.function) if isinstance(item, pytest.Function) else None
    )


def example_of(item: pytest.Item) -> Mapping[str, str]:
    """The row of examples that `item` plays: column to value, empty where there is none."""
    callspec = getattr(item, "callspec", None)
    return {} if callspec is None else callspec.params.get("_pytest_bdd_example", {})


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
