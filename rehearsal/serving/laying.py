"""The history that a service has when somebody is let in: it worked, and then a change was deployed that it didn't take."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from rehearsal.world.version import Behaviour

if TYPE_CHECKING:
    from rehearsal.serving.house import House

TITLE: Final = "Faster checkout"
"""The pull request that broke it."""
HEALTHY: Final = "nothing"
BROKEN: Final = {
    "errors": Behaviour.ERRORS,
    "crashes": Behaviour.CRASHES,
    "unhealthy": Behaviour.UNHEALTHY,
    "slow": Behaviour.SLOW,
    HEALTHY: Behaviour.HEALTHY,
}
"""What the newest version does, by what ``--broken`` calls it."""
_RECENT: Final = timedelta(minutes=15)
"""How long ago the newest version was merged, at most: a deployment that the circuit breaker ends takes ten minutes."""


def lay(house: House, how: str) -> None:
    """Give the service of the open stage its history, and Terraform its state.

    Two revisions have worked, each of a commit that the pipeline deployed; then the pull request `TITLE` was merged,
    whose version behaves as `how` says. The clock ends where it may go on from: at the present, where it follows it.

    Args:
        house: with an open stage.
        how: one of `BROKEN`.
    """
    house.origin.open_the_service()
    house.world.state.open()
    world = house.world
    ago = datetime.now(UTC) - world.clock.now() - _RECENT
    if house.follows_the_present:
        world.clock.sleep(max(0.0, ago.total_seconds()))
    house.changes.changes_code(TITLE, BROKEN[how])
    house.let_time_pass()
