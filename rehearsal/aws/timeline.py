"""What the stage's AWS lives by: the clock, the pace and the dice, and which of them is bound now."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING
from uuid import UUID

from rehearsal.world.database import Hosts

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from rehearsal.aws.pace import Pace, Span
    from rehearsal.clock import VirtualClock


class Timeline:
    """One life of the stage's AWS, from `attach` to the next reset.

    Attributes:
        clock: the clock it lives by; whoever looks at or changes the world holds `clock.lock`.
        seed: what all dice of this life are thrown from.
        pace: how long things take.
        hosts: at which hosts its tasks find a database.
    """

    def __init__(self, clock: VirtualClock, seed: int, pace: Pace, hosts: Hosts | None = None) -> None:
        self.clock = clock
        self.seed = seed
        self.pace = pace
        self.hosts = hosts or Hosts()
        self._open = True
        self._dice: dict[str, Random] = {}

    def now(self) -> datetime:
        """The virtual time of day, aware, in UTC."""
        return self.clock.now()

    def moment(self) -> float:
        """Virtual seconds on the clock."""
        return self.clock.monotonic()

    def after(self, seconds: float, action: Callable[[], None]) -> None:
        """Plan `action` for `seconds` from now, unless this life is over by then."""

        def play() -> None:
            if self._open:
                action()

        self.clock.call_in(seconds, play)

    def close(self) -> None:
        """End this life: what it has planned will not happen."""
        self._open = False
        self._dice.clear()

    def dice(self, name: str) -> Random:
        """The dice called `name`; each is thrown independently of how often the others are."""
        if name not in self._dice:
            self._dice[name] = Random(f"{self.seed}:{name}")  # noqa: S311 - a rehearsal must repeat
        return self._dice[name]

    def draw(self, name: str, span: Span) -> float:
        """A duration within `span`, in seconds, to the millisecond."""
        return round(self.dice(name).uniform(span.low, span.high), 3)

    def uuid(self, name: str) -> str:
        """A random UUID."""
        return str(UUID(int=self.dice(name).getrandbits(128), version=4))

    def digits(self, name: str) -> str:
        """A number of 19 digits, as ECS numbers deployments and service revisions."""
        return str(self.dice(name).randrange(10**18, 10**19))


class _Binding:
    timeline: Timeline | None = None


def bind(timeline: Timeline | None) -> None:
    """Make `timeline` the one the stage lives by, and end the one before."""
    if _Binding.timeline is not None:
        _Binding.timeline.close()
    _Binding.timeline = timeline


def renew() -> None:
    """Begin the same life again: moto has forgotten its state, so what was planned must not happen."""
    before = _Binding.timeline
    if before is not None:
        bind(Timeline(before.clock, before.seed, before.pace, before.hosts))


def current() -> Timeline:
    """The timeline the stage lives by.

    Raises:
        RuntimeError: no stage is attached.
    """
    if _Binding.timeline is None:
        raise RuntimeError(
            "No clock is attached to the stage's AWS: call rehearsal.aws.install.attach first."
        )
    return _Binding.timeline
