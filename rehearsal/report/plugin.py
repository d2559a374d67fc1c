"""The pytest plug-in that keeps each run as Cucumber Messages and builds the runbook's page of them."""

from __future__ import annotations

import os
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, Final

import pytest

from rehearsal.recording import story_of
from rehearsal.report.evidence import Listening
from rehearsal.report.messages import Messages
from rehearsal.run import run_of
from rollback.errors import RollbackError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from rehearsal.recording import Recording
    from rehearsal.report.evidence import Evidence
    from rehearsal.story import ScenarioStory

NAME: Final = "rollback-report"
"""What the plug-in is registered as."""
HISTORY: Final = "history"
"""Where in the report's folder the messages of the runs are kept."""
_DEFAULT: Final = "runbook"
_NO_WORKER: Final = "master"
"""What pytest-xdist calls the one process of a run without workers."""


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
    parser.addini(
        "report", "The folder of the runbook's page and of the runs it is made of.", default=_DEFAULT
    )


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
    listening, begun = Listening(), ExitStack()
    begun.enter_context(listening.begun())
    config.add_cleanup(begun.close)
    return listening.evidence


class Report:
    """Keeps one run, in the process that has the terminal, and builds the page when it is over.

    Args:
        config: the run.
        recording: what writes the stories in this process.
        needed: whether there are features within the run's reach.
    """

    def __init__(self, config: pytest.Config, recording: Recording, needed: Callable[[], bool]) -> None:
        self._config = config
        self._recording = recording
        self._needed = needed
        self._folder = folder_of(config)
        self._messages: Messages | None = None
        self._made: list[Path] = []
        self._told: dict[str, tuple[ScenarioStory, str]] = {}
        self._places: set[str] = set()
        self._stray: list[str] = []
        self._trouble = ""
        self._built = ""

    def pytest_sessionstart(self) -> None:
        """Begin the file, so that a folder that can't be written is known before the first test."""
        if not self._needed():
            return
        history = self._folder / HISTORY
        try:
            self._make(history)
            path = history / self._name()
            self._messages = Messages(path, root=self._config.rootpath, about=about(self._config))
        except OSError as error:
            self._tidy()
            raise pytest.UsageError(
                f"The run can't be kept in {history}: {error.strerror}. "
                "Name another folder with --report, or keep nothing with --no-report."
            ) from None

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take a story down when nothing can be added to it any more."""
        if (story := story_of(report)) is not None:
            worker = getattr(report, "worker_id", "")
            self._told[report.nodeid] = (story, worker if worker != _NO_WORKER else "")
        elif report.failed and report.nodeid not in self._told:
            self._stray.append(report.nodeid)
        if report.when == "teardown" and (told := self._told.pop(report.nodeid, None)) is not None:
            self._write(*told)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Take down what can't be read."""
        if report.failed:
            self._stray.append(report.nodeid)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """End the file and build the page; or take the file away, where nothing was played."""
        messages, cut = self._messages, self._recording.broken_off
        if messages is None:
            return
        for told in (*self._told.values(), *([(cut, "")] if cut else [])):
            self._write(*told)
        if not messages.scenarios and not self._trouble:
            messages.close()
            messages.path.unlink(missing_ok=True)
            self._tidy()
            return
        broken_off = session.exitstatus == pytest.ExitCode.INTERRUPTED
        try:
            success = session.exitstatus == pytest.ExitCode.OK and not self._trouble
            messages.finish(success=success, message=self._ending(broken_off=broken_off))
        except OSError as error:
            self._broken(error)
        self._build()
        if self._trouble and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_unconfigure(self) -> None:
        """Let go of the file, also where the run never came to its end."""
        if self._messages is not None:
            self._messages.close()

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say where the page is, or what could not be kept."""
        if self._built:
            terminalreporter.line(self._built)
        if self._trouble:
            terminalreporter.line(self._trouble, red=True)

    def _write(self, story: ScenarioStory, worker: str) -> None:
        if self._messages is None or self._trouble or self._is_elsewhere(story):
            return
        try:
            self._messages.scenario(story, worker=worker)
        except (OSError, ValueError) as error:
            self._broken(error)
        self._places.add(story.path)

    def _is_elsewhere(self, story: ScenarioStory) -> bool:
        """Whether a live run has left it out as one of a stage: it was never asked for."""
        if not run_of(self._config).live:
            return False
        from rehearsal.live.plugin import NOT_FOR_LIVE  # noqa: PLC0415 - botocore, which --help need not import

        return story.message == NOT_FOR_LIVE

    def _broken(self, error: Exception) -> None:
        why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        path = self._messages.path if self._messages else self._folder
        self._trouble = f"The run is not kept whole in {path}: {why}."

    def _build(self) -> None:
        from rehearsal.report.build import build  # noqa: PLC0415 - jinja2, which a run without a page need not import

        root = self._config.rootpath
        # The runbook's text is the folder in the project that holds all that was played.
        inside = {PurePath(place).parts[0] for place in self._places}
        features = root / inside.pop() if len(inside) == 1 else root
        try:
            built = build(
                self._folder / HISTORY,
                self._folder,
                root=root,
                features=features if features.is_dir() else root,
                environments=run_of(self._config).environments,
            )
        except RollbackError as error:
            self._trouble = " ".join(filter(None, [self._trouble, str(error)]))
        else:
            self._built = f"runbook: {os.path.relpath(built.index, self._config.invocation_params.dir)}"

    def _ending(self, *, broken_off: bool) -> str:
        said = ["The run was broken off."] if broken_off else []
        if self._stray:
            said.append(f"Failed without a story: {', '.join(dict.fromkeys(self._stray))}.")
        return " ".join([*said, *filter(None, [self._trouble])])

    def _name(self) -> str:
        run = run_of(self._config)
        return (
            f"{datetime.now(UTC):%Y%m%dT%H%M%S.%fZ}-{run.environment.name}-{run.stage}-{os.getpid()}.ndjson"
        )

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
