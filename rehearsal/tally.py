"""What became of each scenario of a run, for a file: pytest's plug-in behind `rehearsal.backends`.

``pytest -p rehearsal.tally --tally PATH``. Under xdist only the process with the terminal writes.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from rehearsal.recording import message_of, story_of

if TYPE_CHECKING:
    import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Where it is written to."""
    parser.getgroup("rollback").addoption("--tally", metavar="PATH", help="count the scenarios into a file")


def pytest_configure(config: pytest.Config) -> None:
    """Begin to count."""
    path = config.getoption("--tally")
    if path and not hasattr(config, "workerinput"):
        config.pluginmanager.register(Tally(config.invocation_params.dir / path), "rollback-tally")


class Tally:
    """Counts by chapter.

    Args:
        path: the file, which is written at the end.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._told: dict[str, dict[str, str]] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take down how a scenario ended; what fails afterwards has failed."""
        story = story_of(report)
        if story is None:
            return
        why = message_of(report) if report.skipped else ""
        # The first folder below features/ is the chapter.
        chapter = Path(story.path).parts[-2]
        self._told[report.nodeid] = {"chapter": chapter, "outcome": report.outcome, "why": why}

    def pytest_sessionfinish(self) -> None:
        """Write it all."""
        self._path.write_text(json.dumps(list(self._told.values())), encoding="utf-8")
