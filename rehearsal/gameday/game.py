"""One game: the watch over a broken world, until it is mended or somebody has had enough."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from rehearsal.gameday.deeds import by_players, moments
from rehearsal.gameday.score import A_HINT, Ending
from rollback.clock import spoken

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rehearsal.gameday.conditions import Condition
    from rehearsal.gameday.deeds import Deed, Moments
    from rehearsal.gameday.inbox import Inbox, Said
    from rehearsal.serving.house import House
    from rehearsal.story import Budget

EVERY: Final = 5.0
"""How often the world is looked at, in seconds of the stage's time."""
HELD: Final = 15.0
"""For how long everything has to hold, in seconds of the stage's time, before it is believed."""
WAIT_AT_MOST: Final = 3600.0
HELP: Final = (
    f"hint (or just Enter): the next step of the runbook, for {A_HINT} points. status: what is still wrong. "
    "wait SECONDS: let the stage's time pass at once. give up: end it."
)


class Telling(Protocol):
    """Who tells the players."""

    def say(self, *sentences: str) -> None:
        """Tell all of them something."""

    def stands(self, waiting: str, passed: float, left: float) -> None:
        """Show what is waited for, since when, and what is left of the budget, both in seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What a game is played by.

    Attributes:
        conditions: what has to hold in the end.
        hints: what whoever asks is told, one after the other.
        players: their names.
        budget: what it may take.
        deadline_seconds: when it is over, in seconds of the stage's time.
    """

    conditions: Sequence[Condition]
    hints: Sequence[str]
    players: Sequence[str]
    budget: Budget
    deadline_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Hinted:
    """A hint that was given.

    Attributes:
        seconds: when, in seconds of the stage's time.
        who: to whom; empty for whoever sat at the game's own terminal.
        text: what it said.
    """

    seconds: float
    who: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """How a game went.

    Attributes:
        ending: how it ended.
        seconds: how long it took, in seconds of the stage's time.
        moments: when the players noticed, decided, changed something and were done.
        deeds: what they did.
        hints: what they were told.
        wrong: what didn't hold at last, and why.
    """

    ending: Ending
    seconds: float
    moments: Moments
    deeds: tuple[Deed, ...]
    hints: tuple[Hinted, ...]
    wrong: tuple[str, ...] = ()


