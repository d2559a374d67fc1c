"""Reads the runbook's text."""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, Final, cast

from gherkin.errors import CompositeParserException, ParserException
from gherkin.parser import Parser
from gherkin.pickles.compiler import Compiler

from rehearsal.report.wording import Feature, Playable, ScenarioText, StepWords
from rehearsal.story import table_lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from gherkin.pickles.compiler import GherkinDocumentWithURI

SYMPTOMS: Final = "Symptoms:"
"""What the paragraph of a description begins with that names symptoms, with semicolons between them."""
USE: Final = "Use it when "
"""What the sentence of a description begins with that says when the chapter is needed."""
_SENTENCE: Final = re.compile(r"(?<=[.!?])\s+(?=[A-Z])")


def digest_of(text: str) -> str:
    """What tells a feature's text from any other."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def read_features(root: Path, folder: Path) -> tuple[tuple[Feature, ...], tuple[str, ...]]:
    """The features below `folder`, by their path, and a sentence for each that can't be read.

    Args:
        root: the project, which their names are relative to.
        folder: where they are.
    """
    found: list[Feature] = []
    troubles: list[str] = []
    for path in sorted(folder.rglob("*.feature")):
        uri = relative(path, root)
        try:
            found.append(parse(path.read_text("utf-8"), uri))
        except (OSError, ValueError) as error:
            troubles.append(f"{uri} can't be read, so its chapter is missing: {error}.")
    return tuple(found), tuple(troubles)


def relative(path: Path, root: Path) -> str:
    """The path as it is seen from `root`, with slashes."""
    return PurePath(os.path.relpath(path, root)).as_posix()


def parse(text: str, uri: str) -> Feature:
    """The feature that `text` is.

    Raises:
        ValueError: it isn't Gherkin, or holds no feature.
    """
    try:
        document: dict[str, Any] = dict(Parser().parse(text))
        pickles = Compiler().compile(cast("GherkinDocumentWithURI", document | {"uri": uri}))
    except (CompositeParserException, ParserException) as error:
        raise ValueError(f"it isn't Gherkin ({str(error).splitlines()[-1]})") from None
    feature = document.get("feature")
    if not feature:
        raise ValueError("it holds no feature")
    prose, use, symptoms = _description(feature["description"])
    return Feature(
        uri=uri,
        digest=digest_of(text),
        title=feature["name"],
        tags=_tags(feature["tags"]),
        prose=prose,
        when_to_use=use,
        symptoms=symptoms,
        rules=tuple(
            (each["rule"]["name"], _paragraphs(each["rule"]["description"]))
            for each in feature["children"]
            if "rule" in each
        ),
        background=tuple(_background(feature["children"])),
        scenarios=tuple(_scenarios(feature["children"], _by_scenario(pickles), "")),
    )


def _description(text: str) -> tuple[tuple[str, ...], str, tuple[str, ...]]:
    """The prose, when to use it, and the symptoms."""
    prose: list[str] = []
    use: list[str] = []
    symptoms: list[str] = []
    for paragraph in _paragraphs(text):
        if paragraph.startswith(SYMPTOMS):
            listed = paragraph.removeprefix(SYMPTOMS).removesuffix(".")
            symptoms += filter(None, (each.strip() for each in listed.split(";")))
            continue
        sentences = _SENTENCE.split(paragraph)
        use += (each for each in sentences if each.startswith(USE))
        if rest := " ".join(each for each in sentences if not each.startswith(USE)):
            prose.append(rest)
    return tuple(prose), " ".join(use), tuple(symptoms)


def _paragraphs(text: str) -> tuple[str, ...]:
    """What is divided by empty lines, each on one line; a line that names symptoms begins one, too."""
    found: list[list[str]] = [[]]
    for line in text.splitlines():
        stripped = line.strip()
        if not stripped or stripped.startswith(SYMPTOMS):
            found.append([])
        if stripped:
            found[-1].append(stripped)
    return tuple(" ".join(lines) for lines in found if lines)


def _tags(tags: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(str(tag["name"]).removeprefix("@") for tag in tags))


def _background(children: Iterable[Mapping[str, Any]]) -> Iterator[StepWords]:
    for child in children:
        if "background" in child:
            yield from map(_step, child["background"]["steps"])


def _by_scenario(pickles: Iterable[Mapping[str, Any]]) -> Mapping[str, list[Mapping[str, Any]]]:
    found: dict[str, list[Mapping[str, Any]]] = {}
    for pickle in pickles:
        found.setdefault(pickle["astNodeIds"][0], []).append(pickle)
    return found


def _scenarios(
    children: Sequence[Mapping[str, Any]], pickles: Mapping[str, list[Mapping[str, Any]]], rule: str
) -> Iterator[ScenarioText]:
    for child in children:
        if "rule" in child:
            yield from _scenarios(child["rule"]["children"], pickles, child["rule"]["name"])
        elif "scenario" in child:
            yield _scenario(child["scenario"], pickles, rule)


def _scenario(
    scenario: Mapping[str, Any], pickles: Mapping[str, list[Mapping[str, Any]]], rule: str
) -> ScenarioText:
    rows = {row["id"]: example for row, example in _rows(scenario["examples"])}
    own = tuple(map(_step, scenario["steps"]))
    return ScenarioText(
        line=scenario["location"]["line"],
        name=scenario["name"],
        prose=_paragraphs(scenario["description"]),
        rule=rule,
        steps=own,
        playables=tuple(
            _playable(pickle, rows.get(pickle["astNodeIds"][-1], ()), own)
            for pickle in pickles.get(scenario["id"], ())
        ),
    )


def _rows(
    examples: Iterable[Mapping[str, Any]],
) -> Iterator[tuple[Mapping[str, Any], tuple[tuple[str, str], ...]]]:
    for table in examples:
        header = [cell["value"] for cell in table.get("tableHeader", {}).get("cells", ())]
        for row in table.get("tableBody", ()):
            yield row, tuple(zip(header, (cell["value"] for cell in row["cells"]), strict=True))


def _playable(
    pickle: Mapping[str, Any], example: tuple[tuple[str, str], ...], own: tuple[StepWords, ...]
) -> Playable:
    """What is played: a pickle has no keywords, so the own steps lend theirs; those of a background are givens."""
    steps = pickle["steps"]
    before = len(steps) - len(own)
    keywords = [*("Given" if not number else "And" for number in range(before)), *(s.keyword for s in own)]
    played = tuple(
        StepWords(
            keyword=keyword,
            text=step["text"],
            details=_details(step.get("argument", {})),
            kind=step.get("type", "Unknown"),
        )
        for keyword, step in zip(keywords, steps, strict=True)
    )
    words = "\x00".join([pickle["name"], *("\x01".join((step.text, *step.details)) for step in played)])
    return Playable(
        line=pickle["location"]["line"],
        name=pickle["name"],
        example=example,
        tags=_tags(pickle["tags"]),
        steps=played,
        text=digest_of(words)[:16],
    )


def _step(step: Mapping[str, Any]) -> StepWords:
    return StepWords(
        keyword=step["keyword"].strip(),
        text=step["text"],
        details=_details(step),
        kind=step.get("keywordType", "Unknown"),
    )


def _details(step: Mapping[str, Any]) -> tuple[str, ...]:
    """The table or the text below a step, of the document or of a pickle."""
    if table := step.get("dataTable"):
        return table_lines([[cell["value"] for cell in row["cells"]] for row in table["rows"]])
    text = step.get("docString")
    return tuple(text["content"].splitlines()) if text else ()
