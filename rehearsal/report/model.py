"""What the kept messages of the runs say, read: runs, the scenarios that were played in them, and their evidence.

All times of day are aware and in UTC. All lengths of time are in seconds of the stage's clock, which is the real one
only where the stage is the environment itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from rehearsal.report.facts import Evidence, Rollout, StateVersion, Timing

Outcome: TypeAlias = Literal["passed", "failed", "skipped", "not reached", "cut short"]
"""How a step or a scenario ended; ``cut short`` where the run ended before it did."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlayedStep:
    """A step, as it was played.

    Attributes:
        keyword: as it is written, ``Given`` or ``And``.
        text: what follows the keyword, with the values of the example.
        details: the table or the text below it, line by line.
        kind: ``Context``, ``Action``, ``Outcome`` or ``Unknown``, whatever the keyword is.
        outcome: how it ended.
        seconds: the stage's time that it took.
        message: why it failed or was skipped.
        evidence: what was done and seen in it; empty where the run's evidence wasn't asked for.
        left_out: what is said of evidence that there was no room for, or empty.
    """

    keyword: str
    text: str
    details: tuple[str, ...] = ()
    kind: str = "Unknown"
    outcome: Outcome = "not reached"
    seconds: float = 0.0
    message: str = ""
    evidence: tuple[Evidence, ...] = ()
    left_out: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """A scenario, as it was played.

    Attributes:
        uri: the feature, relative to the project.
        chapter: the name of the feature.
        rule: the name of the rule that it stands under, or empty.
        name: its name, with the values of the example.
        line: where it, or its row of examples, stands in the feature.
        tags: all that apply to it, without their ``@``.
        example: its row of examples, as pairs of column and value.
        environment: what it was played for: that of the example, or else that of the run.
        steps: all of them, also those that were not reached; empty where only how it ended was asked for.
        timings: the rollbacks that were timed in it.
        rollout: what its tasks did, where that was watched.
        versions: the version chain of the state, where that was looked at.
        outcome: how it ended.
        message: why it failed or was skipped.
        began: when, in real time.
        seconds: the stage's time that its steps took; 0 where only how it ended was asked for.
        text: what tells its wording from any other, as `rehearsal.report.wording.Playable.text`.
        attempt: what it is called in its file.
    """

    uri: str
    chapter: str
    rule: str = ""
    name: str
    line: int = 0
    tags: tuple[str, ...] = ()
    example: tuple[tuple[str, str], ...] = ()
    environment: str
    steps: tuple[PlayedStep, ...] = ()
    timings: tuple[Timing, ...] = ()
    rollout: Rollout | None = None
    versions: tuple[StateVersion, ...] = ()
    outcome: Outcome
    message: str = ""
    began: datetime
    seconds: float = 0.0
    text: str = ""
    attempt: str = ""

    @property
    def failed_step(self) -> PlayedStep | None:
        """The step in which it failed, or None."""
        return next((step for step in self.steps if step.outcome == "failed"), None)

    @property
    def within_budget(self) -> bool:
        """Whether everything that was timed in it took no longer than allowed."""
        return all(timing.within for timing in self.timings)


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A run of pytest that has rehearsed something.

    Attributes:
        path: the file that was kept of it.
        began: when.
        ended: when; None where nothing says so.
        cut_short: whether it ended before it was through: killed, interrupted, or its file is cut off.
        environment: the one that it stood for.
        account: of AWS.
        stage: where it was played, as ``embedded``.
        live: whether that was the environment itself.
        seed: where everything random began; None where nothing says so.
        budgets: pairs of a kind of rollback and what it may take, as ``("application", (300, 600))``.
        message: what it said at its end, as that it was broken off.
        scenarios: in the order in which they began.
    """

    path: Path
    began: datetime
    ended: datetime | None = None
    cut_short: bool = False
    environment: str
    account: str = ""
    stage: str
    live: bool = False
    seed: int | None = None
    budgets: tuple[tuple[str, tuple[float, float]], ...] = ()
    message: str = ""
    scenarios: tuple[Played, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """A file, or a line of one, that was skipped.

    Attributes:
        path: the file.
        line: which of its lines, from 1; None for the whole of it.
        why: a sentence.
    """

    path: Path
    line: int | None = None
    why: str

    def __str__(self) -> str:
        """The whole of it as one sentence."""
        where = self.path.name if self.line is None else f"{self.path.name}, line {self.line}"
        return f"{where}: {self.why}"


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """All that is known of runs.

    Attributes:
        runs: the oldest first.
        troubles: what could not be read of them.
    """

    runs: tuple[Run, ...] = ()
    troubles: tuple[Trouble, ...] = ()
