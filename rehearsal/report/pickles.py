"""The features of a run as messages, and which pickle a played scenario is."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from gherkin.stream.gherkin_events import GherkinEvents

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from rehearsal.story import ScenarioStory

_GHERKIN: Final = "text/x.cucumber.gherkin+plain"

Envelope = dict[str, Any]
"""A message as it is written."""
_Example = tuple[tuple[str, str], ...]


@dataclass(slots=True)
class _Feature:
    """The pickles of a feature, by the line of the scenario and its row of examples."""

    pickles: dict[tuple[int, _Example], list[Envelope]] = field(default_factory=dict)
    given: dict[tuple[int, _Example], int] = field(default_factory=dict)


class Pickles:
    """Reads each feature when it is first played. Ids are unique in the run, as the protocol wants.

    Args:
        root: what the paths of stories are relative to.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._events = GherkinEvents(
            GherkinEvents.Options(print_source=True, print_ast=True, print_pickles=True)
        )
        self._features: dict[str, _Feature] = {}

    def read(self, path: str) -> list[Envelope]:
        """`source`, `gherkinDocument` and `pickle`s of the feature at `path`; nothing if they were given before.

        Raises:
            OSError: it can't be read any more.
            ValueError: nor as UTF-8, or it isn't Gherkin any more.
        """
        if path in self._features:
            return []
        text = (self._root / path).read_text("utf-8")
        source: Any = {"uri": path, "data": text, "mediaType": _GHERKIN}
        envelopes: list[Envelope] = [dict(each) for each in self._events.enum({"source": source})]
        if broken := [each["parseError"]["message"] for each in envelopes if "parseError" in each]:
            raise ValueError(broken[0])
        feature = self._features[path] = _Feature()
        places: dict[str, tuple[int, _Example]] = {}
        for envelope in envelopes:
            if (document := envelope.get("gherkinDocument")) is not None:
                places = dict(_places(document["feature"]["children"]))
            elif (pickle := envelope.get("pickle")) is not None:
                feature.pickles.setdefault(places[pickle["astNodeIds"][-1]], []).append(pickle)
        return envelopes

    def of(self, story: ScenarioStory) -> Envelope:
        """The pickle that `story` has played. Of equal rows of examples, the next one at each call."""
        feature, place = self._features[story.path], (story.line, story.example)
        equal = feature.pickles[place]
        number = feature.given.get(place, 0)
        feature.given[place] = number + 1
        return equal[number % len(equal)]


def _places(children: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, tuple[int, _Example]]]:
    """The last of a pickle's nodes: a scenario's id, or that of a row; and the line and the example it stands for."""
    for child in children:
        if "rule" in child:
            yield from _places(child["rule"]["children"])
        elif "scenario" in child:
            scenario = child["scenario"]
            line = scenario["location"]["line"]
            yield scenario["id"], (line, ())
            for table in scenario["examples"]:
                names = [cell["value"] for cell in table.get("tableHeader", {}).get("cells", ())]
                for row in table.get("tableBody", ()):
                    values = [cell["value"] for cell in row["cells"]]
                    yield row["id"], (line, tuple(zip(names, values, strict=True)))
