"""The runbook's text as it is read, not as it was played: features, scenarios, and what is played of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rehearsal.strictness import ENVIRONMENT

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True, kw_only=True)
class StepWords:
    """A step.

    Attributes:
        keyword: as it is written, ``Given`` or ``And``.
        text: what follows it.
        details: the table or the text below it, line by line.
        kind: ``Context``, ``Action``, ``Outcome`` or ``Unknown``, whatever the keyword is.
    """

    keyword: str
    text: str
    details: tuple[str, ...] = ()
    kind: str = "Unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Playable:
    """A scenario, or one row of its examples: what is played.

    Attributes:
        line: where it stands; that of the row, where it is one.
        name: with the values of the row.
        example: the row, as pairs of column and value.
        tags: all that apply to it, without their ``@``.
        steps: with the values of the row, those of the backgrounds first.
        text: what tells it from any other wording: a hash of its name and its steps.
    """

    line: int
    name: str
    example: tuple[tuple[str, str], ...]
    tags: tuple[str, ...]
    steps: tuple[StepWords, ...]
    text: str

    @property
    def environment(self) -> str:
        """The environment that the row names, or empty: then it is played for that of the run."""
        return dict(self.example).get(ENVIRONMENT, "")


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioText:
    """A scenario, or an outline.

    Attributes:
        line: where it stands.
        name: with the placeholders of an outline.
        prose: its description, a paragraph each.
        rule: the name of the rule that it stands under, or empty.
        steps: its own, with the placeholders.
        playables: what is played of it.
    """

    line: int
    name: str
    prose: tuple[str, ...]
    rule: str
    steps: tuple[StepWords, ...]
    playables: tuple[Playable, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Feature:
    """A chapter's text.

    Attributes:
        uri: relative to the project.
        digest: the SHA-256 of the text.
        title: its name.
        tags: its own, without their ``@``.
        prose: its description without what follows, a paragraph each.
        when_to_use: its sentences that begin with "Use it when".
        symptoms: what its paragraph that begins with "Symptoms:" names.
        rules: pairs of a rule's name and its prose.
        background: the steps that each of its scenarios begins with.
        scenarios: in order.
    """

    uri: str
    digest: str
    title: str
    tags: tuple[str, ...]
    prose: tuple[str, ...]
    when_to_use: str
    symptoms: tuple[str, ...]
    rules: tuple[tuple[str, tuple[str, ...]], ...]
    background: tuple[StepWords, ...]
    scenarios: tuple[ScenarioText, ...]

    @property
    def playables(self) -> Iterator[Playable]:
        """All that is played of it, in order."""
        for scenario in self.scenarios:
            yield from scenario.playables
