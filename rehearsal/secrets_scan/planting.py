"""A pytest plug-in for a run that is scanned: it says what was planted, and lets some calls fail badly on purpose."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from rehearsal.embedded import OPERATOR, TEAM, TOKEN, EmbeddedStage
from rehearsal.world import channel, database

if TYPE_CHECKING:
    from collections.abc import Generator

PLANTED: Final = "REHEARSAL_PLANTED"
"""The environment variable that names the file for what was planted; it lies outside of what is scanned."""
FAIL_AT: Final = "REHEARSAL_FAIL_AT"
"""The operations that fail on purpose, separated by commas."""

SECRETS: Final = {
    database.PASSWORD: "the database's password",
    TOKEN: "the token for GitHub",
    channel.SECRET: "the address of the webhook",
}
"""What is the same in each run."""


class OnPurpose(Exception):
    """What nobody expects and nobody catches, so that every frame shows its locals."""


@pytest.hookimpl(wrapper=True)
def pytest_fixture_setup(
    fixturedef: pytest.FixtureDef[Any],
) -> Generator[None, object, object]:
    """Write down the keys of each stage, and put what fails in its operator's way."""
    made = yield
    if fixturedef.argname == "stage" and isinstance(made, EmbeddedStage):
        keys = {made.keys_of(user).secret_key: f"the AWS key of {user}" for user in (OPERATOR, TEAM)}
        with Path(os.environ[PLANTED]).open("a", encoding="utf-8") as planted:
            planted.write(json.dumps(SECRETS | keys) + "\n")
        made.operator.spectators.append(_fail)
    return made


def _fail(operation: str, _: object) -> None:
    if operation in os.environ.get(FAIL_AT, "").split(","):
        raise OnPurpose(operation)


def planted(path: Path) -> dict[str, str]:
    """All that a run has planted: each secret with its name."""
    found: dict[str, str] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        found |= json.loads(line)
    return found
