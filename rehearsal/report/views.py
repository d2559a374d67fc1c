"""What the pages show, made ready: the only thing that the HTML, the Markdown and the JSON see.

All times of day are aware and in UTC. All lengths of time are in seconds, those of rollbacks and steps by the stage's clock.
Texts are plain: whoever writes them into a format escapes them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from datetime import datetime

    from rehearsal.report.chapter_views import ChapterPage

State: TypeAlias = Literal["open", "closed", "not known"]
"""Whether there is a way back."""

Standing: TypeAlias = Literal["passed", "failed", "cut short", "in part", "not rehearsed"]
"""How a chapter stands for an environment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """Where something was played.

    Attributes:
        name: as ``embedded``.
        live: whether it was the environment itself.
    """

    name: str
    live: bool = False

    @property
    def kind(self) -> str:
        """What playing there is called: ``drill`` on the environment itself, and else ``rehearsal``."""
        return "drill" if self.live else "rehearsal"

    @property
    def words(self) -> str:
        """For a person: what it was, and where."""
        return "drill on the real environment" if self.live else f"rehearsal on the {self.name} stage"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why a way back isn't known to be open, or what else to know of it.

    Attributes:
        slug: the chapter it is about, or empty.
        text: a sentence.
    """

    slug: str = ""
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The answer in five seconds, for one environment.

    Attributes:
        environment: its name.
        state: open, closed, or not known.
        why: one sentence.
        reasons: a sentence for each chapter that stands against it; empty where it is open.
        besides: what doesn't stand against it and has to be known: what was skipped, what is old, on which stage.
        remedy: the command that would tell more, or empty.
        rehearsed: when the oldest of what counts was played; None where something was never played.
        drilled: when the environment itself was last practised on, by these files; None for never.
    """

    environment: str
    state: State
    why: str
    reasons: tuple[Reason, ...] = ()
    besides: tuple[Reason, ...] = ()
    remedy: str = ""
    rehearsed: datetime | None = None
    drilled: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovery:
    """What one kind of rollback took, over the runs; seconds.

    Attributes:
        label: as ``Emergency rollback``.
        times: all that are known, the oldest first.
        last: the slowest of the newest run.
        median: of all.
        from_seconds: the shortest time that the runbook expects.
        to_seconds: the longest time that it allows.
    """

    label: str
    times: tuple[float, ...]
    last: float
    median: float
    from_seconds: float
    to_seconds: float

    @property
    def within(self) -> bool:
        """Whether the last took no longer than allowed."""
        return self.last <= self.to_seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class TrendPoint:
    """A run in which the chapter was played for the environment.

    Attributes:
        at: when the run began.
        stage: where.
        outcome: how the chapter went in it.
        played: how many of its scenarios were played to an end.
        of: how many there were to play, by the feature as it reads now.
        slowest: the slowest recovery that was timed, as a part of its budget (1.0 is all of it); None for none.
    """

    at: datetime
    stage: Stage
    outcome: Standing
    played: int
    of: int
    slowest: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A chapter, for one environment.

    Attributes:
        title: of the chapter.
        slug: what its page is called, without an ending.
        environment: its name.
        standing: how it stands.
        sentence: how it stands, for a person: when, where, how much of it, and what failed.
        at: when the newest run with it began; None for never.
        age_seconds: how long ago that was.
        stage: where that was.
        played: how many of its scenarios have an end that counts.
        of: how many there are.
        skipped: how many were skipped whenever they were to be played.
        recoveries: what was timed.
        trend: the newest twelve runs with it, the oldest first.
        limit_days: after how many days it counts as forgotten.
        overdue: whether it is.
        other_text: whether something that counts was played by another text than the one that is shown.
    """

    title: str
    slug: str
    environment: str
    standing: Standing
    sentence: str
    at: datetime | None = None
    age_seconds: float | None = None
    stage: Stage | None = None
    played: int = 0
    of: int = 0
    skipped: int = 0
    recoveries: tuple[Recovery, ...] = ()
    trend: tuple[TrendPoint, ...] = ()
    limit_days: float
    overdue: bool = False
    other_text: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Symptom:
    """What somebody sees, and where to read on.

    Attributes:
        text: the symptom, in plain words.
        chapter: the title of the chapter.
        slug: its page.
        anchor: where in it.
    """

    text: str
    chapter: str
    slug: str
    anchor: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A part of the runbook: the chapters of one tag.

    Attributes:
        tag: as ``ecs``; empty for chapters without one.
        title: what the tag says of itself.
        slugs: its chapters, in order.
    """

    tag: str
    title: str
    slugs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FrontPage:
    """The first page.

    Attributes:
        generated: when.
        runs: how many runs it was made from.
        verdicts: the answer for each environment, the default environment's first.
        parts: the chapters in the order of the runbook.
        rows: each chapter for each environment, in the order of `parts`.
        troubles: what could not be read of the history, a sentence each.
        gone: chapters that were played and are no longer in the runbook.
    """

    generated: datetime
    runs: int
    verdicts: tuple[Verdict, ...]
    parts: tuple[Part, ...] = ()
    rows: tuple[Row, ...] = ()
    troubles: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Runbook:
    """Everything that is shown.

    Attributes:
        environments: their names, the default one first.
        front: the first page.
        chapters: in the order of the front page.
        symptoms: in order of their text.
    """

    environments: tuple[str, ...]
    front: FrontPage
    chapters: tuple[ChapterPage, ...] = ()
    symptoms: tuple[Symptom, ...] = ()
