"""The project in which the plug-in is tried."""

from __future__ import annotations

import importlib

import pytest

from rehearsal.insulation import load_moto
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
    """Import once what each run inside of this process would otherwise import anew and forget again.

    Of a stage that is forgotten, packages keep a part, and the tests that come later would have another beside it.
    """
    load_moto()
    for name in (
        "hypothesis.internal.observability",
        "psycopg",
        "rehearsal.embedded",
        "rehearsal.narrate",
        "rehearsal.world.world",
        "rollback.environment",
        "sqlalchemy.dialects.postgresql.psycopg",
    ):
        importlib.import_module(name)


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Project:
    """An empty project; the terminal it is run in has 80 columns and no colours."""
    for name in HABITS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("PYTHONIOENCODING", "utf-8")
    return Project(pytester.path, pytester)
