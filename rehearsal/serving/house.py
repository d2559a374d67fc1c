"""A stage that is open in this process and served, with its world, its software house, and its time."""

from __future__ import annotations

import secrets
import shutil
import tempfile
from contextlib import ExitStack, nullcontext
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

from rehearsal.blueprint import Blueprint
from rehearsal.clock import OPENING
from rehearsal.embedded import EmbeddedStage
from rehearsal.origin.origin import Origin
from rehearsal.origin.people import Developers
from rehearsal.serving import errands
from rehearsal.serving.desk import Desk
from rehearsal.serving.doors import Binding, Doors
from rehearsal.serving.ledger import Ledger
from rehearsal.serving.pump import Pump
from rehearsal.serving.surroundings import FILE, exports, on_loopback
from rehearsal.world.incidents import Incidents
from rehearsal.world.version import Behaviour

if TYPE_CHECKING:
    from collections.abc import Mapping
    from contextlib import AbstractContextManager

    from rehearsal.keys import Keys
    from rehearsal.serving.doors import Addresses
    from rehearsal.serving.ledger import Entry
    from rehearsal.world.world import World
    from rollback.environment import Environments

STOOD: Final = timedelta(hours=1)
"""How long the service of a stage with a real clock has been there when its doors open."""
LOGS_PATH: Final = "/logs"
"""Below which the job logs of a stage are that has its GitHub on loopback."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is to be served.

    Attributes:
        speed: how many seconds pass in a real one; 0 for a clock that only moves when it is told to, and begins
            where every rehearsal does.
        loopback: whether the environment is told that its application and its GitHub are on loopback. Who brings
            requests there by other means wants the environment as it is.
        start: when the stage's time begins; it then doesn't catch up with the real one. By default it does, and begins
            `STOOD` earlier.
    """

    speed: float = 1.0
    loopback: bool = True
    start: datetime | None = None


class Changes:
    """What developers do, in an errand's words."""

    def __init__(self, origin: Origin, developers: Developers) -> None:
        self._origin = origin
        self._developers = developers

    def changes_code(self, title: str, behaviour: Behaviour = Behaviour.HEALTHY) -> str:
        """Merge a pull request with new code, and wait until it is deployed; returns the merge commit."""
        made = self._developers.merged(title, self._developers.code(title, behaviour))
        self._origin.settle()
        return made.commit

    def changes_infrastructure(self, title: str) -> str:
        """Merge a pull request of that title, and wait until it is applied; returns the merge commit."""
        made = self._developers.merged(title, self._developers.infrastructure(title))
        self._origin.settle()
        return made.commit


