"""The answer in five seconds: is the way back open? Per environment, and never more than was played."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from rehearsal.report.history import BROKEN_OFF
from rehearsal.report.phrases import ago, listed, many, sentence
from rehearsal.report.views import Reason, Verdict
from rollback.clock import spoken

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from rehearsal.report.model import Run
    from rehearsal.report.plays import Play
    from rehearsal.report.standing import Known
    from rehearsal.report.views import Row, State

_FEW: Final = 3
"""How many chapters a command names, before it is one for all."""


@dataclass(frozen=True, slots=True)
class Chapter:
    """A chapter for an environment: what is known of it, and how that is shown."""

    known: Known
    row: Row

    @property
    def failed(self) -> bool:
        """Whether something of it failed when it was last played."""
        return bool(self.known.failed)

    @property
    def doubtful(self) -> bool:
        """Whether it didn't fail, and isn't known to pass either."""
        known = self.known
        return not self.failed and not known.excused and (known.standing != "passed" or known.overdue)

    @property
    def reason(self) -> Reason:
        """How it stands."""
        return Reason(slug=self.row.slug, text=self.row.sentence)


def verdict(
    environment: str,
    chapters: Sequence[Chapter],
    runs: Sequence[Run],
    *,
    now: datetime,
    troubles: Sequence[str] = (),
) -> Verdict:
    """Whether the way back of `environment` is open.

    It is, where each chapter passed as it reads now, was not cut short, and is younger than its limit. It is closed where
    the newest play of anything failed, as a rehearsal or as a drill. Else it is not known.

    Args:
        environment: its full name.
        chapters: those that are for it.
        runs: all of them, the oldest first.
        now: when this is asked.
        troubles: what is wrong with the runbook's text itself.
    """
    failed = [each for each in chapters if each.failed]
    doubtful = [each for each in chapters if each.doubtful]
    strays = [*map(sentence, troubles), *_strays(environment, runs)]
    drills = [play for each in chapters for play in _drills(each.known)]
    state, why = _answer(chapters, failed, doubtful, strays, now)
    against = [*failed, *doubtful]
    return Verdict(
        environment=environment,
        state=state,
        why=why,
        reasons=(*(each.reason for each in against), *(Reason(text=each) for each in strays)),
        besides=tuple(_besides(chapters, drills, _of_environment(environment, runs), now)),
        remedy="" if state == "open" else _remedy(environment, against),
        rehearsed=None if any(each.known.owed for each in chapters) else _oldest(chapters),
        drilled=max((play.at for play in drills), default=None),
    )


def _answer(
    chapters: Sequence[Chapter],
    failed: Sequence[Chapter],
    doubtful: Sequence[Chapter],
    strays: Sequence[str],
    now: datetime,
) -> tuple[State, str]:
    oldest = _oldest(chapters)
    if failed:
        return "closed", f"In {_of(failed, chapters)} a rollback failed when it was last tried."
    if oldest is None:
        return "not known", "Nothing was ever rehearsed for it, as far as the kept runs go back."
    if doubtful or strays:
        return "not known", _doubts(chapters, doubtful)
    passed = [each for each in chapters if not each.known.excused]
    all_of = (
        f"All {many(len(chapters), 'chapter')}" if len(passed) == len(chapters) else _of(passed, chapters)
    )
    return (
        "open",
        f"{all_of} passed when last played, the oldest of it {ago((now - oldest).total_seconds())}.",
    )


def _oldest(chapters: Sequence[Chapter]) -> datetime | None:
    return min((each.known.oldest for each in chapters if each.known.oldest), default=None)


def _of(some: Sequence[Chapter], chapters: Sequence[Chapter]) -> str:
    return f"{len(some)} of {many(len(chapters), 'chapter')}"


def _doubts(chapters: Sequence[Chapter], doubtful: Sequence[Chapter]) -> str:
    """What is not known, by how many chapters."""
    if not doubtful:
        return "What was rehearsed passed, but not all of the runbook could be read or begun."
    kinds = {
        "were never rehearsed": [each for each in doubtful if each.known.standing == "not rehearsed"],
        "were rehearsed only in part": [each for each in doubtful if each.known.standing == "in part"],
        "were cut short": [each for each in doubtful if each.known.standing == "cut short"],
        "were rehearsed too long ago": [each for each in doubtful if each.known.standing == "passed"],
    }
    said = [f"{len(some)} {words}" for words, some in kinds.items() if some]
    return f"Nothing failed, but of {many(len(chapters), 'chapter')} {listed(said)}.".replace(
        " 1 were ", " 1 was "
    )


def _remedy(environment: str, against: Sequence[Chapter]) -> str:
    """The command that would tell more."""
    where = [each.known.feature.uri for each in against] if 0 < len(against) <= _FEW else []
    return " ".join(["pytest", *where, f"--env {environment}", "--stage embedded"])


def _strays(environment: str, runs: Sequence[Run]) -> Iterator[str]:
    """What the newest run says that was not a scenario, as that a feature could not be begun."""
    for run in _of_environment(environment, runs)[-1:]:
        if run.message and not run.message.startswith(BROKEN_OFF):
            yield f"The newest run says: {sentence(run.message)}"


def _of_environment(environment: str, runs: Sequence[Run]) -> list[Run]:
    return [run for run in runs if run.environment == environment]


def _drills(known: Known) -> Iterator[Play]:
    for each in known.scenarios:
        if each.drilled and each.drilled.played.outcome in {"passed", "failed"}:
            yield each.drilled


def _besides(
    chapters: Sequence[Chapter], drills: Sequence[Play], runs: Sequence[Run], now: datetime
) -> Iterator[Reason]:
    """What has to be known besides: how real it was, how it ended, what was left out and what took too long."""
    yield Reason(text=_reality(chapters, drills, now))
    for run in runs[-1:]:
        if run.cut_short:
            age = ago((now - run.began).total_seconds())
            yield Reason(
                text=f"The newest run, {age}, was cut short after {many(len(run.scenarios), 'scenario')}."
            )
    for each in chapters:
        if each.known.standing == "passed" or each.known.excused:
            yield from _left_out(each)
        if each.known.since:
            yield each.reason
        for recovery in each.row.recoveries:
            if not recovery.within:
                took, most = spoken(recovery.last), spoken(recovery.to_seconds)
                yield Reason(
                    slug=each.row.slug, text=f"{recovery.label} took {took}, and {most} is its budget."
                )


def _reality(chapters: Sequence[Chapter], drills: Sequence[Play], now: datetime) -> str:
    stages = sorted(
        {
            play.run.stage
            for each in chapters
            for newest in each.known.ended
            for play in newest.counting
            if not play.run.live
        }
    )
    said = [f"Rehearsed on the {listed(stages)} stage, which is not the real environment."] if stages else []
    if not drills:
        return " ".join([*said, "The real environment was never drilled, as far as the kept runs go back."])
    age = ago((now - max(play.at for play in drills)).total_seconds())
    return " ".join(
        [*said, f"The real environment was last drilled {age}, with {many(len(drills), 'scenario')}."]
    )


def _left_out(chapter: Chapter) -> Iterator[Reason]:
    """What need not be played, and wasn't."""
    missing = len(chapter.known.scenarios) - len(chapter.known.ended)
    if not missing:
        return
    skipped = chapter.known.skipped
    why = skipped[0].skipped.played.message if skipped and skipped[0].skipped else ""
    because = f": {sentence(why)}" if why else "."
    yield Reason(
        slug=chapter.row.slug,
        text=f"{many(missing, 'scenario')} of it left out, which the limits allow{because}",
    )
