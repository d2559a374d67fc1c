"""What happened in each scenario: the one source of the narration and of every other report."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal, Protocol, Self

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from rollback.clock import Clock
    from rollback.environment import Environment
    from rollback.errors import RollbackError

Outcome = Literal["passed", "failed", "skipped", "not reached"]
"""How a step or a scenario ended. A plain string, since stories travel between processes."""


class Budget(Protocol):
    """The time that a rollback may take, in seconds, as an environment gives it."""

    @property
    def from_seconds(self) -> float:
        """The shortest time that is expected."""

    @property
    def to_seconds(self) -> float:
        """The longest time that is allowed."""


@dataclass(frozen=True, slots=True)
class Timing:
    """A rollback that was timed, against what it may take; all in seconds of simulated time.

    Attributes:
        label: what was timed.
        seconds: what it took.
        from_seconds: the shortest time that is expected.
        to_seconds: the longest time that is allowed.
    """

    label: str
    seconds: float
    from_seconds: float
    to_seconds: float

    @property
    def within(self) -> bool:
        """Whether it took no longer than allowed."""
        return self.seconds <= self.to_seconds


@dataclass(frozen=True, slots=True)
class Attachment:
    """What belongs to a step and is no part of its text.

    Attributes:
        media_type: what it is.
        body: the thing itself, as JSON.
        name: what to call it in a few words.
    """

    media_type: str
    body: str
    name: str = ""


class Gatherer(Protocol):
    """Gathers what belongs to the steps of one scenario."""

    def of_step(self) -> tuple[Attachment, ...]:
        """What has been gathered since it was last asked."""

    def of_scenario(self, timings: Sequence[Timing]) -> tuple[Attachment, ...]:
        """What belongs to the scenario as a whole, when all of it was played."""

    def refused(self, error: RollbackError) -> None:
        """Take down what somebody was refused with."""

    def plays(
        self, environment: Environment, clock: Clock, users: Callable[[], tuple[int, int]] | None
    ) -> None:
        """Take down where the scenario plays, and what tells how many users get a good answer there, and how many don't."""

    def keeps(self, versions: Callable[[Collection[str]], Attachment | None]) -> None:
        """Take down what tells the versions of the state, of which some ids are those that a restore has written."""