class House:
    """A served stage. Enter it to have its doors open; `open` puts a stage behind them, and another one later.

    Args:
        environments: all that the project knows.
        wanted: how it is served.
        binding: where it listens.
        token: that of the control endpoint; by default a new one.

    Attributes:
        addresses: where everything is.
        token: that of the control endpoint.
        world: the world of the open stage.
        origin: its software house.
    """

    def __init__(
        self,
        environments: Environments,
        wanted: Wanted,
        *,
        binding: Binding | None = None,
        token: str = "",
    ) -> None:
        self.token = token or secrets.token_urlsafe(24)
        self.addresses: Addresses
        self.world: World
        self.origin: Origin
        self._environments = environments
        self._wanted = wanted
        self._binding = binding or Binding()
        self._doors = Doors()
        self._desk = Desk(self, self.token)
        self._undo = ExitStack()
        self._open = ExitStack()
        self._pump: Pump | None = None
        self._ledger: Ledger | None = None
        self._ready = False
        self._told: dict[str, object] = {}

    def __enter__(self) -> Self:
        with ExitStack() as undo:
            undo.callback(self._desk.close)
            self.addresses = undo.enter_context(self._doors.open(self._binding, self._desk.open))
            undo.callback(self.close)
            self._undo = undo.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._undo.close()

    def open(self, name: str, *, seed: int = 0, blueprint: Blueprint | None = None) -> None:
        """Open a stage for an environment: an empty service's foundation, repository and pipeline. Time stands still.

        What was open before is closed.

        Raises:
            ConfigurationError: there is no such environment, or it doesn't say how its service is built.
        """
        self.close()
        with ExitStack() as undo:
            directory = Path(tempfile.mkdtemp(prefix="rehearsal-served-"))
            undo.callback(shutil.rmtree, directory, ignore_errors=True)
            known = self._environments
            if self._wanted.loopback:
                known = on_loopback(known, name, self.addresses, directory)
            environment = known.get(name)
            start = self._wanted.start or (datetime.now(UTC) - STOOD if self._wanted.speed else OPENING)
            stage = EmbeddedStage(
                environment,
                blueprint or _blueprint(known, name),
                seed=seed,
                directory=directory,
                start=start.replace(microsecond=0),
            )
            undo.callback(stage.close)
            self.world = stage.world()
            undo.callback(self.world.close)
            self._furnish(stage, known, seed, undo)
            self._told = {
                "environment": environment.name,
                "seed": seed,
                "speed": self._wanted.speed,
                "start": start.replace(microsecond=0).isoformat(),
                "addresses": asdict(self.addresses),
                "variables": exports(stage, self.addresses, known),
            }
            self._open = undo.pop_all()

    def let_time_pass(self) -> None:
        """Let the stage's time catch up with the real one, where it is to, and then pass at its speed: it is ready."""
        if self._wanted.speed:
            if self._wanted.start is None:
                behind = datetime.now(UTC) - self.clock_now
                self.world.clock.sleep(max(0.0, behind.total_seconds()))
            self._pump = self._open.enter_context(Pump(self.world.clock, self._wanted.speed))
        self._ready = True

    def close(self) -> None:
        """Close what is open; the doors stay, and nobody answers behind them."""
        self._doors.shut()
        self._pump = self._ledger = None
        self._ready = False
        self._told = {}
        self._open.close()

    @property
    def variables(self) -> Mapping[str, str]:
        """The environment variables with which programs find the stage."""
        found: Any = self._told["variables"]
        return dict(found)

    @property
    def follows_the_present(self) -> bool:
        """Whether its clock goes on by itself."""
        return self._wanted.speed > 0

    @property
    def speed(self) -> float:
        """How many seconds pass in a real one."""
        return self._wanted.speed

    @property
    def environments_path(self) -> Path:
        """The file that describes the environments as they are served."""
        return Path(self.variables[FILE])

    @property
    def clock_now(self) -> datetime:
        """The stage's time."""
        return self.world.clock.now()

    # What the desk asks.

    def trouble(self) -> str:
        """Why the stage can't be trusted or isn't open or set up yet; empty where all is well."""
        if not self._told:
            return "No stage is open."
        if not self._ready:
            return "The stage is being set up."
        if self._pump and self._pump.failure:
            return f"The stage's time stands still: {self._pump.failure!r}"
        return ""

    def told(self) -> Mapping[str, object]:
        """What is said of the stage."""
        return {**self._told, "now": self.clock_now.isoformat()} if self._told else {}

    def reopen(self, environment: str, blueprint: Mapping[str, object] | None, seed: int) -> None:
        """Open the stage anew, and let time pass on it."""
        built = Blueprint.model_validate(blueprint) if blueprint is not None else None
        self.open(environment, seed=seed, blueprint=built)
        self.let_time_pass()

    def advance(self, seconds: float) -> None:
        """Move the clock on at once."""
        self.world.clock.sleep(seconds)

    def requests(self, since: int) -> tuple[Entry, ...]:
        """Who asked for what, after the `since`-th request."""
        return self._ledger.since(since) if self._ledger else ()

    def keys(self, account: str, user: str) -> Keys:
        """The keys of an IAM user."""
        return self.world.stage.keys_of(user, account)

    def errand(self, of: str, name: str, args: list[Any], named: Mapping[str, Any]) -> object:
        """Do an errand; returns the encoded answer. Meanwhile time passes only as the errand lets it."""
        roots = {
            "developers": self.changes,
            "incidents": Incidents(self.world.stage, self.world),
            "origin": self.origin,
            "world": self.world,
        }
        with self.at_rest():
            return errands.run(roots, of, name, args, named)

    def at_rest(self) -> AbstractContextManager[None]:
        """Within this block only others move the clock; the time it takes passes afterwards."""
        return nullcontext() if self._pump is None else self._pump.paused()

    @property
    def elapsed(self) -> float:
        """Virtual seconds since the stage was opened."""
        return self.world.clock.monotonic() if self._told else 0.0

    def _furnish(self, stage: EmbeddedStage, known: Environments, seed: int, undo: ExitStack) -> None:
        loopback = {"logs": self.addresses.origin + LOGS_PATH} if self._wanted.loopback else {}
        self.origin = Origin(stage, self.world, known, seed=seed, **loopback)
        undo.callback(self.origin.close)
        self.changes = Changes(self.origin, Developers(self.origin, stage.environment))
        clock = stage.clock
        self._ledger = Ledger(lambda: clock.now().isoformat())
        self.origin.api.interceptors.append(self._ledger.github)
        self.origin.git.interceptors.append(self._ledger.git)
        self._doors.show(stage, self._ledger)


def _blueprint(environments: Environments, name: str) -> Blueprint:
    environment = environments.get(name)
    return Blueprint.read(
        environments.section(environment, "rehearsal"),
        file=str(environments.path),
        key=f"environments.{environment.name}.rehearsal",
    )
