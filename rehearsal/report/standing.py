"""How a chapter stands for an environment, and never better than it was played."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, Final

from rehearsal.report.phrases import ago, days, many, sentence
from rehearsal.report.views import Recovery, Row, TrendPoint

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from rehearsal.report.facts import Timing
    from rehearsal.report.limits import Limits
    from rehearsal.report.model import Run
    from rehearsal.report.plays import Newest, Play, Plays
    from rehearsal.report.views import Standing
    from rehearsal.report.wording import Feature

RUNS: Final = 12
"""How many runs a trend shows."""
_TIMES: Final = 200
"""How many times of a recovery are kept."""
_DAY: Final = 86400


@dataclass(frozen=True, slots=True)
class Known:
    """All that is known of a chapter for an environment.

    Attributes:
        feature: the chapter.
        environment: its full name.
        scenarios: each that there is to play.
        runs: in which something of it was played, the newest first.
        limits: how long that counts.
        now: when that is asked.
    """

    feature: Feature
    environment: str
    scenarios: tuple[Newest, ...]
    runs: tuple[tuple[Run, list[Play]], ...]
    limits: Limits
    now: datetime

    @property
    def failed(self) -> list[Play]:
        """What failed when it was last played, whether as a rehearsal or as a drill."""
        return [
            play
            for each in self.scenarios
            for play in each.counting
            if play.same and play.played.outcome == "failed"
        ]

    @property
    def cut(self) -> Play | None:
        """What was being played when its run ended, if that was its newest play; or what the newest run didn't reach."""
        for each in self.scenarios:
            for play in each.counting[:1]:
                if play.played.outcome == "cut short":
                    return play
        if not self.runs or not self.runs[0][0].cut_short:
            return None
        reached = {play.played.text for play in self.runs[0][1]}
        missing = any(
            each.playable.text not in reached and not self._excused(each) for each in self.scenarios
        )
        return self.runs[0][1][0] if missing else None

    @property
    def ended(self) -> list[Newest]:
        """What was played to an end by the text that is shown."""
        return [each for each in self.scenarios if _ended(each)]

    @property
    def owed(self) -> list[Newest]:
        """What was not, and has to be."""
        return [each for each in self.scenarios if not _ended(each) and not self._excused(each)]

    @property
    def reworded(self) -> list[Newest]:
        """What was played by another text."""
        return [each for each in self.scenarios if any(not play.same for play in each.counting)]

    @property
    def since(self) -> list[Play]:
        """What was played since by another text."""
        return [each.since for each in self.scenarios if each.since]

    @property
    def skipped(self) -> list[Newest]:
        """What was always skipped."""
        return [each for each in self.scenarios if each.skipped and not each.counting]

    @property
    def oldest(self) -> datetime | None:
        """When the oldest of what counts was played."""
        return min((each.counting[0].at for each in self.ended), default=None)

    @property
    def limit(self) -> float:
        """After how many days it counts as forgotten."""
        return self.limits.days(self.feature.tags)

    @property
    def overdue(self) -> bool:
        """Whether something that counts was played longer ago than the limit, or never."""
        if self.oldest is None:
            return bool(self.owed)
        return self.age(self.oldest) > self.limit * _DAY

    @property
    def excused(self) -> bool:
        """Whether nothing of it was played, and nothing of it has to be."""
        return not self.ended and not self.owed and not self.failed

    @property
    def standing(self) -> Standing:
        """The worst that has to be said of it."""
        if self.failed:
            return "failed"
        if self.cut:
            return "cut short"
        if not self.ended:
            return "in part" if self.reworded else "not rehearsed"
        return "in part" if self.owed else "passed"

    def age(self, at: datetime) -> float:
        """How long ago that was, in seconds."""
        return max(0.0, (self.now - at).total_seconds())

    def _excused(self, each: Newest) -> bool:
        return self.limits.excuse(each.playable.tags)


def know(plays: Plays, feature: Feature, environment: str, limits: Limits, now: datetime) -> Known | None:
    """What is known of `feature` for `environment`, or None where nothing of it is for that."""
    expected = plays.expected(feature, environment)
    if not expected:
        return None
    return Known(
        feature=feature,
        environment=environment,
        scenarios=tuple(plays.newest(feature, each, environment) for each in expected),
        runs=tuple(plays.by_run(feature, environment)),
        limits=limits,
        now=now,
    )


