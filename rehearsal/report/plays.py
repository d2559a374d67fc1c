"""Which plays count: for each scenario and environment the newest that was not skipped, of drills and of rehearsals."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from rehearsal.report.views import Stage

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from rehearsal.report.model import Played, Run
    from rehearsal.report.wording import Feature, Playable


@dataclass(frozen=True, slots=True)
class Play:
    """A scenario, in the run in which it was played.

    Attributes:
        run: the run.
        played: the scenario.
        same: whether it was played by the text that is shown.
    """

    run: Run
    played: Played
    same: bool = True

    @property
    def at(self) -> datetime:
        """When it began."""
        return self.played.began

    @property
    def stage(self) -> Stage:
        """Where it was played."""
        return Stage(name=self.run.stage, live=self.run.live)


@dataclass(frozen=True, slots=True)
class Newest:
    """What is known of one scenario, for one environment.

    Attributes:
        playable: the scenario, or its row.
        rehearsed: the newest time on a stage.
        drilled: the newest time on the environment itself.
        skipped: the newest time that it was skipped, where it never was anything else.
        since: the newest time that another wording of it was played, where that was after all of these.
    """

    playable: Playable
    rehearsed: Play | None = None
    drilled: Play | None = None
    skipped: Play | None = None
    since: Play | None = None

    @property
    def counting(self) -> tuple[Play, ...]:
        """Those that say something of the way back, the newest first."""
        found = [each for each in (self.rehearsed, self.drilled) if each is not None]
        return tuple(sorted(found, key=lambda play: play.at, reverse=True))

    @property
    def shown(self) -> Play | None:
        """The one to show: one that failed before the newest."""
        counting = self.counting
        failed = next((each for each in counting if each.played.outcome == "failed"), None)
        return failed or next(iter(counting), self.skipped)


class Plays:
    """All plays, found by what they are of.

    Args:
        runs: the oldest first.
        environments: what each environment may be called, and its full name.
        default: the full name of the default environment.
    """

    def __init__(self, runs: Sequence[Run], environments: Mapping[str, str]) -> None:
        self._named = environments
        self._by_text: dict[tuple[str, str, str], list[Play]] = {}
        self._by_name: dict[tuple[str, str, str], list[Play]] = {}
        self._by_chapter: dict[tuple[str, str], dict[str, list[Play]]] = {}
        self.uris: dict[str, str] = {}
        for run in reversed(runs):
            for played in run.scenarios:
                self._take(Play(run, played))

    def _take(self, play: Play) -> None:
        played = play.played
        environment = self._named.get(played.environment, played.environment)
        self._by_text.setdefault((played.uri, played.text, environment), []).append(play)
        self._by_name.setdefault((played.uri, played.name, environment), []).append(play)
        runs = self._by_chapter.setdefault((played.uri, environment), {})
        runs.setdefault(play.run.path.name, []).append(play)
        self.uris.setdefault(played.uri, played.chapter)

    def expected(self, feature: Feature, environment: str) -> tuple[Playable, ...]:
        """What there is to play of `feature` for `environment`: what names it, and what names none."""
        return tuple(
            each
            for each in feature.playables
            if not each.environment or self._named.get(each.environment, each.environment) == environment
        )

    def newest(self, feature: Feature, playable: Playable, environment: str) -> Newest:
        """What is known of `playable`; plays of another wording stand in where there are none of this one."""
        shown = {each.text for each in feature.playables}  # rows of an outline may have one name
        same = self._by_text.get((feature.uri, playable.text, environment), [])
        others = [
            Play(each.run, each.played, same=False)
            for each in self._by_name.get((feature.uri, playable.name, environment), [])
            if each.played.text not in shown
        ]
        if not any(each.played.outcome != "skipped" for each in same):
            return _newest(playable, [*same, *others])
        found = _newest(playable, same)
        later = (
            each for each in others if each.at > found.counting[0].at and each.played.outcome != "skipped"
        )
        return replace(found, since=next(later, None))

    def by_run(self, feature: Feature, environment: str) -> Iterator[tuple[Run, list[Play]]]:
        """The runs in which something of `feature` was played for `environment`, the newest first."""
        for plays in self._by_chapter.get((feature.uri, environment), {}).values():
            yield plays[0].run, plays


def _newest(playable: Playable, plays: Iterable[Play]) -> Newest:
    rehearsed = drilled = skipped = None
    for play in plays:
        if play.played.outcome == "skipped":
            skipped = skipped or play
        elif play.run.live:
            drilled = drilled or play
        else:
            rehearsed = rehearsed or play
    return Newest(playable, rehearsed, drilled, None if rehearsed or drilled else skipped)
