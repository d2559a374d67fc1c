"""One serving process and one sandbox for all tests of a module: each takes seconds to come up."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from rehearsal.serving.process import ServingProcess

if TYPE_CHECKING:
    from collections.abc import Iterator

ENVIRONMENTS = Path(__file__).parents[3] / "environments.toml"


@pytest.fixture(scope="module")
def serving() -> Iterator[ServingProcess]:
    """A process that serves production's foundation, whose clock only moves when it is told to."""
    with ServingProcess(ENVIRONMENTS, "--env=prod", "--speed=0", "--empty") as process:
        yield process
