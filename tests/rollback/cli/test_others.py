"""The commands that are of no way back: environments, readiness, report; and the lease left out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rollback.cli.codes import Exit
from tests.rollback.cli.desk import FILE, OVERRIDE, Desk, typed

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


def test_readiness_says_what_is_missing_and_ends_with_its_code(desk: Desk) -> None:
    ended = desk.type("readiness")
    assert ended.code == Exit.NOT_LANDED
    assert "missing A recent backup of the database" in ended.said
    assert ended.last.startswith("production could not be rolled back right now")
    told = desk.type("readiness", "--json").told
    assert (told["ready"], told["exit_code"]) == (False, 1)
    assert {line["probe"] for line in told["lines"] if line["severity"] == "refusal"} >= {"backup"}
    assert desk.changes == []


def test_where_the_lease_can_t_be_written_an_incident_begins_without_it(desk: Desk, tmp_path: Path) -> None:
    """And its report is written to a file that isn't overwritten."""
    where, bad = desk.house.environment, desk.runs
    s3 = desk.house.stage.clients.s3
    s3.put_object(Bucket=where.state_bucket, Key=where.lease.key, Body=b"not a lease")
    begin = ("ecs", "apply", "--confirm", where.service, *OVERRIDE)
    refused = desk.type(*begin)
    assert (refused.code, desk.runs) == (Exit.REFUSED, bad)
    assert "is no lease" in refused.said
    assert (desk.type(*begin, "--without-lease").code, desk.runs) == (Exit.OK, bad - 1)
    assert "Begun without the lease of production." in desk.journals[0].read_text(encoding="utf-8")
    file = tmp_path / "incident.md"
    assert desk.type("report", "--output", str(file)).code == Exit.OK
    assert file.read_text(encoding="utf-8").startswith("# Incident report:")
    again = desk.type("report", "--output", str(file))
    assert again.code == Exit.USAGE
    assert "never overwritten" in again.said
