"""Where a rehearsal plays."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Final, Protocol, cast

from rehearsal.insulation import load_moto
from rollback.errors import ConfigurationError

if TYPE_CHECKING:
    from pathlib import Path

    from rehearsal.blueprint import Blueprint
    from rollback.access import Access
    from rollback.clock import Clock
    from rollback.environment import Environment


class Stage(Protocol):
    """One rehearsal's place, from its opening to `close`."""

    @property
    def name(self) -> str:
        """What ``--stage`` calls it."""
        ...

    @property
    def clock(self) -> Clock:
        """What time passes by on it."""
        ...

    @property
    def environment(self) -> Environment:
        """The environment that is rehearsed."""
        ...

    def access(self) -> Access:
        """An operator's hands, with a journal of their own."""
        ...

    def close(self) -> None:
        """Take everything down. Closing it again does nothing."""
        ...


class StageFactory(Protocol):
    """Opens a stage."""

    def __call__(
        self, environment: Environment, blueprint: Blueprint, *, seed: int, directory: Path
    ) -> Stage:
        """Open a stage for one rehearsal.

        Args:
            environment: whose names and account it takes.
            blueprint: how its service is built.
            seed: what all chance on it is drawn from; the same seed gives the same rehearsal.
            directory: an existing directory for its journals.
        """
        ...


STAGES: Final = {"embedded": "rehearsal.embedded:EmbeddedStage"}
"""The stages by name. Each is imported when it is first opened: moto alone takes a second."""


def stage_factory(name: str) -> StageFactory:
    """The stage called `name`, ready to be opened.

    Raises:
        ConfigurationError: there is no such stage.
    """
    if name not in STAGES:
        raise ConfigurationError(
            f"There is no stage {name!r}.", remedy=f"The stages are: {', '.join(sorted(STAGES))}."
        )
    load_moto()
    module, _, attribute = STAGES[name].partition(":")
    return cast("StageFactory", getattr(importlib.import_module(module), attribute))
