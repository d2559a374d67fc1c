"""What one run of pytest rehearses: the environment, the stage and the seed it was asked for."""

from __future__ import annotations

import os
import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pytest

from rehearsal.database_config import DATABASE, POSTGRESQL
from rehearsal.stage import DEFAULT_STAGE, LIVE
from rollback.errors import ConfigurationError

if TYPE_CHECKING:
    from pathlib import Path

    from rollback.environment import Environment, Environments

ENVIRONMENTS_VARIABLE: Final = "ROLLBACK_ENVIRONMENTS"
"""The environment variable that names the file where the rollback itself looks for it, as in a sandbox's terminal."""

_REPEATED: Final = {
    "--env": "rollback_env",
    "--environments": "rollback_environments",
    "--stage": "stage",
    "--confirm": "rollback_confirm",
    "--profile": "rollback_profile",
}
"""The options without which it would be another run, and where pytest keeps them."""

_RUN: Final = pytest.StashKey["Run"]()


@dataclass(frozen=True, slots=True)
class Run:
    """What this run was asked to rehearse.

    Attributes:
        environments: every environment the project knows.
        environment: the one that stands for the run: the chosen one, or the default.
        chosen: whether ``--env`` named it, so that examples of other environments are left out.
        stage: the name of the stage, one of `rehearsal.stage.STAGES`.
        seed: where everything random on the stage begins.
    """

    environments: Environments
    environment: Environment
    chosen: bool
    stage: str
    seed: int

    @property
    def live(self) -> bool:
        """Whether it is the real environment that this run works on."""
        return self.stage == LIVE


def stage_of(config: pytest.Config) -> str:
    """The stage that was asked for: ``--env`` means the environment itself, unless ``--stage`` says otherwise.

    On a game day it never does.
    """
    if config.getoption("game_day"):
        return DEFAULT_STAGE
    given: str | None = config.getoption("stage")
    return given or (LIVE if config.getoption("rollback_env") else DEFAULT_STAGE)


def run_of(config: pytest.Config) -> Run:
    """What this run rehearses, read once and when it is first needed.

    Raises:
        rollback.errors.ConfigurationError: the environments can't be read, ``--env`` names none of them, or the stage
            is live and nobody has named one.
    """
    if (run := config.stash.get(_RUN, None)) is None:
        run = config.stash[_RUN] = _read(config)
    return run


def environments_path(config: pytest.Config) -> Path:
    """The file that describes the environments: ``--environments``, or what the ini file or the default says.

    A live run also looks at the environment variable, so that it finds a sandbox as the rollback itself does.
    """
    given: str | None = config.getoption("rollback_environments")
    if stage_of(config) == LIVE:
        given = given or os.environ.get(ENVIRONMENTS_VARIABLE)
    if given:
        return config.invocation_params.dir / given
    base = config.inipath.parent if config.inipath else config.rootpath
    settled: str = config.getini("environments")
    return base / settled


def repeat(config: pytest.Config, nodeid: str) -> str:
    """What to type, where this run was started, to play the test `nodeid` again just as it was."""
    path, _, name = nodeid.partition("::")
    near = os.path.relpath(config.rootpath / path, config.invocation_params.dir)
    words = ["pytest", f"{near}::{name}" if name else near]
    for option, dest in _REPEATED.items():
        if (value := config.getoption(dest)) is not None:
            words.append(f"{option}={value}")
    if stage_of(config) == LIVE:
        return shlex.join(words)
    command = shlex.join([*words, f"--seed={config.getoption('seed')}"])
    # An address is left to who set it: a password may stand in it.
    return f"{DATABASE}={POSTGRESQL} {command}" if os.environ.get(DATABASE) == POSTGRESQL else command


def _read(config: pytest.Config) -> Run:
    from rollback.environment import load  # noqa: PLC0415 - pydantic costs 100 ms that --help need not pay

    environments = load(environments_path(config))
    name: str | None = config.getoption("rollback_env")
    if name is None and stage_of(config) == LIVE:
        raise ConfigurationError(
            "A live run has to be told which environment it works on.", remedy="Name it with --env."
        )
    return Run(
        environments=environments,
        environment=environments.default if name is None else environments.get(name),
        chosen=name is not None,
        stage=stage_of(config),
        seed=config.getoption("seed"),
    )