class Game:
    """Watches from when the page goes out.

    Args:
        house: the served stage, broken.
        rules: what it is played by.
        inbox: what wakes it up.
        telling: who tells the players.
    """

    def __init__(self, house: House, rules: Rules, inbox: Inbox, telling: Telling) -> None:
        self._house = house
        self._rules = rules
        self._inbox = inbox
        self._telling = telling
        self._clock = house.world.clock
        self._page = self._clock.now()
        self._first = len(house.requests(0))
        self._began = self._clock.monotonic()
        self._held_since: float | None = None
        self._wrong: tuple[str, ...] = ()
        self._looked_at = float("-inf")
        self._hints: list[Hinted] = []
        self._ending: Ending | None = None
        self._late = False

    def play(self) -> Played:
        """Watch until it is over; Ctrl-C is an end as well."""
        try:
            self._look()
            self._clock.call_in(EVERY, self._tick)
            while self._ending is None:
                if self._held_since is None or self._house.follows_the_present:
                    self._inbox.wait()
                else:  # time stands still: the proof that it stays so passes by itself
                    self._house.advance(EVERY)
                self._hear()
                self._look_if_due()
        except KeyboardInterrupt:
            self._ending = Ending.BROKEN_OFF
        ending = self._ending or Ending.BROKEN_OFF
        self._ending = ending
        self._inbox.end("The game is over.")
        return self._played(ending)

    @property
    def _passed(self) -> float:
        return self._clock.monotonic() - self._began

    def _look_if_due(self) -> None:
        if self._ending is None and self._passed - self._looked_at >= EVERY:
            self._look()

    def _tick(self) -> None:
        """Played by the clock, whoever moves it."""
        if self._ending is None:
            self._clock.call_in(EVERY, self._tick)
            self._inbox.wake()

    def _look(self) -> None:
        """See how the world is."""
        with self._house.at_rest():
            now = self._looked_at = self._passed
            self._wrong = tuple(
                f"{each.text} ({trouble})" for each in self._rules.conditions if (trouble := each.trouble())
            )
        if self._wrong:
            self._held_since = None
        elif self._held_since is None:
            self._held_since = now
        if self._held_since is not None and now - self._held_since >= HELD:
            self._ending = Ending.RECOVERED
        elif self._held_since is None and now >= self._rules.deadline_seconds:
            self._ending = Ending.TOO_LATE
        else:
            self._show(now)

    def _show(self, now: float) -> None:
        left = self._rules.budget.to_seconds - now
        if left < 0 and not self._late:
            self._late = True
            self._telling.say(
                f"The budget of {spoken(self._rules.budget.to_seconds)} is used up. It goes on until "
                f"{spoken(self._rules.deadline_seconds)} have passed."
            )
        waiting = "the proof that it stays so" if self._held_since is not None else "somebody who mends it"
        self._telling.stands(waiting, now, left)

    def _hear(self) -> None:
        for said in self._inbox.said():
            words = said.words.lower().split()
            match words:
                case [] | ["hint"]:
                    self._answer(said, self._hint(said.who))
                case ["status"]:
                    self._answer(said, self._status())
                case ["wait", seconds]:
                    self._answer(said, self._wait(seconds))
                case ["give", "up"]:
                    self._ending = Ending.GIVEN_UP
                    self._answer(said, "Given up.")
                    return
                case _:
                    self._answer(said, HELP)
            if self._ending is not None:
                return

    def _answer(self, said: Said, text: str) -> None:
        if said.answer is None:
            self._telling.say(text)
        else:
            said.answer.set_result(text)

    def _hint(self, who: str) -> str:
        given = len(self._hints)
        if given == len(self._rules.hints):
            return "That was all that the runbook has. This one costs nothing."
        text = self._rules.hints[given]
        self._hints.append(Hinted(seconds=self._passed, who=who, text=text))
        return f"Hint {given + 1} of {len(self._rules.hints)}, for {A_HINT} points. {text}"

    def _status(self) -> str:
        wrong = self._count(self._wrong, self._rules.conditions)
        left = self._rules.budget.to_seconds - self._passed
        budget = f"{spoken(left)} of the budget left" if left >= 0 else f"{spoken(-left)} over the budget"
        return f"{spoken(self._passed)} since the page, {budget}. {wrong} Hints: {len(self._hints)}."

    @staticmethod
    def _count(wrong: Sequence[object], all_of_it: Sequence[object]) -> str:
        """How much is wrong, and not what: that would be a hint."""
        if not wrong:
            return "Everything holds; it has to stay so."
        return f"{len(wrong)} of {len(all_of_it)} things that must hold don't."

    def _wait(self, words: str) -> str:
        """Let time pass, in steps, so that each look is at its own moment wherever this machine is slow."""
        try:
            left = float(words)
        except ValueError:
            left = -1.0
        if not 0 < left <= WAIT_AT_MOST:
            return f"Say for how many seconds, up to {WAIT_AT_MOST:.0f}: wait 30."
        until = self._passed + left
        while self._ending is None and (left := until - self._passed) > 0:
            self._house.advance(min(EVERY, left))
            self._look_if_due()
        return self._status()

    def _played(self, ending: Ending) -> Played:
        recovered = self._held_since if ending is Ending.RECOVERED else None
        players = self._rules.players
        deeds = tuple(
            by_players(
                self._house.requests(self._first),
                page=self._page,
                only=players[0] if len(players) == 1 else "",
            )
        )
        return Played(
            ending=ending,
            seconds=recovered if recovered is not None else self._passed,
            moments=moments(deeds, recovered),
            deeds=deeds,
            hints=tuple(self._hints),
            wrong=self._wrong,
        )
