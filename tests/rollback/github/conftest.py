from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

import pytest

from rollback.access import Access
from rollback.aws import Aws
from rollback.github import GitHub
from rollback.http import HttpSession
from rollback.process import Processes
from tests.rollback.builders import REGION, REPOSITORY
from tests.rollback.github.script import TOKEN, Script, ScriptedAdapter

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from rehearsal.clock import VirtualClock
    from rollback.journal import Journal


@pytest.fixture(autouse=True)
def _no_real_time(no_real_time: None) -> None:
    """Whoever sleeps past the clock fails the test."""


@pytest.fixture
def script(clock: VirtualClock) -> Script:
    return Script(clock)


@pytest.fixture
def http(journal: Journal, clock: VirtualClock, script: Script) -> Iterator[HttpSession]:
    with HttpSession(journal, clock) as made:
        made.mount("https://", ScriptedAdapter(script))
        made.mount("http://", ScriptedAdapter(script))
        yield made


@pytest.fixture
def github(http: HttpSession, clock: VirtualClock, journal: Journal) -> GitHub:
    return GitHub(http, REPOSITORY, token=TOKEN, clock=clock, journal=journal)


@pytest.fixture
def stranger(http: HttpSession, clock: VirtualClock, journal: Journal) -> GitHub:
    """Somebody without a token."""
    return GitHub(http, REPOSITORY, token="", clock=clock, journal=journal)


def no_aws(service: str, /) -> NoReturn:
    raise AssertionError(service)


@pytest.fixture
def hands(http: HttpSession, github: GitHub, clock: VirtualClock, journal: Journal, tmp_path: Path) -> Access:
    return Access(
        aws=Aws(no_aws, region=REGION, journal=journal, clock=clock),
        http=http,
        github=github,
        directory=tmp_path,
        processes=Processes(journal, clock),
        clock=clock,
        journal=journal,
    )
