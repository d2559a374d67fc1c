"""What a run says of the database that it rehearses with, and what it refuses."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import create_engine

from rehearsal import database_config
from rehearsal.database_config import DATABASE, chosen, described, server, why_no_postgresql
from rehearsal.postgresql import container, local
from rehearsal.world.sqlite_server import SqliteServer
from rollback.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import URL

    from tests.plugin.project import Project

pytest_plugins = ["pytester"]

ROOT = Path(__file__).parents[2]
FEATURE = """
    @database
    Feature: The database
      Scenario: It is asked for
        Given the service is steady
    """


@pytest.fixture
def _nothing_here(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A machine with neither PostgreSQL nor Docker."""
    monkeypatch.setattr(local, "programs", lambda: None)
    monkeypatch.setattr(container, "engine_answers", lambda: False)
    database_config._source.cache_clear()
    yield
    database_config._source.cache_clear()


def header(result: pytest.RunResult) -> list[str]:
    return [line for line in result.outlines if line.startswith("database:")]


def refused(result: pytest.RunResult) -> str:
    """The one sentence with which a run was refused before it began."""
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    [line] = [line for line in result.errlines if line]
    assert line.startswith("ERROR: REHEARSAL_DATABASE ")
    return line


@pytest.mark.parametrize(
    ("said", "line"),
    [
        ("", []),
        ("sqlite", []),
        ("postgresql", ["database: PostgreSQL, for this run alone"]),
    ],
)
def test_the_header_says_what_is_rehearsed_with_if_it_is_not_sqlite(
    project: Project, monkeypatch: pytest.MonkeyPatch, said: str, line: list[str]
) -> None:
    monkeypatch.setenv(DATABASE, said)
    project.write("features/database.feature", FEATURE)
    result = project.run()
    assert header(result) == line
    result.assert_outcomes(passed=1)


@pytest.fixture
def kim() -> Iterator[URL]:
    """Somebody whom this machine's PostgreSQL knows, and who may make databases and nothing else."""
    if local.programs() is None:
        pytest.skip("PostgreSQL is not installed here: `postgres` and `initdb` are not on PATH.")
    engine = create_engine(local.started(), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql("CREATE ROLE kim LOGIN CREATEDB PASSWORD 's3cret'")
        yield engine.url.set(username="kim", password="s3cret")  # noqa: S106 - it opens what is gone after the test
        connection.exec_driver_sql("DROP ROLE kim")
    engine.dispose()


def test_a_server_that_is_named_serves_who_may_make_databases(
    project: Project, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, kim: URL
) -> None:
    monkeypatch.setenv(DATABASE, kim.render_as_string(hide_password=False))
    project.write("features/database.feature", FEATURE)
    result = project.run()
    result.assert_outcomes(passed=1)
    assert header(result) == [f"database: PostgreSQL at {kim.query['host']}"]
    assert "s3cret" not in str(result.outlines)
    made = server(tmp_path)
    made.create("shop")
    made.copy("shop", "then")
    made.close()


def test_who_may_make_no_databases_is_refused(
    project: Project, monkeypatch: pytest.MonkeyPatch, kim: URL
) -> None:
    engine = create_engine(local.started(), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql("ALTER ROLE kim NOCREATEDB")
    engine.dispose()
    monkeypatch.setenv(DATABASE, kim.render_as_string(hide_password=False))
    project.write("features/database.feature", FEATURE)
    line = refused(project.run())
    assert line.endswith('"kim" may make no databases there. Let it: ALTER ROLE ... CREATEDB.')


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ("postgres", 'says "postgres", which no rehearsal can be played on. Set REHEARSAL_DATABASE to'),
        ("mysql://kim:s3cret@db/x", "names a database of another kind than PostgreSQL. Set"),
        (
            "postgresql://kim:s3cret@db:port/x",
            "can't be used: The address of the database can't be read. Set",
        ),
        (
            "postgresql://kim:s3cret@127.0.0.1:1/x",
            "at 127.0.0.1 can't be reached: it refuses connections. See",
        ),
        ("postgresql://kim:s3cret@db", "can't be used: The address of the database names no database"),
    ],
)
def test_a_value_that_is_none_is_refused_before_any_test(
    project: Project, monkeypatch: pytest.MonkeyPatch, said: str, sentence: str
) -> None:
    monkeypatch.setenv(DATABASE, said)
    project.write("features/database.feature", FEATURE)
    line = refused(project.run())
    assert sentence in line
    assert "s3cret" not in line


