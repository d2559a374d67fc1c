"""The application's real database: migrated by alembic, asked by every version."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from rehearsal.database_config import DATABASE
from rehearsal.origin.upgrades import HALF_WAY, UPGRADES
from rehearsal.postgresql import local
from rehearsal.world.database import APPLICATION, url
from rehearsal.world.database_house import ROWS, MigrationFailed
from rollback.database.errors import DatabaseError
from tests.rollback.revert.house import House, opened

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


RESTORED = "shop-2.c1a2b3c4d5e6.us-east-1.rds.amazonaws.com"
BOTH = pytest.mark.parametrize("kind", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture
def kind(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """What keeps the databases."""
    kind: str = getattr(request, "param", "sqlite")
    if kind == "postgresql" and local.programs() is None:
        pytest.skip("PostgreSQL is not installed here: `postgres` and `initdb` are not on PATH.")
    monkeypatch.setenv(DATABASE, kind)
    return kind


@pytest.fixture
def house(kind: str, tmp_path: Path) -> Iterator[House]:  # noqa: ARG001 - it is there to be in force
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


def copied_to(house: House, host: str) -> None:
    """What the application's database holds now is also in another one, at `host`."""
    database = house.origin.database
    database.open()
    database.server.copy(APPLICATION, "restored")
    database.register(host, "restored")


def led_to(house: House, host: str) -> None:
    """The service's secret leads to `host` from now on."""
    house.stage.clients.secretsmanager.put_secret_value(
        SecretId=house.world.foundation.secret, SecretString=url(host)
    )


def changed(house: House, name: str, statement: str) -> None:
    with house.origin.database.engine(name).begin() as connection:
        connection.exec_driver_sql(statement)


@BOTH
def test_a_task_asks_the_database_that_it_was_told_of_at_its_start(house: House) -> None:
    copied_to(house, RESTORED)
    changed(house, APPLICATION, "DROP TABLE orders")
    assert statuses(house) == {500}
    led_to(house, RESTORED)
    assert statuses(house) == {500}
    house.deploys(house.tip)
    assert statuses(house) == {200}
    house.origin.database.forget(RESTORED)
    assert statuses(house) == {500}


def test_the_pipeline_migrates_the_database_to_which_the_secret_leads(house: House) -> None:
    copied_to(house, RESTORED)
    led_to(house, RESTORED)
    migrated(house, "adds a column")
    database = house.origin.database
    assert (database.schema("restored").revision, database.schema().revision) == ("0003", "0002")
    assert statuses(house) == {200}


def test_what_was_restored_to_before_a_migration_is_migrated_anew(house: House) -> None:
    copied_to(house, RESTORED)
    migrated(house, "adds a column")
    led_to(house, RESTORED)
    house.origin.database.upgrade(house.origin.bare.files(house.tip), house.world.team.database_url())
    assert house.origin.database.schema("restored").revision == "0003"


def test_a_pipeline_that_is_led_nowhere_fails(house: House) -> None:
    with pytest.raises(MigrationFailed):
        house.origin.database.upgrade(house.origin.bare.files(house.tip), url("elsewhere"))


@BOTH
def test_an_operator_is_led_to_the_database_at_an_address_of_the_stage(house: House) -> None:
    databases = house.access.databases
    copied_to(house, RESTORED)
    changed(house, "restored", "DELETE FROM orders WHERE id > 2")
    seen = []
    for address in (url(), url(RESTORED)):
        with databases.opened(address) as engine, engine.connect() as connection:
            seen.append(connection.exec_driver_sql("SELECT count(*) FROM orders").scalar_one())
    assert seen == [ROWS, 2]
    with databases.copied(url()) as engine, engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE orders")
    assert house.origin.database.count() == ROWS


@pytest.mark.parametrize(
    ("address", "said"),
    [
        (url("elsewhere"), "The database at elsewhere can't be reached: it refuses connections."),
        (url().replace("rehearsed", "guessed"), "the password is not the right one"),
    ],
)
def test_an_operator_is_led_to_nothing_else(house: House, address: str, said: str) -> None:
    with pytest.raises(DatabaseError, match=said), house.access.databases.opened(address):
        raise AssertionError
    assert not house.origin.database.is_open
