"""What would make a rehearsal play something other than what its feature says."""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING, Final, NamedTuple, cast

from gherkin.errors import CompositeParserException, ParserException, UnexpectedTokenException
from gherkin.parser import Parser

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping
    from pathlib import Path

    from gherkin.parser_types import (
        Background,
        BackgroundEnvelope,
        Envelope,
        Examples,
        Feature,
        GherkinDocument,
        Rule,
        RuleEnvelope,
        Scenario,
        ScenarioEnvelope,
        Step,
        TableRow,
        Tag,
    )

_PLACEHOLDER: Final = re.compile(r"<(.+?)>")
_FIRST: Final = ("Context", "Action", "Outcome")
OUTLINES: Final = ("scenario outline", "scenario template")
"""The keywords of a scenario that is played once for each row of its examples."""

ENVIRONMENT: Final = "environment"
"""The column of examples that says which environment a row is about."""

_TOKENS: Final = {
    "#FeatureLine": "Feature:",
    "#RuleLine": "Rule:",
    "#BackgroundLine": "Background:",
    "#ScenarioLine": "Scenario:",
    "#ExamplesLine": "Examples:",
    "#StepLine": "a step",
    "#TableRow": "a row of a table",
    "#TagLine": "a tag",
    "#DocStringSeparator": 'a text between """',
}


class Problem(NamedTuple):
    """Something wrong with a feature: the line it is in, and a sentence about it."""

    line: int
    sentence: str


class Unreadable(Exception):
    """The feature isn't Gherkin; `problems` says where and why."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__(problems)
        self.problems = problems


def read_document(path: Path) -> GherkinDocument:
    """What gherkin-official reads in the feature at `path`.

    Raises:
        Unreadable: it isn't UTF-8, isn't Gherkin, or holds no feature.
    """
    try:
        document = Parser().parse(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise Unreadable(Problem(1, f"The feature can't be read as UTF-8: {error}.")) from None
    except CompositeParserException as error:
        raise Unreadable(*(_syntax(each) for each in error.errors)) from None
    except ParserException as error:
        raise Unreadable(_syntax(error)) from None
    if not document.get("feature"):
        raise Unreadable(Problem(1, "The file is empty: a feature begins with Feature: and its name."))
    return document


def _syntax(error: ParserException) -> Problem:
    line = error.location["line"]
    message = str(error).partition("): ")[2]
    expected = re.findall(r"#\w+", message)
    if not expected:
        return Problem(line, f"This isn't Gherkin: {message}.")
    can = ", ".join(words for token, words in _TOKENS.items() if token in expected)
    seen = (
        f'"{message.partition("got ")[2][1:-1]}"'
        if isinstance(error, UnexpectedTokenException)
        else "The end"
    )
    return Problem(line, f"{seen} can't stand here; what can: {can}.")


def inspect_document(document: GherkinDocument, registered: Collection[str]) -> Iterator[Problem]:
    """What can be seen in the feature alone to be wrong, where only the tags in `registered` may be used."""
    feature = document["feature"]
    line = feature["location"]["line"]
    scenarios = list(scenarios_of(feature))
    if not feature["name"]:
        yield Problem(line, "The feature has no name.")
    if not scenarios:
        yield Problem(line, "The feature has no scenario, so nothing in it would be rehearsed.")
    yield from _namesakes(scenarios)
    yield from _unregistered(_tags(feature), registered)
    for steps in _step_lists(feature):
        yield from _beginning(steps)
    for child in _children(feature):
        if "background" in child:
            yield from _background(cast("BackgroundEnvelope", child)["background"])
    for scenario in scenarios:
        yield from _scenario(scenario)


def scenarios_of(feature: Feature) -> Iterator[Scenario]:
    """All scenarios of `feature`, those inside of rules too, in their order."""
    for child in _children(feature):
        if "scenario" in child:
            yield cast("ScenarioEnvelope", child)["scenario"]


def environments_of(document: GherkinDocument) -> Mapping[str, int]:
    """Each environment that the examples are about, and the line where it is first named."""
    found: dict[str, int] = {}
    for scenario in scenarios_of(document["feature"]):
        for examples in scenario["examples"]:
            header = _columns(examples)
            if ENVIRONMENT in header:
                at = header.index(ENVIRONMENT)
                for row in examples["tableBody"]:
                    found.setdefault(row["cells"][at]["value"], row["location"]["line"])
    return found


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The one of `known` that `word` was probably meant to be."""
    return next(iter(difflib.get_close_matches(word, list(known), n=1)), None)


def _rules(feature: Feature) -> Iterator[Rule]:
    for child in feature["children"]:
        if "rule" in child:
            yield cast("RuleEnvelope", child)["rule"]


def _children(feature: Feature) -> Iterator[Envelope]:
    """The backgrounds and scenarios of `feature`, those inside of rules in the place of the rule."""
    for child in feature["children"]:
        yield from cast("RuleEnvelope", child)["rule"]["children"] if "rule" in child else (child,)


