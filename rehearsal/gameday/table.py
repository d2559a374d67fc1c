"""The table at which it is played: the stage is served and broken, the page goes out, and the game is watched."""

from __future__ import annotations

from collections import Counter as Tally
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import pytest

from rehearsal.budget import budget_of
from rehearsal.clock import OPENING
from rehearsal.collect import example_of, template_of
from rehearsal.gameday.conditions import Parts, conditions, perform
from rehearsal.gameday.counter import Counter
from rehearsal.gameday.debrief import Debrief, Subject, tell
from rehearsal.gameday.deeds import folded
from rehearsal.gameday.game import HELP, Game, Rules
from rehearsal.gameday.hands import Hands
from rehearsal.gameday.hints import Chapter, hints, symptoms
from rehearsal.gameday.inbox import Inbox, Said
from rehearsal.gameday.players import COUNTER, names, seated
from rehearsal.gameday.score import RULES, Ending, score
from rehearsal.gameday.terminal import Terminal
from rehearsal.run import run_of
from rehearsal.serving.house import House, Wanted
from rehearsal.telling import console_for

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future
    from pathlib import Path

    from rehearsal.gameday.conditions import Condition
    from rehearsal.gameday.day import GameDay
    from rehearsal.gameday.game import Played
    from rehearsal.gameday.players import Player
    from rehearsal.gameday.twin import Twin
    from rollback.environment import Budget

HANDS: Final = "rollback-game-hands"
_ASKED: Final = 12
"""How many requests the page counts."""
_STDIN: Final = 0


