"""The real environment where a rehearsal has a stage."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NoReturn

from rehearsal.stage import LIVE
from rollback.errors import ConfigurationError

if TYPE_CHECKING:
    from pathlib import Path

    from rehearsal.blueprint import Blueprint
    from rollback.access import Access
    from rollback.clock import Clock
    from rollback.environment import Environment


class LiveStage:
    """The environment as it is: nothing is built, and nothing taken down.

    Args:
        environment: the place.
        access: the one pair of hands of the whole run, which hold its lease.
    """

    name: Final = LIVE

    def __init__(self, environment: Environment, access: Access) -> None:
        self.environment = environment
        self._access = access

    @property
    def clock(self) -> Clock:
        """The time of this machine, on which the lease is kept."""
        return self._access.clock

    def access(self) -> Access:
        """The hands of the run."""
        return self._access

    def close(self) -> None:
        """Leave it as it is; the run itself lets go of the lease."""

    def __getattr__(self, name: str) -> NoReturn:
        raise ConfigurationError(
            f"A live environment has no {name} to play with.",
            remedy="Only what works on a stage and on the real environment may be tagged @live.",
        )


def not_by_itself(environment: Environment, blueprint: Blueprint, *, seed: int, directory: Path) -> NoReturn:
    """Refuse to open the real environment without what comes before (`rehearsal.live.plugin`).

    Raises:
        ConfigurationError: always.
    """
    del blueprint, seed, directory
    raise ConfigurationError(
        f"{environment.name} is only worked on by a run that has looked at it before.",
        remedy=f"Type `pytest --env {environment.name}`.",
    )
