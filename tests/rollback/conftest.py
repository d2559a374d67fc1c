from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from rehearsal.clock import VirtualClock
from rehearsal.emulator import Emulator
from rehearsal.insulation import load_moto
from rollback.access import Access
from rollback.aws import Aws
from rollback.github.client import GitHub
from rollback.http import HttpSession
from rollback.journal import Journal
from rollback.process import Processes
from tests.rollback.builders import REGION, REPOSITORY
from tests.rollback.wire import Wire

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def no_real_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever sleeps past the clock fails the test."""
    sleep = time.sleep

    def refuse(seconds: float) -> None:
        assert seconds == 0, f"somebody slept {seconds} s of real time"
        sleep(0)

    monkeypatch.setattr(time, "sleep", refuse)


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "rollback.jsonl"


@pytest.fixture
def journal(path: Path, clock: VirtualClock) -> Iterator[Journal]:
    with Journal.create(path, clock) as made:
        yield made


@pytest.fixture(scope="session")
def _wire() -> Wire:
    """The clients are made once: that costs more than all their calls."""
    load_moto()
    return Wire()


@pytest.fixture
def wire(_wire: Wire, clock: VirtualClock, no_real_time: None) -> Iterator[Wire]:  # noqa: ARG001 - it is there to be in force
    """Clients on a moto in which there is nothing yet."""
    emulator = Emulator().open()
    _wire.begin(emulator, clock)
    yield _wire
    emulator.close()


@pytest.fixture
def aws(wire: Wire, journal: Journal, clock: VirtualClock) -> Iterator[Aws]:
    made = Aws(wire.client, region=REGION, journal=journal, clock=clock)
    yield made
    made.close()


@pytest.fixture
def access(aws: Aws, clock: VirtualClock, journal: Journal, tmp_path: Path) -> Access:
    http = HttpSession(journal, clock)
    return Access(
        aws=aws,
        http=http,
        github=GitHub(http, REPOSITORY, token="", clock=clock, journal=journal),
        directory=tmp_path,
        processes=Processes(journal, clock),
        clock=clock,
        journal=journal,
    )
