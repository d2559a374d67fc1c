"""Where a live run stands, shown while it is played."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager, nullcontext, suppress
from typing import TYPE_CHECKING

import pytest
from rich.console import Console

from rehearsal.budget import budget_of
from rehearsal.progress import Progress, changes
from rehearsal.run import run_of
from rollback.clock import SystemClock

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_bdd.parser import Feature, Step

    from rollback.access import Access

NAME = "rollback-showing"


class Showing:
    """Shows each step while it is played, on standard error as it was before pytest captured it.

    Args:
        config: of the run.
    """

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._console = _console(config)
        self._progress = Progress(self._console, SystemClock().monotonic)

    def listen(self, access: Access) -> None:
        """Hear from the journal of these hands what is waited for."""
        access.journal.subscribe(self._progress.heard)

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Make room while somebody else writes to the terminal."""
        with self._progress.aside():
            yield

    @pytest.hookimpl(trylast=True)
    def pytest_bdd_before_step(self, request: pytest.FixtureRequest, feature: Feature, step: Step) -> None:
        """A step begins."""
        if not changes(self._console) and self._config.pluginmanager.hasplugin("rollback-narrator"):
            return  # which tells each step in a line of its own
        reporter = self._config.pluginmanager.getplugin("terminalreporter")
        if reporter is not None and changes(self._console):
            reporter.ensure_newline()
        tags = {mark.name for mark in request.node.iter_markers()}
        budget = None
        if step.type == "when" and "readiness" not in tags:
            budget = budget_of(run_of(self._config).environment, tags).to_seconds
        with suppress(OSError):  # the terminal may be what was lost
            self._progress.begins(feature.name, f"{step.keyword} {step.name}", budget)

    @pytest.hookimpl(tryfirst=True)
    def pytest_bdd_after_step(self) -> None:
        """A step has passed."""
        self._ends()

    @pytest.hookimpl(tryfirst=True)
    def pytest_bdd_step_error(self) -> None:
        """A step has failed."""
        self._ends()

    @pytest.hookimpl(tryfirst=True)
    def pytest_keyboard_interrupt(self) -> None:
        """Somebody has had enough."""
        self._ends()

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_teardown(self) -> None:
        """Whatever became of it, the steps are over."""
        self._ends()

    def _ends(self) -> None:
        with suppress(OSError):
            self._progress.ends()


def _console(config: pytest.Config) -> Console:
    capture = config.pluginmanager.getplugin("capturemanager")
    with capture.global_and_fixture_disabled() if capture else nullcontext():
        try:
            file = os.fdopen(os.dup(sys.stderr.fileno()), "w", encoding=sys.stderr.encoding, errors="replace")
        except (OSError, ValueError):  # not a file: somebody has put something in its place
            return Console(file=sys.stderr, highlight=False, markup=False, emoji=False)
    config.add_cleanup(file.close)
    return Console(file=file, highlight=False, markup=False, emoji=False)
