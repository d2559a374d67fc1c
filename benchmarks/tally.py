"""A pytest plug-in that says where the time of a run went: ``-p benchmarks.tally``."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from benchmarks.stopwatch import split

if TYPE_CHECKING:
    from collections.abc import Iterator

WHERE: Final = "TALLY"
"""The environment variable that names the file it is written to."""


@pytest.hookimpl(wrapper=True)
def pytest_runtestloop(session: pytest.Session) -> Iterator[None]:
    """Time the tests, without the start."""
    with split() as watch:
        result = yield
    told = {"scenarios": session.testscollected, "seconds": watch.seconds, "runs": watch.runs}
    Path(os.environ[WHERE]).write_text(json.dumps(told), encoding="utf-8")
    return result
