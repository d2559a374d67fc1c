"""The process that the tests of a served stage share: each takes seconds to come up."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from rehearsal.remote.stage import _serving

if TYPE_CHECKING:
    from rehearsal.serving.process import ServingProcess

ENVIRONMENTS = Path(__file__).parents[3] / "environments.toml"


@pytest.fixture
def serving() -> ServingProcess:
    """The process that ``--stage server`` plays in, whose clock only moves when it is told to."""
    return _serving(ENVIRONMENTS)
