"""Stages on which time only passes when somebody says so, and players who follow a script."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast
from urllib.error import HTTPError
from urllib.request import ProxyHandler, build_opener

import boto3
import pytest

from rehearsal.clock import VirtualClock
from rehearsal.gameday.conditions import Condition
from rehearsal.gameday.counter import Counter
from rehearsal.gameday.game import Game, Rules
from rehearsal.gameday.inbox import Inbox, Said
from rehearsal.gameday.players import COUNTER, names, seated
from rehearsal.insulation import load_moto
from rollback.environment import load

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from concurrent.futures import Future

    from rehearsal.gameday.game import Played
    from rehearsal.serving.house import House
    from rollback.environment import Environment

ENVIRONMENTS = Path(__file__).parents[2] / "environments.toml"
HINTS = ("Look.", "It is that chapter.", "Type this.")
ENVIRONMENT = load(ENVIRONMENTS).get("staging")


@dataclass(slots=True)
class Told:
    """What the players were told."""

    said: list[str] = field(default_factory=list)
    stood: list[tuple[str, float, float]] = field(default_factory=list)

    def say(self, *sentences: str) -> None:
        self.said += sentences

    def stands(self, waiting: str, passed: float, left: float) -> None:
        self.stood.append((waiting, passed, left))


class EmptyHouse:
    """Nothing but a clock: for what a game does whatever is served."""

    follows_the_present = False

    def __init__(self) -> None:
        self.world = SimpleNamespace(clock=VirtualClock())
        self.resting = False

    @contextmanager
    def at_rest(self) -> Iterator[None]:
        self.resting = True
        yield
        self.resting = False

    def advance(self, seconds: float) -> None:
        self.world.clock.sleep(seconds)

    def requests(self, since: int) -> tuple[()]:
        del since
        return ()


class ScriptedPlayer:
    """Somebody at a terminal of their own, who has nothing but what was printed for them."""

    def __init__(self, variables: Mapping[str, str], environment: Environment) -> None:
        self.variables = dict(variables)
        self._environment = environment
        self._opener = build_opener(ProxyHandler({}))

    def says(self, words: str) -> str:
        with self._opener.open(f"{self.variables[COUNTER]}/{words}", timeout=60) as answer:
            text: str = answer.read().decode()
        return text

    def looks(self) -> None:
        here = self._environment
        self._ecs.describe_services(cluster=here.cluster, services=[here.service])

    def browses(self) -> int:
        try:
            with self._opener.open(f"{self.variables['APPLICATION_URL']}/version", timeout=60) as answer:
                return int(answer.status)
        except HTTPError as error:
            return error.code

    def rolls_to(self, revision: int) -> None:
        here = self._environment
        self._ecs.update_service(
            cluster=here.cluster,
            service=here.service,
            taskDefinition=f"{here.family}:{revision}",
            forceNewDeployment=True,
        )

    @property
    def _ecs(self) -> Any:
        given = self.variables
        session = boto3.Session(
            given["AWS_ACCESS_KEY_ID"], given["AWS_SECRET_ACCESS_KEY"], region_name=given["AWS_REGION"]
        )
        return session.client("ecs", endpoint_url=given["AWS_ENDPOINT_URL"])


@dataclass(slots=True)
class Table:
    """A game that is about to begin."""

    house: House
    told: Told
    players: tuple[ScriptedPlayer, ...]
    game: Game
    inbox: Inbox

    def played_by(self, *script: Callable[[], object]) -> Played:
        """The game, played while the script runs in a thread of its own."""
        failures: list[BaseException] = []

        def run() -> None:
            try:
                for each in script:
                    each()
            except BaseException as failure:  # noqa: BLE001 - told below, in the thread that asserts
                failures.append(failure)
            finally:
                self.inbox.put(Said("", "give up"))  # where the script hasn't ended it

        thread = Thread(target=run)
        thread.start()
        try:
            return self.game.play()
        finally:
            thread.join()
            assert failures == []

    @property
    def clock(self) -> VirtualClock:
        """The stage's clock."""
        return self.house.world.clock


@dataclass(slots=True)
class Setting:
    """What sets tables, and clears them."""

    house: House
    holds: Callable[[], object]
    _undo: ExitStack = field(default_factory=ExitStack)

    def table(self, players: int = 1, *, stdin: int | None = None) -> Table:
        """A table for so many, at which something may be typed."""
        inbox = self._undo.enter_context(Inbox(stdin))

        def said(who: str, words: str, answer: Future[str]) -> None:
            inbox.put(Said(who, words, answer))

        counter = self._undo.enter_context(Counter(names(players), said))
        budget = ENVIRONMENT.budgets.emergency
        rules = Rules(
            conditions=(Condition("the service runs revision 41 on every task", self.holds),),
            hints=HINTS,
            players=tuple(counter.addresses),
            budget=budget,
            deadline_seconds=budget.deadline_seconds,
        )
        variables: list[Mapping[str, str]]
        if isinstance(self.house, EmptyHouse):
            variables = [{COUNTER: each} for each in counter.addresses.values()]
        else:
            variables = [each.variables for each in seated(self.house, counter.addresses)]
        told = Told()
        return Table(
            self.house,
            told,
            tuple(ScriptedPlayer(each, ENVIRONMENT) for each in variables),
            Game(self.house, rules, inbox, told),
            inbox,
        )

    def clear(self) -> None:
        """Let go of everything."""
        self._undo.close()


@pytest.fixture
def nothing() -> Iterator[Setting]:
    """A stage with nothing on it, whose condition a test decides about."""

    def never() -> None:
        raise AssertionError("It runs revision 42.")

    setting = Setting(cast("House", EmptyHouse()), never)
    yield setting
    setting.clear()


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    load_moto()
    from rehearsal.serving.house import House, Wanted  # noqa: PLC0415 - it imports moto

    with House(load(ENVIRONMENTS), Wanted(speed=0)) as house:
        yield house


@pytest.fixture
def broken(house: House) -> Iterator[Setting]:
    """A service on revision 42, which answers with errors; 40 and 41 have worked."""
    from rehearsal.world.incidents import Incidents  # noqa: PLC0415 - it imports moto
    from rehearsal.world.version import Behaviour  # noqa: PLC0415 - likewise

    house.open(ENVIRONMENT.name)
    incidents = Incidents(house.world.stage, house.world)
    incidents.worked_with(40, 41)
    incidents.deployed(42, Behaviour.ERRORS)

    def runs() -> None:
        assert house.world.look.running() == {41: house.world.look.desired_count()}

    setting = Setting(house, runs)
    yield setting
    setting.clear()
    house.close()
