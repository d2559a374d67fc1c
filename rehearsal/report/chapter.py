"""Makes the page of a chapter: its text, and of each scenario the newest play."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from rehearsal.report.by_hand import expected_of, lines_of, refusals_of
from rehearsal.report.chapter_views import (
    ChapterPage,
    PlayView,
    RuleView,
    ScenarioView,
    StepText,
    StepView,
)
from rehearsal.report.phrases import heading

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from rehearsal.report.model import Played, PlayedStep
    from rehearsal.report.plays import Newest, Play
    from rehearsal.report.standing import Known
    from rehearsal.report.views import Row
    from rehearsal.report.wording import Feature, ScenarioText, StepWords

_UNSAFE: Final = re.compile(r"[^a-z0-9]+")
_LONGEST: Final = 100
"""How long a name may be that an address is made of."""


class Names:
    """Gives names that are safe in an address or as a file, each only once.

    Args:
        taken: those that nobody gets.
    """

    def __init__(self, *taken: str) -> None:
        self._taken = set(taken)

    def of(self, text: str) -> str:
        """A name made of `text`."""
        name = _UNSAFE.sub("-", text.lower()).strip("-")[:_LONGEST].strip("-") or "x"
        free, number = name, 2
        while free in self._taken:
            free, number = f"{name}-{number}", number + 1
        self._taken.add(free)
        return free


def page(
    feature: Feature,
    slug: str,
    chapters: Sequence[tuple[Known, Row]],
    *,
    full: Callable[[Play], Played],
    tag: str,
    now: datetime,
) -> ChapterPage:
    """The page of `feature`.

    Args:
        feature: its text.
        slug: what it is called.
        chapters: how it stands for each environment, the default one first.
        full: gives the same play with its steps and evidence.
        tag: that of its part of the runbook.
        now: when it is made.
    """
    names = Names("symptoms", "main")
    newest: dict[int, list[tuple[Known, Newest]]] = {}
    order = {known.environment: place for place, (known, _) in enumerate(chapters)}
    for known, _ in chapters:
        for each in known.scenarios:
            newest.setdefault(each.playable.line, []).append((known, each))
    scenarios = [
        (scenario, _scenario(feature, scenario, newest, names, order=order, full=full, now=now))
        for scenario in feature.scenarios
    ]
    rules = [("", ()), *feature.rules]
    return ChapterPage(
        slug=slug,
        title=feature.title,
        uri=feature.uri,
        tag=tag,
        tags=feature.tags,
        prose=feature.prose,
        when_to_use=feature.when_to_use,
        symptoms=feature.symptoms,
        rules=tuple(_rules(rules, scenarios, names)),
        rows=tuple(row for _, row in chapters),
        background=tuple(map(_text, feature.background)),
    )


def _rules(
    rules: Iterable[tuple[str, tuple[str, ...]]],
    scenarios: Sequence[tuple[ScenarioText, ScenarioView]],
    names: Names,
) -> Iterator[RuleView]:
    for name, prose in rules:
        found = tuple(view for scenario, view in scenarios if scenario.rule == name)
        if found:
            anchor = names.of(f"rule {name}") if name else ""
            yield RuleView(name=name, anchor=anchor, prose=prose, scenarios=found)


def _scenario(
    feature: Feature,
    scenario: ScenarioText,
    newest: Mapping[int, Sequence[tuple[Known, Newest]]],
    names: Names,
    *,
    order: Mapping[str, int],
    full: Callable[[Play], Played],
    now: datetime,
) -> ScenarioView:
    anchor = names.of(scenario.name)
    known = [each for playable in scenario.playables for each in newest.get(playable.line, ())]
    known.sort(key=lambda each: order[each[0].environment])
    return ScenarioView(
        anchor=anchor,
        name=heading(scenario.name) if any(each.example for each in scenario.playables) else scenario.name,
        prose=scenario.prose,
        tags=scenario.playables[0].tags if scenario.playables else feature.tags,
        steps=tuple(map(_text, scenario.steps)),
        plays=tuple(
            _play(each.environment, play, full(play), names.of(f"{anchor}-{each.environment}"), now)
            for each, newest in known
            if (play := newest.shown) is not None
        ),
    )


def _play(environment: str, play: Play, played: Played, anchor: str, now: datetime) -> PlayView:
    return PlayView(
        anchor=anchor,
        environment=environment,
        name=played.name,
        example=played.example,
        outcome=played.outcome,
        message=played.message,
        at=played.began,
        age_seconds=max(0.0, (now - played.began).total_seconds()),
        stage=play.stage,
        seconds=played.seconds,
        steps=tuple(map(_step, played.steps)),
        timings=played.timings,
        rollout=played.rollout,
        versions=played.versions,
        other_text=not play.same,
    )


def _step(step: PlayedStep) -> StepView:
    return StepView(
        keyword=step.keyword,
        text=step.text,
        details=step.details,
        outcome=step.outcome,
        seconds=step.seconds,
        message=step.message,
        by_hand=lines_of(step),
        expected=expected_of(step),
        refusals=refusals_of(step),
        evidence=step.evidence,
        left_out=step.left_out,
    )


def _text(step: StepWords) -> StepText:
    return StepText(keyword=step.keyword, text=step.text, details=step.details)
