from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from rehearsal.clock import VirtualClock
from rollback.journal import Journal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(autouse=True)
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
