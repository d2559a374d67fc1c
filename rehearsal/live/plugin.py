"""The hooks of a live run: looked at before the first test, only what may be live is played, and nothing is left behind."""

from __future__ import annotations

import signal
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final

import pytest

from rehearsal.collect import template_of
from rehearsal.drill.drill import Prompter
from rehearsal.live.preflight import Asked, Boarded, board
from rehearsal.live.showing import NAME as SHOWING
from rehearsal.live.showing import Showing
from rehearsal.live.stage import LiveStage
from rehearsal.run import environments_path, run_of
from rollback.errors import RollbackError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from types import FrameType

    from rehearsal.drill.drill import Drill
    from rollback.environment import Environment
    from rollback.readiness import Readiness

NOT_FOR_LIVE: Final = "not for live"
"""Why a test is skipped in a live run."""
NAME: Final = "rollback-live"
"""What the plug-in is registered as."""
_ENDINGS: Final = (signal.SIGTERM, signal.SIGHUP)


class Live:
    """One live run.

    Attributes:
        prompter: what drills tell, and what must be on the screen at last.
        interrupted: whether somebody has pressed Ctrl-C, or the process is to end.
    """

    def __init__(self, config: pytest.Config) -> None:
        self.prompter = Prompter(says=self.say, options=tuple(_options(config)))
        self.interrupted = False
        self._config = config
        self._boarded: Boarded | None = None
        self._found: list[Readiness] = []
        self._before: dict[signal.Signals, object] = {}
        self._showing = Showing(config)
        config.pluginmanager.register(self._showing, SHOWING)

    @property
    def environment(self) -> Environment:
        """The place."""
        return run_of(self._config).environment

    def stage(self) -> LiveStage:
        """The environment, with the hands of this run."""
        if self._boarded is None:
            pytest.fail(
                "This run has not looked at the environment, so it has no hands there.", pytrace=False
            )
        return LiveStage(self.environment, self._boarded.access)

    def looked(self, found: Readiness) -> None:
        """Take down what was found, for the end of the run."""
        self._found.append(found)

    def holds(self) -> None:
        """See that nobody has taken the environment.

        Raises:
            LeaseLost: somebody has.
            AwsError: S3 doesn't say.
        """
        if self._boarded is not None and self._boarded.lease is not None:
            self._boarded.lease.must_hold()

    def say(self, sentence: str) -> None:
        """Tell the person at the terminal, whatever is captured."""
        reporter = self._config.pluginmanager.getplugin("terminalreporter")
        if reporter is not None:
            # The terminal may be what was lost.
            with self._uncaptured(), suppress(OSError), self._showing.aside():
                reporter.ensure_newline()
                reporter.write_line(sentence)

    def see_back(self, drill: Drill) -> None:
        """See that a drill is put back when its scenario is over, however it ended.

        Raises:
            RollbackError: it can't be; after Ctrl-C that is told, since nothing may be raised any more.
        """
        try:
            drill.end()
        except (KeyboardInterrupt, RollbackError) as error:
            if not self.interrupted:
                raise
            self.say(str(error) or "Broken off a second time.")

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self) -> None:
        """Refuse several processes: they would drill the same service at the same time."""
        option = self._config.option
        if getattr(option, "numprocesses", None) or getattr(option, "dist", "no") != "no":
            raise pytest.UsageError(
                "A live run is one process: take away -n and --dist. Several would work on one service."
            )

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, session: pytest.Session, items: Sequence[pytest.Item]) -> None:
        """Keep what may be live, and look at the environment before the first of it."""
        fit = [item for item in items if _may_be_live(item)]
        skip = pytest.mark.skip(reason=NOT_FOR_LIVE)
        for item in items:
            if item not in fit:
                item.add_marker(skip, append=False)
        if session.testsfailed or not items or self._config.option.collectonly:
            return
        if not fit:
            raise pytest.UsageError(
                f"Nothing that was selected may be played on a live environment, so nothing was done in "
                f"{self.environment.name}. `pytest -m live --collect-only` shows what may; "
                "--stage embedded rehearses the rest."
            )
        self._begin(drills=not all(map(_only_looks, fit)))

    def _begin(self, *, drills: bool) -> None:
        option = self._config.option
        asked = Asked(drills=drills, confirm=option.rollback_confirm or "", profile=option.rollback_profile)
        try:
            self._boarded = boarded = board(self.environment, asked)
        except RollbackError as error:
            raise pytest.UsageError(str(error)) from None
        self._showing.listen(boarded.access)
        self._listen()
        until = boarded.identity.expires_at
        ends = f", until {until:%Y-%m-%d %H:%M} UTC" if until and not boarded.identity.renewed else ""
        self.say(f"as {boarded.identity.arn}{ends}")
        self.say(f"journal: {boarded.access.journal.path}")
        for warning in boarded.warnings:
            self.say(f"warning: {warning}")

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say what was found, and, where nobody narrates, how many were not for live."""
        left_out = [
            each for each in terminalreporter.stats.get("skipped", ()) if NOT_FOR_LIVE in str(each.longrepr)
        ]
        if left_out and not self._config.pluginmanager.hasplugin("rollback-narrator"):
            terminalreporter.line(f"{len(left_out)} {NOT_FOR_LIVE}")
        for found in self._found:
            # Lazily: rich takes 50 ms.
            from rehearsal.live.table import tell  # noqa: PLC0415

            tell(found, self._config.option.color)

    def pytest_keyboard_interrupt(self) -> None:
        """From now on nothing may raise, or pytest would not get to its end."""
        self.interrupted = True

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self) -> None:
        """All fixtures are torn down: let go of the environment."""
        self._leave()

    @pytest.hookimpl(trylast=True)
    def pytest_unconfigure(self) -> None:
        """Whatever else was printed, the command that puts things back comes last."""
        self._leave()
        for number, handler in self._before.items():
            signal.signal(number, handler)  # type: ignore[arg-type] # as signal.signal has given it
        if self.prompter.last_words:
            self.say(
                f"{self.environment.service} is NOT as it was. This puts it back:\n{self.prompter.last_words}"
            )

    def _leave(self) -> None:
        if self._boarded is not None:
            self._boarded.leave()

    def _listen(self) -> None:
        """Have an order to end, or a terminal that is gone, be what Ctrl-C is: the drill is put back."""

        def stop(number: int, frame: FrameType | None) -> None:
            del frame
            signal.signal(number, signal.SIG_IGN)  # it is said twice by those who are about to kill
            raise KeyboardInterrupt

        with suppress(ValueError):  # only the main thread may
            self._before = {number: signal.signal(number, stop) for number in _ENDINGS}

    @contextmanager
    def _uncaptured(self) -> Iterator[None]:
        capture = self._config.pluginmanager.getplugin("capturemanager")
        if capture is None:
            yield
            return
        with capture.global_and_fixture_disabled():
            yield


def _options(config: pytest.Config) -> Iterator[str]:
    """What the rollback itself must be told to work where this run does."""
    if profile := config.getoption("rollback_profile"):
        yield from ("--profile", profile)
    if config.getoption("rollback_environments"):
        yield from ("--environments", str(environments_path(config)))


def _may_be_live(item: pytest.Item) -> bool:
    return template_of(item) is not None and item.get_closest_marker("live") is not None


def _only_looks(item: pytest.Item) -> bool:
    return item.get_closest_marker("readiness") is not None


def live_of(config: pytest.Config) -> Live | None:
    """The live run, or None where this one plays on a stage."""
    found: Live | None = config.pluginmanager.getplugin(NAME)
    return found