def test_a_failure_is_rehearsed_again_with_the_same_database(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(DATABASE, "postgresql")
    project.write("features/database.feature", FEATURE)
    project.steps(
        """
        from pytest_bdd import given

        @given("the service is steady")
        def _():
            assert False, "it shakes"
        """
    )
    project.run().stdout.fnmatch_lines(["REHEARSAL_DATABASE=postgresql pytest features/database.feature::*"])


def test_a_run_without_features_doesnt_look_at_it(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(DATABASE, "nonsense")
    project.write("tests/test_other.py", "def test_other(): pass")
    project.run("tests").assert_outcomes(passed=1)


@pytest.mark.usefixtures("_nothing_here")
def test_where_there_is_neither_postgresql_nor_docker_the_chapter_is_skipped_with_a_reason(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(DATABASE, "postgresql")
    project.write("features/database.feature", FEATURE)
    project.write(
        "features/other.feature", "Feature: Others\n  Scenario: They play\n    Given the sun shines\n"
    )
    project.steps(
        """
        from pytest_bdd import given

        @given("the service is steady")
        def _(stage):
            pass

        @given("the sun shines")
        def _():
            pass
        """
    )
    result = project.run("-rs")
    result.assert_outcomes(passed=1, skipped=1)
    assert "no engine of Docker answers" in " ".join(line.strip() for line in result.outlines)


@pytest.mark.usefixtures("_nothing_here")
def test_what_opens_the_database_all_the_same_is_told_that_there_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(DATABASE, "postgresql")
    with pytest.raises(ConfigurationError, match="asks for PostgreSQL, which is not installed here"):
        server(tmp_path).create("shop")


def test_sqlite_is_what_it_is_if_nobody_asks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(DATABASE, raising=False)
    assert (chosen(), described(), why_no_postgresql()) == ("sqlite", None, None)
    assert isinstance(server(tmp_path), SqliteServer)


def test_without_postgresql_a_container_is_taken_where_docker_answers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(local, "programs", lambda: None)
    monkeypatch.setattr(container, "engine_answers", lambda: True)
    database_config._source.cache_clear()
    try:
        assert database_config._source() is container.started
    finally:
        database_config._source.cache_clear()


def test_a_container_that_cant_be_started_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    class Stubborn:
        def start(self) -> None:
            raise OSError("no space left on /var/lib/docker")

    monkeypatch.setattr(container, "_container", Stubborn)
    with pytest.raises(
        ConfigurationError, match=r"Docker could not start PostgreSQL .*\(OSError\)\. Install"
    ):
        container.started()


def test_a_server_that_cant_be_started_is_a_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("initdb", "postgres"):
        program = tmp_path / name
        program.write_text("#!/bin/sh\necho 'no space left on device'\nexit 1\n")
        program.chmod(0o755)
    tmp_path.chmod(0o755)
    monkeypatch.setattr(local, "programs", lambda: tmp_path)
    monkeypatch.setattr(local, "_user", lambda: "")
    with pytest.raises(
        ConfigurationError, match=r"initdb has ended with 1: no space left .* unset that for SQLite"
    ):
        local.started.__wrapped__()


def test_a_scenario_of_the_runbook_plays_on_a_real_postgresql() -> None:
    """The old code asks for a column that is gone: PostgreSQL itself refuses it."""
    if local.programs() is None:
        pytest.skip("PostgreSQL is not installed here: `postgres` and `initdb` are not on PATH.")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "features/database/crossing.feature", "-k", "spares", "-p", "no:cacheprovider"],
        cwd=ROOT,
        env={**os.environ, DATABASE: "postgresql"},
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    assert "database: PostgreSQL, for this run alone" in done.stdout
    assert "1 passed" in done.stdout, done.stdout
