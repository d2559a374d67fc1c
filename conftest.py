"""Which plug-ins a run in this checkout uses, and what it spares this machine's disk."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

pytest_plugins = [
    "rehearsal.plugin",
    "steps.answers",
    "steps.service",
    "steps.emergency",
    "steps.drill",
    "steps.readiness",
    "steps.repository",
    "steps.obstacles",
    "steps.sight",
    "steps.revert",
    "steps.locks",
    "steps.terraform",
    "steps.state",
    "steps.checklist",
    "steps.record",
    "steps.certificate",
    "steps.database",
    "steps.backup",
    "steps.fixing",
]


def pytest_addoption(parser: pytest.Parser) -> None:
    """What the suite's own tests can be asked for."""
    parser.addoption(
        "--exhaustive",
        action="store_true",
        help="of every call that may fail in every way, play all cases, and not one in three",
    )


@pytest.fixture(scope="session", autouse=True)
def _no_power_cut() -> Iterator[None]:
    """Journals sync after each entry, which only a power cut could show; whoever tests that puts his own in here."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda _: None)
        yield