@dataclass(frozen=True, slots=True)
class StepStory:
    """A step, as it was played.

    Attributes:
        keyword: as it is written, ``Given`` or ``And``.
        text: what follows the keyword, with the values of the example.
        line: where it stands in the feature.
        details: the table or the text below the step, line by line.
        outcome: how it ended.
        seconds: the simulated time that it took.
        undefined: whether nothing defines it.
        attachments: what belongs to it.
        began: when, by this machine's clock, in seconds since 1970; 0 if it was not reached.
        ended: when it ended, likewise.
    """

    keyword: str
    text: str
    line: int
    details: tuple[str, ...] = ()
    outcome: Outcome = "not reached"
    seconds: float = 0.0
    undefined: bool = False
    attachments: tuple[Attachment, ...] = ()
    began: float = field(default=0.0, compare=False)
    ended: float = field(default=0.0, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioStory:
    """A scenario, as it was played.

    Attributes:
        nodeid: what pytest calls it.
        path: the feature, relative to the project.
        chapter: the name of the feature.
        rule: the name of the rule it stands under, if any.
        name: the name of the scenario, with the values of the example.
        line: where it stands in the feature.
        tags: all that apply to it, sorted.
        example: the row of examples: pairs of column and value.
        steps: all of them, also those that were not reached.
        timings: the rollbacks that were timed in it.
        outcome: how it ended.
        message: why it failed or was skipped.
        place: file and line where it failed, relative to the project.
        aftermath: what failed when its steps were over and things were put away.
        real_seconds: the time that it took on this machine.
        attachments: what belongs to all of it.
        began: when, by this machine's clock, in seconds since 1970.
        ended: when it ended, likewise.
    """

    nodeid: str
    path: str
    chapter: str
    rule: str = ""
    name: str
    line: int
    tags: tuple[str, ...] = ()
    example: tuple[tuple[str, str], ...] = ()
    steps: tuple[StepStory, ...] = ()
    timings: tuple[Timing, ...] = ()
    outcome: Outcome = "not reached"
    message: str = ""
    place: str = ""
    aftermath: str = ""
    real_seconds: float = 0.0
    attachments: tuple[Attachment, ...] = ()
    began: float = field(default=0.0, compare=False)
    ended: float = field(default=0.0, compare=False)

    @property
    def seconds(self) -> float:
        """The simulated time that its steps took."""
        return sum(step.seconds for step in self.steps)

    @property
    def failed_step(self) -> StepStory | None:
        """The step in which it failed, or None."""
        return next((step for step in self.steps if step.outcome == "failed"), None)

    def as_data(self) -> dict[str, Any]:
        """The story as plain data, which a worker can send."""
        return asdict(self)

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        """The story that `as_data` gave."""
        return cls(
            **{
                **data,
                "tags": tuple(data["tags"]),
                "example": tuple((column, value) for column, value in data["example"]),
                "steps": tuple(
                    StepStory(
                        **{
                            **step,
                            "details": tuple(step["details"]),
                            "attachments": _attachments(step["attachments"]),
                        }
                    )
                    for step in data["steps"]
                ),
                "timings": tuple(Timing(**timing) for timing in data["timings"]),
                "attachments": _attachments(data["attachments"]),
            }
        )


class Recorder:
    """Writes one scenario's story down while it is played; the fixture ``story``.

    Attributes:
        story: what has happened so far.
    """

    def __init__(
        self,
        story: ScenarioStory,
        *,
        tell: Callable[[StepStory], None] | None = None,
        gatherer: Gatherer | None = None,
    ) -> None:
        self.story = replace(story, began=time.time())
        self._tell = tell
        self._gatherer = gatherer
        self._began = 0.0
        self._clock: Clock | None = None
        self._steps = list(story.steps)
        self._ended = 0
        self._open = False
        self._since: float | None = None

    def plays(
        self, environment: Environment, clock: Clock, users: Callable[[], tuple[int, int]] | None = None
    ) -> None:
        """Say where the scenario plays, by whose `clock` its steps take time.

        Args:
            environment: the place.
            clock: its time.
            users: how many of those who ask the application get a good answer at the moment, and how many don't, where
                that can be known without asking.
        """
        self.clock(clock)
        if self._gatherer:
            self._gatherer.plays(environment, clock, users)

    def keeps(self, versions: Callable[[Collection[str]], Attachment | None]) -> None:
        """Say what tells the versions of the state; it is given the ids of those that a restore has written."""
        if self._gatherer:
            self._gatherer.keeps(versions)

    def refused(self, error: RollbackError) -> None:
        """Note what somebody was refused with."""
        if self._gatherer:
            self._gatherer.refused(error)

    def clock(self, clock: Clock) -> None:
        """Take the time of the steps from `clock` from now on, the one that is running included."""
        self._clock = clock
        self._since = clock.monotonic()

    def timing(self, label: str, seconds: float, budget: Budget) -> None:
        """Note that what is called `label` took `seconds` of simulated time, where `budget` is what it may take."""
        timing = Timing(label, seconds, budget.from_seconds, budget.to_seconds)
        self.story = replace(self.story, timings=(*self.story.timings, timing))

    def step_begins(self) -> None:
        """The next step is about to be played."""
        self._open = True
        self._began = time.time()
        self._since = self._clock.monotonic() if self._clock else None

    def step_ends(self, outcome: Outcome, *, undefined: bool = False) -> None:
        """The step that is being played, if there is one, has ended."""
        if not self._open:
            return
        self._open = False
        took = self._clock.monotonic() - self._since if self._clock and self._since is not None else 0.0
        step = self._steps[self._ended] = replace(
            self._steps[self._ended],
            outcome=outcome,
            seconds=took,
            undefined=undefined,
            attachments=self._gatherer.of_step() if self._gatherer else (),
            began=self._began,
            ended=time.time(),
        )
        self._ended += 1
        if self._tell:
            self._tell(step)

    def ends(
        self, outcome: Outcome, *, message: str = "", place: str = "", real_seconds: float = 0.0
    ) -> ScenarioStory:
        """The whole story, after the last thing that happened in it."""
        self.step_ends(outcome)
        self.story = replace(
            self.story,
            steps=tuple(self._steps),
            outcome=outcome,
            message=message,
            place=place,
            real_seconds=self.story.real_seconds + real_seconds,
            attachments=self._gatherer.of_scenario(self.story.timings) if self._gatherer else (),
            ended=time.time(),
        )
        return self.story

    def fails_afterwards(self, message: str, *, place: str = "", real_seconds: float = 0.0) -> ScenarioStory:
        """The whole story, where something failed when its steps were over; why it failed before stays told."""
        self.story = replace(
            self.story,
            outcome="failed",
            aftermath=message,
            place=self.story.place or place,
            real_seconds=self.story.real_seconds + real_seconds,
            ended=time.time(),
        )
        return self.story


def _attachments(data: Sequence[Mapping[str, str]]) -> tuple[Attachment, ...]:
    return tuple(Attachment(**each) for each in data)


def table_lines(rows: Sequence[Sequence[object]]) -> tuple[str, ...]:
    """A table as people write it in a feature, its columns in line."""
    widths = [max(len(str(cell)) for cell in column) for column in zip(*rows, strict=True)]
    return tuple(
        "| " + " | ".join(str(cell).ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"
        for row in rows
    )
