"""The application's real database: migrated by alembic, asked by every version."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from rehearsal.origin.people import HALF_WAY, UPGRADES
from rehearsal.world.database import url
from rehearsal.world.database_house import ROWS, MigrationFailed
from tests.rollback.revert.house import House, opened

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with opened(tmp_path) as made:
        yield made


def migrated(house: House, does: str) -> str:
    files = {**house.developers.code("Tidy"), **house.developers.migration("Tidy", does)}
    return house.merged("Tidy", files).commit


def statuses(house: House) -> set[int]:
    return {status for status, _ in house.answers()}


def test_before_anything_changes_every_version_of_the_history_gets_its_rows(house: House) -> None:
    """So that nothing is missed where the database isn't made at all."""
    database = house.origin.database
    assert not database.is_open
    database.open()
    queries = {
        house.origin.bare.read(commit.sha, "app/orders.sql")
        for commit in house.origin.bare.log(house.tip, 50)
    }
    assert len(queries) > 2
    assert all(database.answers(url(), query or "") for query in queries)
    assert database.schema().revision == "0002"
    assert database.count() == ROWS


@pytest.mark.parametrize("does", [name for name in UPGRADES if name not in {"fails", HALF_WAY}])
def test_the_pipeline_really_runs_a_migration_and_the_new_version_fits(house: House, does: str) -> None:
    migrated(house, does)
    assert house.origin.database.schema().revision == "0003"
    assert house.origin.database.count() == ROWS
    assert statuses(house) == {200}


def test_a_column_that_is_dropped_is_gone_and_the_old_query_fails(house: House) -> None:
    migrated(house, "drops a column")
    assert house.origin.database.schema().columns == {"orders": ("id", "placed_at")}
    assert not house.origin.database.answers(url(), "SELECT note FROM orders")


def test_a_migration_that_fails_is_not_deployed_and_its_run_says_so(house: House) -> None:
    before = house.world.look.primary_revision()
    sha = migrated(house, "fails")
    assert house.world.look.primary_revision() == before
    (run,) = [run for run in house.origin.store.runs if run.sha == sha]
    assert run.conclusion == "failure"
    steps = {step.name: step.conclusion for job in run.jobs for step in job.steps}
    assert (steps["Migrate database"], steps["Register task definition"]) == ("failure", "skipped")
    assert statuses(house) == {200}


def test_taking_an_applied_file_away_fails_in_the_pipeline(house: House) -> None:
    """What a plan says when it refuses such a revert: alembic no longer finds where the database is."""
    sha = migrated(house, "adds a column")
    paths = [path for path in house.origin.bare.changed(f"{sha}^", sha) if "versions" in path]
    files = {path: text for path, text in house.origin.bare.files(sha).items() if path not in paths}
    with pytest.raises(MigrationFailed, match="Can't locate revision identified by '0003'"):
        house.origin.database.upgrade(files)


def test_two_heads_fail_in_the_pipeline(house: House) -> None:
    files = house.origin.bare.files(house.tip)
    other = files["migrations/versions/0002_placed_at.py"].replace("'0002'", "'0002b'")
    with pytest.raises(MigrationFailed, match="Multiple head revisions"):
        house.origin.database.upgrade({**files, "migrations/versions/0002b_other.py": other})


def test_the_same_migrations_again_do_nothing(house: House) -> None:
    house.origin.database.upgrade(house.origin.bare.files(house.tip))
    assert not house.origin.database.is_open
