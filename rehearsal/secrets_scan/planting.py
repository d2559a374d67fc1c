"""A pytest plug-in for a run that is scanned: it says what was planted and read, and lets some calls fail on purpose."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from rehearsal.embedded import OPERATOR, TEAM, TOKEN, EmbeddedStage
from rehearsal.emulator import Emulator
from rehearsal.secrets_scan.sightings import Sightings
from rehearsal.world import channel, damage, database, state_history, team

if TYPE_CHECKING:
    from collections.abc import Generator

    from rehearsal.keys import Keys

PLANTED: Final = "REHEARSAL_PLANTED"
"""The environment variable that names the file for what was planted; it lies outside of what is scanned."""
FAIL_AT: Final = "REHEARSAL_FAIL_AT"
"""The operations that fail on purpose, separated by commas."""

_SESSION: Final = "rehearsed-NdnELQPZjZRf3xrt9mrqyxwB14IP"
SECRETS: Final = {
    database.PASSWORD: "the database's password",
    TOKEN: "the token for GitHub",
    _SESSION: "the token of the operator's session at AWS",
    channel.SECRET: "the address of the webhook",
    damage.PARAMETER_VALUE: "the value of an SSM parameter",
    team.INGEST: "an environment variable of the container",
    state_history.MADE_UP: "a value that only the state has",
}
"""What is the same in each run."""
KEYS: Final = {user: f"the AWS key of the {user}" for user in (OPERATOR, TEAM)}
"""What each stage makes anew."""


class OnPurpose(Exception):
    """What nobody expects and nobody catches, so that every frame shows its locals."""


def pytest_configure(config: pytest.Config) -> None:
    """Plant what isn't there anyway, before anything is played."""
    sightings = Sightings(Path(os.environ[PLANTED]))
    config.pluginmanager.register(_Planter(sightings), "secrets-planter")
    patch = pytest.MonkeyPatch()
    config.add_cleanup(patch.undo)
    sightings.everywhere(patch)
    made = Emulator.user

    def with_session(emulator: Emulator, account: str, region: str, name: str) -> Keys:
        keys = made(emulator, account, region, name)
        return replace(keys, session_token=_SESSION) if name == OPERATOR else keys

    patch.setattr(Emulator, "user", with_session)


class _Planter:
    """Takes down what each stage has, and puts what fails in its operator's way."""

    def __init__(self, sightings: Sightings) -> None:
        self._sightings = sightings

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef: pytest.FixtureDef[Any]) -> Generator[None, object, object]:
        """Do so, when the stage is made."""
        made = yield
        if fixturedef.argname == "stage" and isinstance(made, EmbeddedStage):
            keys = {made.keys_of(user).secret_key: name for user, name in KEYS.items()}
            self._sightings.plant(SECRETS | keys)
            self._sightings.watch(made)
            made.operator.spectators.append(_fail)
        return made


def _fail(operation: str, _: object) -> None:
    if operation in os.environ.get(FAIL_AT, "").split(","):
        raise OnPurpose(operation)


def planted(path: Path) -> dict[str, str]:
    """All that a run has planted: each secret with its name."""
    return {secret: name for said in _notes(path) for secret, name in said.get("planted", {}).items()}


def unread(path: Path) -> list[str]:
    """The names of those that nobody has read in that run: that they are found nowhere proves nothing."""
    read = {name for said in _notes(path) for name in said.get("read", ())}
    return sorted({*SECRETS.values(), *KEYS.values()} - read)


def _notes(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
