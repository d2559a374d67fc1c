"""What is looked at together when a game is over: in the terminal, as a page, and as JSON for machines."""

from __future__ import annotations

import json
import re
import tempfile
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Final

import pytest

from rehearsal.gameday.picture import picture
from rehearsal.gameday.score import Ending
from rollback.clock import spoken

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

    from rehearsal.gameday.deeds import Deed, Moments
    from rehearsal.gameday.game import Hinted
    from rehearsal.gameday.score import Score
    from rehearsal.gameday.terminal import Terminal
    from rehearsal.gameday.twin import Twin

FORMAT: Final = 1
GAME_DAYS: Final = "game-days"
_DEFAULT: Final = "runbook"
_LONGEST_NAME: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What was played.

    Attributes:
        scenario: its name.
        chapter: that of the feature.
        path: where the feature is, relative to the project.
        environment: in whose name.
        seed: where everything random began.
        speed: how many seconds of the stage passed in a real one.
        symptoms: what the page said.
        players: who played.
        surprise: whether nobody knew what.
    """

    scenario: str
    chapter: str
    path: str
    environment: str
    seed: int
    speed: float
    symptoms: tuple[str, ...]
    players: tuple[str, ...]
    surprise: bool


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table of times.

    Attributes:
        name: as ``Detect``.
        what: what it means.
        yours: when, as a person says it.
        your_share: how long after what came before; empty where that isn't known.
        tools: the first of the tool.
        tools_share: likewise the second.
    """

    name: str
    what: str
    yours: str
    your_share: str
    tools: str
    tools_share: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Debrief:
    """A game that is over. All times are seconds of the stage's, since the page went out.

    Attributes:
        subject: what was played.
        at: when it was over, in real UTC.
        ending: how it ended.
        seconds: how long it took.
        budget_from: the shortest time that the runbook expects.
        budget_to: the longest that it allows.
        score: the points.
        moments: when the players noticed, decided and changed something.
        deeds: what they did, equal ones in a row folded.
        hints: what they were told.
        wrong: what didn't hold at last.
        conditions: what had to hold.
        tool: the tool's own run.
    """

    subject: Subject
    at: datetime
    ending: Ending
    seconds: float
    budget_from: float
    budget_to: float
    score: Score
    moments: Moments
    deeds: tuple[Deed, ...]
    hints: tuple[Hinted, ...]
    wrong: tuple[str, ...]
    conditions: tuple[str, ...]
    tool: Twin

    @property
    def verdict(self) -> str:
        """How it went, in a sentence."""
        took = spoken(self.seconds)
        match self.ending:
            case Ending.RECOVERED:
                over = self.seconds - self.budget_to
                budget = "within the budget" if over <= 0 else f"{spoken(over)} over the budget"
                return f"Recovered after {took}, {budget} of {spoken(self.budget_to)}."
            case Ending.GIVEN_UP:
                return f"Given up after {took}."
            case Ending.BROKEN_OFF:
                return f"Broken off after {took}."
        return f"Not recovered by the deadline, {took} after the page."

    @property
    def points(self) -> str:
        """The points, and where the others are."""
        lost = [
            f"{cost} for {what}"
            for cost, what in (
                (self.score.hints, f"{len(self.hints)} hint{'s' if len(self.hints) != 1 else ''}"),
                (self.score.late, "being late"),
            )
            if cost
        ]
        return f"{self.score.points} points" + (f" ({', '.join(lost)})" if lost else "")

    @property
    def rows(self) -> tuple[Row, ...]:
        """The times beside the tool's."""
        yours, tools = self.moments, self.tool.moments
        named = (
            ("Detect", "the first look at what ails", "detected", None),
            ("Decide", "the last look before something was changed", "decided", "detected"),
            ("Act", "the first change", "acted", "decided"),
            ("Recover", "everything holds", "recovered", "acted"),
        )
        return tuple(
            Row(name, what, *_when(yours, moment, before), *_when(tools, moment, before))
            for name, what, moment, before in named
        )

    @property
    def picture(self) -> str:
        """The phases of both as SVG."""
        return picture(self.moments, self.seconds, self.tool.moments, self.tool.seconds, self.budget_to)

    @property
    def stem(self) -> str:
        """What its files are called: the real time, and the scenario."""
        slug = re.sub(r"[^a-z0-9]+", "-", self.subject.scenario.lower()).strip("-")[:_LONGEST_NAME].strip("-")
        return f"{self.at:%Y%m%dT%H%M%SZ}-{slug}"

    def as_json(self) -> str:
        """All of it, for a machine."""
        told = {"format": FORMAT, **asdict(self), "verdict": self.verdict}
        return json.dumps(told, indent=2, default=str)


