"""The pytest plug-in that keeps each run as Cucumber Messages and builds the runbook's page of them."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from rehearsal.live.plugin import NOT_FOR_LIVE
from rehearsal.recording import story_of
from rehearsal.report.evidence import Listening
from rehearsal.report.messages import Messages
from rehearsal.run import run_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from rehearsal.report.evidence import Evidence
    from rehearsal.story import ScenarioStory

NAME: Final = "rollback-report"
"""What the plug-in is registered as."""
HISTORY: Final = "history"
"""Where in the report's folder the messages of the runs are kept."""
_DEFAULT: Final = "runbook"


def add_options(parser: pytest.Parser, group: pytest.OptionGroup) -> None:
    """What a run can be asked about its report."""
    group.addoption(
        "--report",
        dest="rollback_report",
        metavar="DIR",
        help=f"keep the run here and build the runbook's page (default: {_DEFAULT} beside the project's pytest settings)",
    )
    group.addoption(
        "--no-report",
        dest="rollback_no_report",
        action="store_true",
        help="keep nothing of the run, and build no page",
    )
    parser.addini("report", "The folder of the runbook's page and of the runs it is made of.", default=_DEFAULT)


def is_wanted(config: pytest.Config) -> bool:
    """Whether the run is kept."""
    return not (config.getoption("rollback_no_report") or config.option.collectonly)


def folder_of(config: pytest.Config) -> Path:
    """Where the report is: ``--report``, or what the ini file or the default says."""
    given: str | None = config.getoption("rollback_report")
    if given:
        return config.invocation_params.dir / given
    base = config.inipath.parent if config.inipath else config.rootpath
    settled: str = config.getini("report")
    return base / settled


def gatherer(config: pytest.Config) -> Callable[[], Evidence] | None:
    """What gathers the evidence of each scenario that this process plays; None where nothing is kept."""
    if not is_wanted(config):
        return None
    listening = Listening()
    begun = listening.begun()
    begun.__enter__()
    config.add_cleanup(lambda: begun.__exit__(None, None, None))
    return listening.evidence


class Report:
    """Keeps one run, in the process that has the terminal.

    Args:
        config: the run.
        needed: whether there are features within the run's reach.
    """

    def __init__(self, config: pytest.Config, needed: Callable[[], bool]) -> None:
        self._config = config
        self._needed = needed
        self._folder = folder_of(config)
        self._messages: Messages | None = None
        self._made: list[Path] = []
        self._told: dict[str, tuple[ScenarioStory, str]] = {}
        self._stray: list[str] = []
        self._trouble = ""
        self._interrupted = False

    @pytest.hookimpl
    def pytest_sessionstart(self) -> None:
        """Begin the file, so that a folder that can't be written is known before the first test."""
        if not self._needed():
            return
        history = self._folder / HISTORY
        try:
            self._make(history)
            self._messages = Messages(history / self._name(), root=self._config.rootpath, about=about(self._config))
        except OSError as error:
            self._tidy()
            raise pytest.UsageError(
                f"The run can't be kept in {history}: {error.strerror}. "
                "Name another folder with --report, or keep nothing with --no-report."
            ) from None

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take a story down when nothing can be added to it any more."""
        if (story := story_of(report)) is not None:
            worker = getattr(report, "worker_id", "") or ""
            self._told[report.nodeid] = (story, worker)
        elif report.failed and report.nodeid not in self._told:
            self._stray.append(report.nodeid)
        if report.when == "teardown" and (told := self._told.pop(report.nodeid, None)) is not None:
            self._write(*told)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Take down what can't be read."""
        if report.failed:
            self._stray.append(report.nodeid)

    def pytest_keyboard_interrupt(self) -> None:
        """Take down that the run was broken off."""
        self._interrupted = True

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """End the file, or take it away where nothing was played."""
        for told in self._told.values():
            self._write(*told)
        self._told.clear()
        messages = self._messages
        if messages is None:
            return
        if not messages.scenarios and not self._trouble:
            messages.close()
            messages.path.unlink(missing_ok=True)
            self._tidy()
            return
        try:
            messages.finish(success=session.exitstatus == 0 and not self._trouble, message=self._ending())
        except OSError as error:
            self._broken(error)
        if self._trouble and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say what could not be kept."""
        if self._trouble:
            terminalreporter.line(self._trouble, red=True)

    def _write(self, story: ScenarioStory, worker: str) -> None:
        if self._messages is None or self._trouble:
            return
        if story.outcome == "skipped" and story.message == NOT_FOR_LIVE:
            return
        try:
            self._messages.scenario(story, worker=worker)
        except (OSError, ValueError) as error:
            self._broken(error)

    def _broken(self, error: Exception) -> None:
        why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        path = self._messages.path if self._messages else self._folder
        self._trouble = f"The run is not kept whole in {path}: {why}."

    def _ending(self) -> str:
        said = ["The run was broken off."] if self._interrupted else []
        if self._stray:
            said.append(f"Failed without a story: {', '.join(dict.fromkeys(self._stray))}.")
        return " ".join([*said, *filter(None, [self._trouble])])

    def _name(self) -> str:
        run = run_of(self._config)
        return f"{datetime.now(UTC):%Y%m%dT%H%M%S.%fZ}-{run.environment.name}-{run.stage}-{os.getpid()}.ndjson"

    def _make(self, folder: Path) -> None:
        missing = [each for each in (folder, *folder.parents) if not each.exists()]
        for each in reversed(missing):
            each.mkdir(exist_ok=True)
            self._made.append(each)

    def _tidy(self) -> None:
        """Take the folders away that were made for nothing."""
        for each in reversed(self._made):
            if not any(each.iterdir()):
                each.rmdir()


def about(config: pytest.Config) -> dict[str, Any]:
    """What is said of the run as a whole."""
    run = run_of(config)
    environment = run.environment
    budgets = {
        name: [budget.from_seconds, budget.to_seconds]
        for name in ("application", "infrastructure", "emergency")
        for budget in [getattr(environment.budgets, name)]
    }
    return {
        "format": 1,
        "environment": environment.name,
        "short": environment.short,
        "account": environment.account,
        "region": environment.region,
        "stage": run.stage,
        "live": run.live,
        "seed": run.seed,
        "service": environment.service,
        "cluster": environment.cluster,
        "budgets": budgets,
        "limits": {},
    }
