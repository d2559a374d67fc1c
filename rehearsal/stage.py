"""Where a rehearsal plays."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol, cast

from rollback.errors import ConfigurationError

if TYPE_CHECKING:
    from pathlib import Path

    from rehearsal.blueprint import Blueprint
    from rollback.access import Access
    from rollback.clock import Clock
    from rollback.environment import Environment, Environments


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


@dataclass(frozen=True, slots=True)
class Listed:
    """A stage that a run can be asked for.

    Attributes:
        what: what it is, in a few words.
        factory: where its factory is, as ``module:name``; imported when the stage is first opened, since
            moto alone takes a second.
        apart: whether another process plays it, which reads the environments itself: then the factory is made by a
            function of them.
    """

    what: str
    factory: str
    apart: bool = False


LIVE: Final = "live"
"""What the stage is called that is no stage."""

STAGES: Final = {
    "embedded": Listed(
        "moto and a living ECS in this process, by a virtual clock", "rehearsal.embedded:EmbeddedStage"
    ),
    "server": Listed(
        "the same in a process of its own, asked over HTTP on loopback",
        "rehearsal.remote.stage:server",
        apart=True,
    ),
    "localstack": Listed(
        "the embedded one over HTTP, with LocalStack for S3, STS, ACM, Route53, IAM and Logs",
        "rehearsal.localstack.stage:localstack",
        apart=True,
    ),
    LIVE: Listed(
        "the real environment that --env names, which is what --env alone means",
        "rehearsal.live.stage:not_by_itself",
    ),
}
"""The stages by name."""

DEFAULT_STAGE: Final = "embedded"


def stage_factory(name: str, environments: Environments | None = None) -> StageFactory:
    """The stage called `name`, ready to be opened.

    Args:
        name: one of `STAGES`.
        environments: all that the project knows, for a stage that is played by another process.

    Raises:
        ConfigurationError: there is no such stage.
    """
    if name not in STAGES:
        raise ConfigurationError(
            f"There is no stage {name!r}.", remedy=f"The stages are: {', '.join(sorted(STAGES))}."
        )
    if name != LIVE:
        from rehearsal.insulation import load_moto  # noqa: PLC0415 - botocore takes long, and not every run needs it

        load_moto()
    module, _, attribute = STAGES[name].factory.partition(":")
    found = getattr(importlib.import_module(module), attribute)
    if not STAGES[name].apart:
        return cast("StageFactory", found)
    if environments is None:
        raise ConfigurationError(f"The stage {name!r} can't be opened without a file of environments.")
    return cast("StageFactory", found(environments))
