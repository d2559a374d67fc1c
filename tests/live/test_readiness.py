"""`pytest --env NAME -m readiness` against a process that plays AWS: its table, its exit code, and that it only looks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.live.conftest import ROOT
from tests.plugin.conftest import HABITS
from tests.plugin.project import Project

if TYPE_CHECKING:
    from pathlib import Path

    from tests.live.conftest import Place

pytest_plugins = ["pytester"]
OUTLINE = "  Scenario Outline:"
ALSO_LOOKS = "iam:SimulatePrincipalPolicy"


@pytest.fixture
def project(pytester: pytest.Pytester, machine: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A project with the runbook's own scenario, which may be live."""
    for name in HABITS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "100")
    del machine
    made = Project(pytester.path, pytester)
    feature = (ROOT / "features" / "readiness" / "readiness.feature").read_text("utf-8")
    made.write("features/readiness.feature", feature.partition(OUTLINE)[0])
    made.write("conftest.py", 'pytest_plugins = ["rehearsal.plugin", "steps.readiness"]\n')
    return made


def without_database(place: Place, tmp_path: Path) -> Path:
    """Staging as it is served, which has no database in RDS."""
    text = place.environments.read_text("utf-8")
    assert 'instance = "connect2-app-{short}"' in text
    path = tmp_path / "environments.toml"
    path.write_text(text.replace('instance = "connect2-app-{short}"', 'instance = ""'), "utf-8")
    return path


def run(project: Project, place: Place, environments: Path) -> tuple[int, str]:
    """The exit code of a run that only looks, and what it says."""
    before = len(place.control.requests())
    result = project.run("--env=staging", f"--environments={environments}", "-m", "readiness")
    assert [each for each in place.changes(before) if each != ALSO_LOOKS] == []
    assert "Traceback" not in result.stdout.str() + result.stderr.str()
    return int(result.ret), result.stdout.str() + result.stderr.str()


def test_one_that_is_ready_ends_with_0_and_a_table(project: Project, place: Place, tmp_path: Path) -> None:
    code, told = run(project, place, without_database(place, tmp_path))
    assert code == 0, told
    assert "LIVE staging, account 444455556666, region us-east-1" in told
    for line in ("✓ A revision that worked, and all it needs", "✓ The last merges revert cleanly"):
        assert line in told
    assert "staging could be rolled back right now, with 3 things to know of." in told


def test_one_that_is_not_ends_with_1_and_what_to_do(project: Project, place: Place) -> None:
    code, told = run(project, place, place.environments)
    assert code == 1
    assert "✗ A recent backup of the database" in told
    assert "There is no RDS instance connect2-app-staging in us-east-1." in told
    assert "    aws rds describe-db-instances" in told
    assert "staging could not be rolled back right now: 1 of 10 things is missing." in told


def test_one_that_cannot_be_looked_at_ends_with_4(
    project: Project, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    code, told = run(project, place, place.environments)
    assert code == 4
    assert "ERROR: AWS can't be reached at http://127.0.0.1:1" in told


def test_a_policy_that_forbids_drills_lets_one_look(project: Project, place: Place, tmp_path: Path) -> None:
    path = without_database(place, tmp_path)
    text = path.read_text("utf-8")
    assert "allowed = true" in text
    path.write_text(text.replace("allowed = true", "allowed = false"), "utf-8")
    assert run(project, place, path)[0] == 0
