"""The project in which the plug-in is tried."""

from __future__ import annotations

import importlib

import pytest

from tests.plugin.project import Project

HABITS = (
    "BUILD_NUMBER",  # like CI: pytest then tells a failure's whole message a second time
    "CI",
    "FORCE_COLOR",
    "PYTEST_ADDOPTS",
    "PYTEST_XDIST_WORKER",
    "TTY_COMPATIBLE",
    "TTY_INTERACTIVE",
)
"""What changes how pytest tells a run, and may be set where these tests run."""


@pytest.fixture(scope="session", autouse=True)
def _imported() -> None:
    """Import once what each run inside of this process would otherwise import anew and forget again."""
    for name in ("hypothesis.internal.observability", "rehearsal.narrate", "rollback.environment"):
        importlib.import_module(name)


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Project:
    """An empty project; the terminal it is run in has 80 columns and no colours."""
    for name in HABITS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("PYTHONIOENCODING", "utf-8")
    return Project(pytester.path, pytester)
