"""How time passes in the world of a scenario, and what happens in it meanwhile."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from rehearsal.clock import VirtualClock
    from rehearsal.world.look import Answer, Look

STEP = 1.0
"""How far the clock goes on, in seconds, between two looks for a steady service."""


class Unsettled(AssertionError):
    """The service did not become steady in time; the message says how it was left."""


class Passing(ABC):
    """The part of a world that needs nothing but its clock and a look at it, wherever the world is.

    Attributes:
        clock: the stage's clock.
        look: what can be seen of the world from outside.
    """

    clock: VirtualClock
    look: Look

    @abstractmethod
    def is_settled(self) -> bool:
        """Whether the service is steady, or its deployment has failed for good, or there is none."""

    def settle(self, *, limit_seconds: float = 1800.0) -> float:
        """Let time pass until the service is steady, or its deployment has failed for good.

        Steady means that ECS has nothing left to do and no target drains. A deployment that failed, with
        nothing to roll back to, leaves a service that is as settled as it will ever be.

        Returns:
            How many seconds it took.

        Raises:
            Unsettled: it is not steady after `limit_seconds`.
        """
        began = self.clock.monotonic()
        while not self.is_settled():
            if self.clock.monotonic() - began >= limit_seconds:
                raise Unsettled(f"Not steady after {limit_seconds:.0f} s: {self.look.deployments()}")
            self.clock.sleep(STEP)
        return self.clock.monotonic() - began

    def later(self, seconds: float, action: Callable[[], object]) -> None:
        """Have somebody do something `seconds` from now, whatever else goes on then.

        Within it, ask the application with `look.at_once`: over HTTP nobody answers while the clock plays.
        """

        def act() -> None:
            action()

        self.clock.call_in(seconds, act)

    def once(
        self, condition: Callable[[], bool], action: Callable[[], object], *, every: float = 1.0
    ) -> None:
        """Have somebody who looks every so many seconds do something as soon as `condition` holds."""

        def look() -> None:
            if condition():
                action()
            else:
                self.clock.call_in(every, look)

        self.clock.call_in(every, look)

    def watch(self, *, every: float = 1.0) -> list[Answer]:
        """Ask the application every so many seconds from now on, as its users do, while other things happen.

        The requests go to the load balancer as such and not over a connection: they come while the clock
        plays what else happens, and the server answers nobody then.

        Returns:
            A list that grows with each answer.
        """
        answers: list[Answer] = []

        def ask() -> None:
            answers.append(self.look.at_once())
            self.clock.call_in(every, ask)

        self.clock.call_in(every, ask)
        return answers
