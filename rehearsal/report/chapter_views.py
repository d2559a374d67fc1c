"""What the page of a chapter shows, made ready: the other half of `rehearsal.report.views`, with its rules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from rehearsal.report.facts import Evidence, Rollout, StateVersion, Timing
    from rehearsal.report.model import Outcome
    from rehearsal.report.views import Row, Stage


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What a person types, and what answers.

    Attributes:
        command: the line.
        expected: the answer that was seen, for a person; empty where it wasn't run.
        changes: whether it may change something: only what is known to look doesn't.
    """

    command: str
    expected: str = ""
    changes: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """What a rehearsed refusal or fault says.

    Attributes:
        text: what is said.
        remedy: what it advises.
        commands: what it offers to type.
    """

    text: str
    remedy: str = ""
    commands: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StepView:
    """A step of the runbook, as it was played last.

    Attributes:
        keyword: as ``Given``.
        text: what follows it.
        details: the table or the text below it, line by line.
        outcome: how it ended.
        seconds: what it took.
        message: why it failed or was skipped.
        by_hand: what to type to do it by hand; empty for a step that nobody does by hand.
        expected: what was seen to come of it: the sentences of its outcomes and observations.
        refusals: what it refused, and what it said.
        evidence: what was done and seen, in order.
        left_out: what is said of evidence that there was no room for, or empty.
    """

    keyword: str
    text: str
    details: tuple[str, ...] = ()
    outcome: Outcome = "not reached"
    seconds: float = 0.0
    message: str = ""
    by_hand: tuple[Line, ...] = ()
    expected: tuple[str, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    left_out: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlayView:
    """The newest time that a scenario, or one row of its examples, was played for an environment.

    Attributes:
        anchor: unique in its page.
        environment: its name.
        name: of the scenario, with the values of the example.
        example: the row, as pairs of column and value; empty where there are no examples.
        outcome: how it ended.
        message: why it failed or was skipped.
        at: when it began, in real time.
        age_seconds: how long ago that was.
        stage: where.
        seconds: the stage's time that it took.
        steps: as they were played.
        timings: the rollbacks that were timed in it.
        rollout: data of the picture of its tasks, or None.
        versions: data of the picture of the state's versions, or empty.
        other_text: whether it was played by another text than the one that is shown.
    """

    anchor: str
    environment: str
    name: str
    example: tuple[tuple[str, str], ...] = ()
    outcome: Outcome
    message: str = ""
    at: datetime
    age_seconds: float
    stage: Stage
    seconds: float = 0.0
    steps: tuple[StepView, ...] = ()
    timings: tuple[Timing, ...] = ()
    rollout: Rollout | None = None
    versions: tuple[StateVersion, ...] = ()
    other_text: bool = False

    @property
    def refusals(self) -> tuple[Refusal, ...]:
        """What was refused in it."""
        return tuple(refusal for step in self.steps for refusal in step.refusals)


@dataclass(frozen=True, slots=True, kw_only=True)
class StepText:
    """A step as the feature has it, with the placeholders of an outline.

    Attributes:
        keyword: as ``Given``.
        text: what follows it.
        details: the table or the text below it, line by line.
    """

    keyword: str
    text: str
    details: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioView:
    """A scenario of the runbook.

    Attributes:
        anchor: unique in its page.
        name: as the feature has it, with the placeholders of an outline.
        prose: its description, a paragraph each.
        tags: all that apply to it, without their ``@``.
        steps: as the feature has them, those of the background first.
        plays: the newest play of each row of examples and environment, those of the default environment first; empty
            where it was never played.
    """

    anchor: str
    name: str
    prose: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    steps: tuple[StepText, ...] = ()
    plays: tuple[PlayView, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleView:
    """The scenarios under one rule.

    Attributes:
        name: of the rule; empty for scenarios that stand under none.
        anchor: unique in its page; empty where there is no name.
        prose: its description, a paragraph each.
        scenarios: in the order of the feature.
    """

    name: str = ""
    anchor: str = ""
    prose: tuple[str, ...] = ()
    scenarios: tuple[ScenarioView, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ChapterPage:
    """A chapter of the runbook: one feature.

    Attributes:
        slug: what its page is called, without an ending.
        title: the name of the feature.
        uri: the feature, relative to the project.
        tag: the tag of its part of the runbook, as ``ecs``; empty where it has none.
        tags: all of the feature's.
        prose: its description without what follows, a paragraph each.
        when_to_use: the sentences that begin with "Use it when"; empty where there is none.
        symptoms: what somebody sees who needs it.
        rules: its scenarios; those without a rule come first.
        rows: how it stands, for each environment.
        background: the steps that each scenario begins with, as the feature has them.
    """

    slug: str
    title: str
    uri: str
    tag: str = ""
    tags: tuple[str, ...] = ()
    prose: tuple[str, ...] = ()
    when_to_use: str = ""
    symptoms: tuple[str, ...] = ()
    rules: tuple[RuleView, ...] = ()
    rows: tuple[Row, ...] = ()
    background: tuple[StepText, ...] = ()
