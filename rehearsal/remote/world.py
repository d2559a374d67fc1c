"""The world of a scenario, where the stage is in another process."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, cast

from rehearsal.remote.beyond import beyond
from rehearsal.serving.errands import is_known
from rehearsal.world.passing import Passing

if TYPE_CHECKING:
    from rehearsal.remote.clock import RemoteClock
    from rehearsal.serving.control import Control
    from rehearsal.world.damage import Damage
    from rehearsal.world.look import Look
    from rehearsal.world.team import Team
    from rehearsal.world.version import AppVersion


class Part:
    """Somebody or something in the other process: each of its methods that is on the list of errands is one.

    Args:
        control: the other process.
        of: who, as ``world.look``.
    """

    def __init__(self, control: Control, of: str) -> None:
        self._control = control
        self._of = of

    def __getattr__(self, name: str) -> Any:
        if not is_known(self._of, name):
            beyond(f"{self._of}.{name}")
        return partial(self._control.errand, self._of, name)


class RemoteWorld(Passing):
    """Does and tells what `rehearsal.world.world.World` does and tells, as far as that can cross.

    Args:
        control: the other process.
        clock: its clock.

    Attributes:
        team: what people do with the service.
        damage: what can go missing from under it.
    """

    def __init__(self, control: Control, clock: RemoteClock) -> None:
        self.clock: RemoteClock = clock
        self.team = cast("Team", Part(control, "world.team"))
        self.damage = cast("Damage", Part(control, "world.damage"))
        self.look = cast("Look", Part(control, "world.look"))
        self._control = control

    def __getattr__(self, name: str) -> Any:
        return beyond(f"world.{name}")

    def open_with(self, *versions: AppVersion) -> list[int]:
        """Create the service with the first version, then deploy the others, each until it has settled."""
        revisions: list[int] = self._control.errand("world", "open_with", *versions)
        return revisions

    def is_settled(self) -> bool:
        """Whether the service is steady, or its deployment has failed for good, or there is none."""
        return bool(self._control.errand("world", "is_settled"))

    def settle(self, *, limit_seconds: float = 1800.0) -> float:
        """Let time pass until the service is steady; all at once where nothing in this process waits for it."""
        if self.clock.is_awaited:
            return super().settle(limit_seconds=limit_seconds)
        return float(self._control.errand("world", "settle", limit_seconds=limit_seconds))

    def close(self) -> None:
        """Nothing is kept here."""