def _step_lists(feature: Feature) -> Iterator[list[Step]]:
    for child in _children(feature):
        if "background" in child:
            yield cast("BackgroundEnvelope", child)["background"]["steps"]
    for scenario in scenarios_of(feature):
        yield scenario["steps"]


def _tags(feature: Feature) -> Iterator[Tag]:
    yield from feature["tags"]
    for rule in _rules(feature):
        yield from rule["tags"]
    for scenario in scenarios_of(feature):
        yield from scenario["tags"]
        for examples in scenario["examples"]:
            yield from examples["tags"]


def _columns(examples: Examples) -> list[str]:
    """The header of a table of examples, which may be missing altogether."""
    header = cast("Mapping[str, TableRow]", examples).get("tableHeader")
    return [cell["value"] for cell in header["cells"]] if header else []


def _namesakes(scenarios: list[Scenario]) -> Iterator[Problem]:
    first: dict[str, int] = {}
    for scenario in scenarios:
        name, line = scenario["name"], scenario["location"]["line"]
        if name and first.setdefault(name, line) != line:
            yield Problem(
                line,
                f'The scenario in line {first[name]} is called "{name}" too, and only one of them would be rehearsed. '
                "Give each a name of its own.",
            )


def _unregistered(tags: Iterable[Tag], registered: Collection[str]) -> Iterator[Problem]:
    for tag in tags:
        name = tag["name"].removeprefix("@")
        if name not in registered:
            near = nearest(name, registered)
            remedy = f"Did you mean @{near}?" if near else "New tags belong into rehearsal/tags.py."
            yield Problem(tag["location"]["line"], f"The tag @{name} is not registered. {remedy}")


def _beginning(steps: list[Step]) -> Iterator[Problem]:
    if steps and steps[0]["keywordType"] not in _FIRST:
        said = f"{steps[0]['keyword']}{steps[0]['text']}"
        yield Problem(
            steps[0]["location"]["line"], f'The first step, "{said}", has to be a Given, a When or a Then.'
        )


def _background(background: Background) -> Iterator[Problem]:
    for step in background["steps"]:
        for placeholder in _placeholders(step):
            yield Problem(
                step["location"]["line"],
                f"The background uses <{placeholder}>, but examples fill in only the steps of their own scenario.",
            )


def _scenario(scenario: Scenario) -> Iterator[Problem]:
    name, line = scenario["name"], scenario["location"]["line"]
    if not name:
        yield Problem(line, "The scenario has no name.")
    if not scenario["steps"]:
        aside = " Its text is read as a description." if scenario["description"] else ""
        yield Problem(line, f'The scenario "{name}" has no steps, so it can\'t fail.{aside}')
    for examples in scenario["examples"]:
        yield from _examples(examples, scenario)
    yield from _namesake_rows(scenario)
    if not scenario["examples"] and scenario["keyword"].lower() in OUTLINES:
        yield Problem(line, f'The outline "{name}" has no examples.')


def _examples(examples: Examples, scenario: Scenario) -> Iterator[Problem]:
    line = examples["location"]["line"]
    columns = _columns(examples)
    if not columns or not examples["tableBody"]:
        yield Problem(
            line, f'The examples of "{scenario["name"]}" have no rows, so nothing would be rehearsed.'
        )
        return
    for column in sorted({each for each in columns if columns.count(each) > 1}):
        yield Problem(line, f"The examples have two columns called {column}.")
    used = [(scenario["location"]["line"], "name", each) for each in _PLACEHOLDER.findall(scenario["name"])]
    used += [
        (step["location"]["line"], "step", each) for step in scenario["steps"] for each in _placeholders(step)
    ]
    for place, what, placeholder in used:
        if placeholder not in columns:
            near = nearest(placeholder, columns)
            remedy = f" Did you mean <{near}>?" if near else ""
            yield Problem(
                place,
                f"The {what} uses <{placeholder}>, but the examples in line {line} have no such column.{remedy}",
            )


def _placeholders(step: Step) -> Iterable[str]:
    """What a step leaves to the examples, each once."""
    return dict.fromkeys(_PLACEHOLDER.findall("\n".join(_texts(step))))


def _texts(step: Step) -> Iterator[str]:
    """Everything in a step that examples fill in."""
    yield step["text"]
    if doc_string := step.get("docString"):
        yield doc_string["content"]
    if table := step.get("dataTable"):
        for row in table["rows"]:
            yield from (cell["value"] for cell in row["cells"])


def _namesake_rows(scenario: Scenario) -> Iterator[Problem]:
    first: dict[str, int] = {}
    for examples in scenario["examples"]:
        for row in examples["tableBody"]:
            line = row["location"]["line"]
            values = "-".join(cell["value"] for cell in row["cells"])
            if first.setdefault(values, line) != line:
                yield Problem(line, f"This example reads like the one in line {first[values]}, {values}.")
