"""Whole drills by real pytest, on the real clock, against a process that plays AWS."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
from dataclasses import dataclass
from threading import Event, Thread
from time import monotonic
from typing import TYPE_CHECKING

import pytest

from rollback.cli.codes import Exit
from rollback.lease import look
from rollback.live import hands
from tests.live.conftest import ROOT, played
from tests.plugin.conftest import HABITS
from tests.plugin.project import Project
from tests.report.official import evidence, results, valid
from tests.rollback.cli.desk import commands_in, typed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.live.conftest import Place

pytest_plugins = ["pytester"]
START, OTHER = 42, 40
UPDATE = "ecs:UpdateService"
LONGEST = 60.0
"""Real seconds after which something is broken."""
OUTLINE = "  Scenario Outline:"
REPORTS = ("-o", "addopts=--import-mode=importlib")
"""A project of these tests leaves no report, unless it is asked to."""


@pytest.fixture(scope="module")
def place() -> Iterator[Place]:
    """A place for drills alone: what they leave behind are revisions that were rolled back from."""
    with played() as place:
        yield place


@dataclass
class Drilling:
    """Drills of the runbook's own scenario.

    Attributes:
        place: where.
        project: what has the scenario.
        home: where journals are kept.
        since: how many requests had been made when it began.
    """

    place: Place
    project: Project
    home: Path
    since: int

    @property
    def arguments(self) -> tuple[str, ...]:
        return ("--color=no", "features", "--env=staging", "--narrate", f"--report={self.report}", *REPORTS)

    @property
    def report(self) -> Path:
        """Where it leaves its messages and its page."""
        return self.home / "runbook"

    def ended(self, meanwhile: Callable[[], object] = lambda: None) -> tuple[int, str]:
        """Drill in this process; once ECS was asked for the earlier revision, something happens.

        Returns:
            The exit code, and what was said.
        """
        over = Event()
        watcher = Thread(target=self._once_it_has_rolled_back, args=(meanwhile, over))
        watcher.start()
        try:
            done = self.project.pytester.runpytest_inprocess(*self.arguments, no_reraise_ctrlc=True)
        finally:
            over.set()
            watcher.join()
        return int(done.ret), done.stdout.str() + done.stderr.str()

    def killed(self) -> None:
        """Drill in a process of its own, and kill that in the middle."""
        process = subprocess.Popen(  # noqa: S603 - an argument list of our own
            [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *self.arguments],
            cwd=self.project.path,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        try:
            self._once_it_has_rolled_back(process.kill, Event())
        finally:
            process.kill()
            process.communicate()

    @property
    def changes(self) -> list[str]:
        """What it has asked for that is no read."""
        return self.place.changes(self.since)

    @property
    def command(self) -> str:
        """What takes it back."""
        [journal] = (self.home / "journals").glob("*.jsonl")
        return f"rollback undo --journal {journal} --env staging"

    def _once_it_has_rolled_back(self, do: Callable[[], object], over: Event) -> None:
        end = monotonic() + LONGEST
        while UPDATE not in self.changes:
            if over.wait(0.1) or monotonic() > end:
                return
        do()


@pytest.fixture
def drill(
    place: Place, machine: Path, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Drilling]:
    """A drill that may begin; in the end the service runs what it ran before, for the next one."""
    for name in HABITS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "100")
    project = Project(pytester.path, pytester)
    feature = (ROOT / "features" / "ecs" / "drill.feature").read_text("utf-8")
    project.write("features/drill.feature", feature.partition(OUTLINE)[0])
    project.write("conftest.py", 'pytest_plugins = ["rehearsal.plugin", "steps.drill"]\n')
    assert running(place) == {START: 2}
    yield Drilling(place, project, machine, len(place.control.requests()))
    if running(place) != {START: 2}:
        place.control.errand("world.team", "deploy", START, force=True)
        place.control.errand("world", "settle")


def running(place: Place) -> object:
    return place.control.errand("world.look", "running")


def given_back(place: Place) -> bool:
    """Whether nobody holds the lease."""
    access = hands(place.environment, purpose="test")
    return look(place.environment, access).over


@pytest.mark.usefixtures("hasty")
def test_there_and_back(place: Place, drill: Drilling) -> None:
    code, told = drill.ended()
    assert code == 0, told
    assert told.startswith("LIVE staging, account 444455556666, region us-east-1\n")
    assert "✓ Then every field of the world is as it was at the beginning" in told
    assert "1 scenario live" in told
    assert "simulated" not in told
    assert running(place) == {START: 2}
    assert drill.changes == ["s3:PutObject", UPDATE, UPDATE, "s3:PutObject"], (
        "the lease, there, back, the lease"
    )
    assert given_back(place)
    [kept] = drill.report.glob("history/*-staging-live-*.ndjson")
    messages = valid(kept)
    assert len(results(messages)) == 1, "what is not for live was never asked for"
    assert evidence(messages, "run")[0]["live"]
    changes = [each["operation"] for each in evidence(messages, "call") if not each["reads"]]
    assert changes == ["UpdateService", "UpdateService"]
    assert len(evidence(messages, "rollout")) == 1


@pytest.mark.usefixtures("hasty")
def test_broken_off_by_ctrl_c_in_the_middle_it_is_put_back(place: Place, drill: Drilling) -> None:
    code, told = drill.ended(lambda: os.kill(os.getpid(), signal.SIGINT))
    assert code == pytest.ExitCode.INTERRUPTED, told
    assert f"If this is broken off, what does it is: {drill.command}" in told
    assert "connect2-app-service-staging is back at connect2-app-staging:42." in told
    assert "is NOT as it was" not in told
    assert "Traceback" not in told
    assert running(place) == {START: 2}
    assert given_back(place)


@pytest.mark.usefixtures("hasty")
def test_killed_in_the_middle_it_is_found_and_taken_back_by_its_journal(
    place: Place, drill: Drilling
) -> None:
    drill.killed()
    _, *words = shlex.split(drill.command)
    seen = typed("status", *words[1:])
    assert seen.code == Exit.IN_DOUBT, seen.said
    assert f"broke off after {UPDATE}" in seen.said
    resume, undo = commands_in(seen.out)
    assert (resume[0], undo[0], set(undo)) == ("resume", "undo", set(words))
    before = drill.changes
    typo = typed(*words, "--confirm", "connect2-app-service-stagin")
    assert (typo.code, drill.changes) == (Exit.CREDENTIALS, before)
    done = typed(*words, "--yes")
    assert done.code == Exit.OK, done.said
    assert "By hand:" in done.out, "the plan comes before the yes"
    assert running(place) == {START: 2}
    # It may still have been in progress: then ECS is told to stop it, which leads back as well.
    changes = drill.changes
    assert changes.count(UPDATE) + changes.count("ecs:StopServiceDeployment") == 2
    assert given_back(place)


@pytest.mark.usefixtures("hasty")
def test_what_cannot_be_put_back_is_the_last_thing_on_the_screen(place: Place, drill: Drilling) -> None:
    code, told = drill.ended(lambda: place.control.errand("world.team", "deploy", OTHER, force=True))
    assert code == pytest.ExitCode.TESTS_FAILED, told
    assert (
        "Somebody has deployed connect2-app-staging:40 meanwhile, which the drill leaves alone"
        in " ".join(told.split())
    )
    *_, before, last = told.rstrip("\n").splitlines()
    assert before == "connect2-app-service-staging is NOT as it was. This puts it back:"
    assert last == drill.command
    assert drill.changes.count(UPDATE) == 1
    assert given_back(place)
