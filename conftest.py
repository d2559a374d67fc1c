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
        help="also play what is dear and has a near neighbour, and of every call that fails in every way all cases",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Register what keeps a push short."""
    config.addinivalue_line(
        "markers", "nightly: dear, and near to another test: only played with --exhaustive"
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave what is for the night to the night."""
    if config.getoption("exhaustive"):
        return
    if left_out := [item for item in items if item.get_closest_marker("nightly")]:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


@pytest.fixture(scope="session", autouse=True)
def _no_power_cut() -> Iterator[None]:
    """Journals sync after each entry, which only a power cut could show; whoever tests that puts his own in here."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda _: None)
        yield