@dataclass(frozen=True, slots=True)
class Folder:
    """Where debriefs are kept.

    Attributes:
        path: the folder; None where nothing is kept.
    """

    path: Path | None

    @classmethod
    def of(cls, config: pytest.Config) -> Folder:
        """The folder of this run, which is there now and can be written.

        Raises:
            UsageError: it can't.
        """
        if config.getoption("rollback_no_report", default=False):
            return cls(None)
        base = config.inipath.parent if config.inipath else config.rootpath
        given = config.getoption("rollback_report", default=None)
        path = (config.invocation_params.dir / given if given else base / _ini(config)) / GAME_DAYS
        try:
            path.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=path):
                pass
        except OSError as error:
            raise pytest.UsageError(
                f"The debrief can't be written to {path}: {error.strerror}. "
                "Name another folder with --report, or leave it out with --no-report."
            ) from None
        return cls(path)

    def keep(self, debrief: Debrief) -> Path | None:
        """Write a debrief; returns its page."""
        if self.path is None:
            return None
        from rehearsal.gameday.page import page  # noqa: PLC0415 - Jinja2, which only the end of a game needs

        written = self.path / f"{debrief.stem}.html"
        written.with_suffix(".json").write_text(debrief.as_json() + "\n", encoding="utf-8")
        written.write_text(page(debrief), encoding="utf-8")
        return written


def tell(debrief: Debrief, terminal: Terminal) -> None:
    """Tell it in the terminal."""
    subject = debrief.subject
    terminal.heading(f"Debrief: {subject.scenario}")
    terminal.say(f"{subject.chapter} ({subject.path}), in the name of {subject.environment}.")
    terminal.say("", debrief.verdict, debrief.points, "")
    terminal.lines(_table(debrief))
    if debrief.wrong:
        terminal.say("", "What didn't hold at last:", *(f"  {each}" for each in debrief.wrong))
    if debrief.tool.commands:
        terminal.say("", "By hand, the runbook says:")
        terminal.lines(f"  {each}" for each in debrief.tool.commands)
    if debrief.deeds:
        terminal.say("", "What you did:")
        terminal.lines(_deeds(debrief))


def _table(debrief: Debrief) -> Iterator[str]:
    rows = [("", "you", "the tool")]
    rows += [
        (row.name, _added(row.yours, row.your_share), _added(row.tools, row.tools_share))
        for row in debrief.rows
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def _deeds(debrief: Debrief) -> Iterator[str]:
    alone = len(debrief.subject.players) == 1
    for each in debrief.deeds:
        who = "" if alone else f"{each.who or 'somebody':10}"
        times = f", {each.times} times" if each.times > 1 else ""
        mark = "!" if each.changed else " "
        refused = ", refused" if each.refused and not each.reads else ""
        what = " ".join(filter(None, (each.what, each.about)))
        yield f"  {spoken(each.seconds):>12}  {who}{mark} {what}{times}{refused}"


def _when(moments: Moments | None, moment: str, before: str | None) -> tuple[str, str]:
    at: float | None = getattr(moments, moment, None)
    if at is None:
        return "-", ""
    since: float | None = getattr(moments, before, None) if before else None
    return spoken(at), "" if since is None else spoken(max(0.0, at - since))


def _added(when: str, share: str) -> str:
    return f"{when} (+ {share})" if share else when


def _ini(config: pytest.Config) -> str:
    try:
        return str(config.getini("report"))
    except ValueError:  # nobody has registered it
        return _DEFAULT