class Table:
    """One game, from an empty stage to the debrief.

    Args:
        day: the game day.
        request: of the test.
    """

    def __init__(self, day: GameDay, request: pytest.FixtureRequest) -> None:
        self._day = day
        self._request = request
        item = request.node.twin
        template = template_of(item)
        if template is None:
            raise TypeError(item)
        self._scenario = template.render(example_of(item))
        self._parts = Parts.of(self._scenario.steps)
        self._tags = {mark.name for mark in item.iter_markers()}
        feature = template.feature
        self._chapter = Chapter(feature.name, item.location[0], feature.description or "")
        self._symptoms = symptoms(template.description or "", feature.description or "")
        shown = "" if day.asked.surprise else feature.name
        self._terminal = Terminal(console_for(request.config.option.color), shown)

    def play(self) -> None:
        """Play it, and tell how it went.

        Raises:
            Failed: the world wasn't mended.
            KeyboardInterrupt: somebody pressed Ctrl-C; the debrief has been told before.
        """
        asked, run = self._day.asked, run_of(self._request.config)
        house = House(run.environments, Wanted(speed=asked.speed, start=OPENING))
        open_house = ExitStack()
        # The first to be registered is the last to be called: the fixtures of the steps end before the house does.
        self._request.addfinalizer(open_house.close)
        self._terminal.say("A stage is being broken ...")
        open_house.enter_context(house)
        house.open(run.environment.name, seed=asked.seed)
        held = self._broken(house)
        # Only now the served repository has all of its history.
        twin = self._day.watched.twin(house.world.stage.directory)
        with Inbox(_STDIN) as inbox, Counter(names(asked.players), _to(inbox)) as counter:
            players = seated(house, counter.addresses)
            house.let_time_pass()
            budget = budget_of(house.world.stage.environment, self._tags)
            rules = Rules(
                conditions=held,
                hints=tuple(hints(self._chapter, twin.deeds, twin.title, twin.commands)),
                players=[each.name for each in players],
                budget=budget,
                deadline_seconds=budget.deadline_seconds * max(1.0, asked.speed),
            )
            seen = self._users_see(house)
            self._page(house, players, seen, budget)
            played = Game(house, rules, inbox, self._terminal).play()
        path = self._debriefed(played, twin, rules, seen, budget)
        self._end(played, path)

    def _broken(self, house: House) -> tuple[Condition, ...]:
        """Play what comes before the first When; returns what has to hold in the end."""
        self._request.config.pluginmanager.register(Hands(house), HANDS)
        for step in self._parts.prelude:
            perform(self._request, step)
        held = conditions(self._request, self._parts.thens, slow=self._day.watched.slow)
        if not held or not any(each.trouble() for each in held):
            pytest.fail(
                "Nothing of what this scenario says in the end is wrong in the beginning, so there is nothing to mend: "
                "it isn't fit for a game day.",
                pytrace=False,
            )
        return held

    def _users_see(self, house: House) -> str:
        environment = house.world.stage.environment
        answers = Tally(each.status for each in house.world.look.ask(_ASKED))
        told = ", ".join(f"{count} with {status}" for status, count in sorted(answers.items()))
        return f"{_ASKED} requests to {environment.url}{environment.probe.path} were answered: {told}."

    def _page(self, house: House, players: tuple[Player, ...], seen: str, budget: Budget) -> None:
        """What wakes up whoever is on call, and what they need."""
        terminal, environment = self._terminal, house.world.stage.environment
        terminal.heading(f"PAGE  {environment.service}, {environment.name}")
        for each in self._symptoms:
            terminal.say(f"  {each[:1].upper()}{each[1:]}.")
        terminal.say(f"  {seen}")
        terminal.say(
            f"  It is {house.clock_now:%A, %H:%M:%S} UTC on the stage; {_pace(house.speed)}",
            f"  It should be over in {budget.to_seconds / 60:g} minutes. {RULES}",
        )
        for player in players:
            terminal.heading(f"In the terminal of {player.name}: source {player.file}")
            terminal.lines(["# or paste this:", *player.exports()])
        terminal.heading("For instance:")
        terminal.lines(
            [
                f"aws ecs describe-services --cluster {environment.cluster} --services {environment.service}",
                f"git clone --branch {environment.branch} {environment.repository.remote} checkout",
                f"curl {environment.url}{environment.probe.path}",
                f'curl "${COUNTER}/hint"    # and /status, /wait/30, /give-up: the same as typed here',
            ]
        )
        terminal.heading("Mend it. Here you can type:")
        terminal.say(HELP, "Ctrl-C ends it, with the debrief.", "")

    def _debriefed(self, played: Played, twin: Twin, rules: Rules, seen: str, budget: Budget) -> Path | None:
        asked, environment = self._day.asked, run_of(self._request.config).environment
        debrief = Debrief(
            subject=Subject(
                scenario=self._scenario.name,
                chapter=self._chapter.name,
                path=self._chapter.path,
                environment=environment.name,
                seed=asked.seed,
                speed=asked.speed,
                symptoms=(*self._symptoms, seen.removesuffix(".")),
                players=tuple(rules.players),
                surprise=asked.surprise,
            ),
            at=datetime.now(UTC),
            ending=played.ending,
            seconds=played.seconds,
            budget_from=budget.from_seconds,
            budget_to=budget.to_seconds,
            score=score(
                played.ending, hints=len(played.hints), recovered=played.moments.recovered, budget=budget
            ),
            moments=played.moments,
            deeds=folded(played.deeds),
            hints=played.hints,
            wrong=played.wrong,
            conditions=tuple(each.text for each in rules.conditions),
            tool=twin,
        )
        tell(debrief, self._terminal)
        return self._day.folder.keep(debrief)

    def _end(self, played: Played, path: Path | None) -> None:
        if path is not None:
            self._terminal.say("", f"The debrief: {path}")
        if played.ending is Ending.BROKEN_OFF:
            raise KeyboardInterrupt
        if played.ending is not Ending.RECOVERED:
            pytest.fail(f"{played.ending.value[:1].upper()}{played.ending.value[1:]}.", pytrace=False)


def _to(inbox: Inbox) -> Callable[[str, str, Future[str]], None]:
    def said(who: str, words: str, answer: Future[str]) -> None:
        inbox.put(Said(who, words, answer))

    return said


def _pace(speed: float) -> str:
    if not speed:
        return "time stands still there until somebody says wait."
    return "time passes as it does here." if speed == 1 else f"{speed:g} seconds pass there in one."
