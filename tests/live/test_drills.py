"""Whole drills by real pytest, on the real clock, against a process that plays AWS."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
from threading import Event
from time import monotonic
from typing import TYPE_CHECKING

import pytest

from rollback.lease import look
from rollback.live import hands
from tests.live.conftest import ROOT
from tests.report.official import evidence, results, valid

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.live.conftest import Place

START, EARLIER, OTHER = 42, 41, 40
UPDATE = "ecs:UpdateService"
LONGEST = 120.0
"""Real seconds after which something is broken."""


class Drilled:
    """A drill in a process of its own."""

    def __init__(self, place: Place, home: Path) -> None:
        self._place = place
        self._home = home
        self.report = home / "runbook"
        self.since = len(place.control.requests())
        self.process = subprocess.Popen(  # noqa: S603 - an argument list of our own
            [
                *(
                    sys.executable,
                    "-m",
                    "pytest",
                    "-p",
                    "no:cacheprovider",
                    "--color=no",
                    "features/ecs/drill.feature",
                ),
                *(
                    "--report",
                    str(self.report),
                    "--env",
                    "staging",
                    "-k",
                    "back_to_the_revision_before or begins_where",
                    "--narrate",
                ),
            ],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "100", "PYTHONIOENCODING": "utf-8"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def until_it_has_rolled_back(self) -> None:
        """Wait until it has asked ECS for the earlier revision."""
        end = monotonic() + LONGEST
        while UPDATE not in self._place.changes(self.since):
            assert self.process.poll() is None, self.ended()
            assert monotonic() < end
            Event().wait(0.1)

    def ended(self) -> str:
        """What it has said, once it has ended."""
        told, _ = self.process.communicate(timeout=LONGEST)
        return str(told)

    @property
    def journal(self) -> Path:
        [path] = (self._home / "journals").glob("*.jsonl")
        return path

    @property
    def command(self) -> str:
        """What takes it back."""
        return f"rollback undo --journal {self.journal} --env staging"


@pytest.fixture
def drill(place: Place, machine: Path) -> Iterator[Callable[[], Drilled]]:
    """Begins a drill; in the end the service runs what it ran before, for the next one."""
    begun: list[Drilled] = []

    def begins() -> Drilled:
        begun.append(Drilled(place, machine))
        return begun[-1]

    assert running(place) == {START: 2}
    yield begins
    for each in begun:
        each.process.kill()
        each.process.communicate()
    if running(place) != {START: 2}:
        place.control.errand("world.team", "deploy", START, force=True)
        place.control.errand("world", "settle")


def running(place: Place) -> object:
    return place.control.errand("world.look", "running")


def given_back(place: Place) -> bool:
    """Whether nobody holds the lease."""
    access = hands(place.environment, purpose="test")
    return look(place.environment, access).over


def test_there_and_back(place: Place, drill: Callable[[], Drilled]) -> None:
    begun = drill()
    told = begun.ended()
    assert begun.process.returncode == 0, told
    assert told.startswith("LIVE staging, account 444455556666, region us-east-1\n")
    assert "✓ Then every field of the world is as it was at the beginning" in told
    assert "1 scenario live, 3 not for live" in told
    assert "simulated" not in told
    assert running(place) == {START: 2}
    lease, there, back, free = place.changes(begun.since)
    assert (lease, there, back, free) == ("s3:PutObject", UPDATE, UPDATE, "s3:PutObject")
    assert given_back(place)
    [kept] = begun.report.glob("history/*-staging-live-*.ndjson")
    messages = valid(kept)
    assert len(results(messages)) == 1, "what is not for live was never asked for"
    assert evidence(messages, "run")[0]["live"]
    assert [each["operation"] for each in evidence(messages, "call") if not each["reads"]] == [
        "UpdateService"
    ] * 2
    assert len(evidence(messages, "rollout")) == 1


def test_broken_off_by_ctrl_c_in_the_middle_it_is_put_back(
    place: Place, drill: Callable[[], Drilled]
) -> None:
    begun = drill()
    begun.until_it_has_rolled_back()
    begun.process.send_signal(signal.SIGINT)
    told = begun.ended()
    assert begun.process.returncode == pytest.ExitCode.INTERRUPTED, told
    assert f"If this is broken off, what does it is: {begun.command}" in told
    assert "connect2-app-service-staging is back at connect2-app-staging:42." in told
    assert "is NOT as it was" not in told
    assert "Traceback" not in told
    assert running(place) == {START: 2}
    assert given_back(place)


def test_killed_in_the_middle_the_command_line_takes_it_back_by_its_journal(
    place: Place, drill: Callable[[], Drilled]
) -> None:
    begun = drill()
    begun.until_it_has_rolled_back()
    begun.process.kill()
    begun.process.wait()
    _, *words = shlex.split(begun.command)
    done = subprocess.run(  # noqa: S603 - an argument list of our own
        [sys.executable, "-m", "rollback", *words, "--yes"],
        cwd=ROOT,
        capture_output=True,
        check=False,
        timeout=LONGEST,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert running(place) == {START: 2}
    # It may still have been in progress: then ECS is told to stop it, which leads back as well.
    changes = place.changes(begun.since)
    assert changes.count(UPDATE) + changes.count("ecs:StopServiceDeployment") == 2
    assert given_back(place)


def test_what_cannot_be_put_back_is_the_last_thing_on_the_screen(
    place: Place, drill: Callable[[], Drilled]
) -> None:
    begun = drill()
    begun.until_it_has_rolled_back()
    place.control.errand("world.team", "deploy", OTHER, force=True)
    told = begun.ended()
    assert begun.process.returncode == pytest.ExitCode.TESTS_FAILED, told
    assert (
        "Somebody has deployed connect2-app-staging:40 meanwhile, which the drill leaves alone"
        in " ".join(told.split())
    )
    *_, before, last = told.rstrip("\n").splitlines()
    assert before == "connect2-app-service-staging is NOT as it was. This puts it back:"
    assert last == begun.command
    assert place.changes(begun.since).count(UPDATE) == 1
    assert given_back(place)