def row_of(known: Known, slug: str) -> Row:
    """The chapter's row of the front page."""
    newest = known.runs[0] if known.runs else None
    at = newest[0].began if newest else None
    return Row(
        title=known.feature.title,
        slug=slug,
        environment=known.environment,
        standing=known.standing,
        sentence=told(known),
        at=at,
        age_seconds=None if at is None else known.age(at),
        stage=newest[1][0].stage if newest else None,
        played=len(known.ended),
        of=len(known.scenarios),
        skipped=len(known.skipped),
        recoveries=tuple(_recoveries(known.runs)),
        trend=tuple(_trend(known)),
        limit_days=known.limit,
        overdue=known.overdue,
        other_text=bool(known.reworded or known.since),
    )


def told(known: Known) -> str:
    """How it stands, in sentences."""
    said = [_main(known)]
    if known.standing in {"passed", "in part"} and known.overdue and known.oldest:
        said.append(
            f"That was {ago(known.age(known.oldest))}, and it counts for {days(known.limit)}: it has to be rehearsed again."
        )
    if known.reworded:
        said.append(f"{many(len(known.reworded), 'scenario')} had another wording when last played.")
    said += _since(known.since)
    if known.skipped:
        why = known.skipped[0].skipped
        because = f": {sentence(why.played.message)}" if why and why.played.message else "."
        said.append(
            f"{many(len(known.skipped), 'scenario')} {'was' if len(known.skipped) == 1 else 'were'} skipped{because}"
        )
    return " ".join(said)


def _main(known: Known) -> str:
    ended, total = len(known.ended), len(known.scenarios)
    match known.standing:
        case "failed":
            return _failures(known.failed)
        case "cut short" if known.cut:
            return (
                f"The {known.cut.stage.kind} of {ago(known.age(known.cut.run.began))} was cut short, "
                "and how the rest of it would have ended is not known."
            )
        case "not rehearsed":
            return "Never rehearsed, as far as the kept runs go back."
        case "in part":
            return f"Only {ended} of {many(total, 'scenario')} {'was' if ended == 1 else 'were'} rehearsed."
        case _ if ended == total:
            return "Its scenario passed." if total == 1 else f"All {total} scenarios passed."
        case _:
            return f"{ended} of {many(total, 'scenario')} passed."


def _failures(failed: Sequence[Play]) -> str:
    first = failed[0]
    more = f" {many(len(failed) - 1, 'more scenario')} failed too." if len(failed) > 1 else ""
    why = f": {sentence(first.played.message)}" if first.played.message else "."
    return f'"{first.played.name}" failed in the {first.stage.words}{why}{more}'


def _since(later: Sequence[Play]) -> Iterator[str]:
    if later:
        failed = sum(play.played.outcome == "failed" for play in later)
        how = f", and {failed} of these failed" if failed else ""
        yield f"{many(len(later), 'scenario')} played since with another wording{how}."


def _ended(each: Newest) -> bool:
    return any(play.same and play.played.outcome in {"passed", "failed"} for play in each.counting)


def _recoveries(runs: Iterable[tuple[Run, list[Play]]]) -> Iterator[Recovery]:
    found: dict[str, list[tuple[Run, Timing]]] = {}
    for run, plays in runs:
        for play in plays:
            for timing in play.played.timings:
                found.setdefault(timing.label, []).append((run, timing))
    for label, timed in found.items():
        newest = timed[0][0]
        last = max((t for run, t in timed if run is newest), key=lambda timing: timing.seconds)
        times = [timing.seconds for _, timing in timed[:_TIMES]]
        yield Recovery(
            label=label,
            times=tuple(reversed(times)),
            last=last.seconds,
            median=median(times),
            from_seconds=last.from_seconds,
            to_seconds=last.to_seconds,
        )


def _trend(known: Known) -> Iterator[TrendPoint]:
    for run, plays in reversed(known.runs[:RUNS]):
        played = sum(play.played.outcome in {"passed", "failed"} for play in plays)
        timings = [t for play in plays for t in play.played.timings if t.to_seconds > 0]
        yield TrendPoint(
            at=run.began,
            stage=plays[0].stage,
            outcome=_went(run, plays, played, len(known.scenarios)),
            played=played,
            of=len(known.scenarios),
            slowest=max((t.seconds / t.to_seconds for t in timings), default=None),
        )


def _went(run: Run, plays: Sequence[Play], played: int, of: int) -> Standing:
    if any(play.played.outcome == "failed" for play in plays):
        return "failed"
    if any(play.played.outcome == "cut short" for play in plays) or (run.cut_short and played < of):
        return "cut short"
    if not played:
        return "not rehearsed"
    return "passed" if played >= of else "in part"
