"""The environments on the command line, and what is wrong with naming them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rollback.cli.codes import Exit
from tests.rollback.cli.desk import FILE, typed

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_the_environments_are_one_line_of_json_as_the_workflows_read_them() -> None:
    ended = typed("environments", "--json", "--environments", str(FILE))
    assert ended.code == Exit.OK
    assert ended.out.count("\n") == 1
    assert [each["name"] for each in ended.told] == ["development", "staging", "production"]
    assert ended.told[2].items() >= {"branch": "main", "region": "us-east-1", "short": "prod"}.items()
    one = typed("environments", "--json", "--env", "prod", "--environments", str(FILE))
    assert [each["name"] for each in one.told] == ["production"]


def test_people_see_each_environment_on_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROLLBACK_ENVIRONMENTS", str(FILE))
    lines = typed("environments").out.splitlines()
    assert len(lines) == 4
    assert lines[3].split() == [
        *("production", "prod", "main", "777788889999", "us-east-1", "connect2-app-service-prod")
    ]


def test_a_file_that_isn_t_there_is_a_mistake_of_usage(tmp_path: Path) -> None:
    ended = typed("ecs", "plan", "--env", "prod", "--environments", str(tmp_path / "none.toml"))
    assert ended.code == Exit.USAGE
    assert "none.toml is not there" in ended.said


def test_an_environment_with_a_typo_is_suggested_the_right_one() -> None:
    ended = typed("readiness", "--env", "prodction", "--environments", str(FILE))
    assert ended.code == Exit.USAGE
    assert 'Did you mean "production"?' in ended.said
