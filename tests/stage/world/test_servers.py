"""What keeps the databases of a rehearsal, in files and on a real PostgreSQL."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import create_engine, inspect
from sqlalchemy.exc import SQLAlchemyError

from rehearsal.postgresql import local
from rehearsal.postgresql.server import PostgresServer
from rehearsal.world.sqlite_server import SqliteServer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rehearsal.world.servers import Server

NOT_HERE = "PostgreSQL is not installed here: `postgres` and `initdb` are not on PATH."


@pytest.fixture(params=["sqlite", "postgresql"])
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[str], Server]:
    """Makes servers of one kind, each for a rehearsal of its own."""
    if request.param == "postgresql":
        if local.programs() is None:
            pytest.skip(NOT_HERE)
        return lambda _: PostgresServer(local.started)

    def in_files(rehearsal: str) -> Server:
        (tmp_path / rehearsal).mkdir()
        return SqliteServer(tmp_path / rehearsal)

    return in_files


@pytest.fixture
def server(make: Callable[[str], Server]) -> Iterator[Server]:
    made = make("one")
    yield made
    made.close()


def told(server: Server, name: str, statement: str) -> list[tuple[object, ...]]:
    engine = create_engine(server.url(name))
    try:
        with engine.begin() as connection:
            done = connection.exec_driver_sql(statement)
            return [tuple(row) for row in done] if done.returns_rows else []
    finally:
        engine.dispose()


def shop(server: Server) -> None:
    server.create("shop")
    told(server, "shop", "CREATE TABLE orders (id integer)")
    told(server, "shop", "INSERT INTO orders VALUES (1)")


def test_a_new_database_is_empty(server: Server) -> None:
    server.create("shop")
    engine = create_engine(server.url("shop"))
    assert inspect(engine).get_table_names() == []
    engine.dispose()


def test_a_copy_holds_what_was_there_then_and_goes_its_own_way(server: Server) -> None:
    shop(server)
    server.copy("shop", "then")
    told(server, "shop", "INSERT INTO orders VALUES (2)")
    told(server, "then", "INSERT INTO orders VALUES (3), (4)")
    assert told(server, "shop", "SELECT id FROM orders ORDER BY id") == [(1,), (2,)]
    assert told(server, "then", "SELECT id FROM orders ORDER BY id") == [(1,), (3,), (4,)]


def test_somebody_who_is_connected_keeps_nobody_from_copying_or_dropping(server: Server) -> None:
    shop(server)
    engine = create_engine(server.url("shop"), pool_pre_ping=True)
    with engine.connect() as connection:
        connection.exec_driver_sql("SELECT id FROM orders").fetchall()
    server.copy("shop", "then")
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT id FROM orders").fetchall() == [(1,)]
    server.drop("shop")
    engine.dispose()
    assert told(server, "then", "SELECT id FROM orders") == [(1,)]


def test_a_name_is_taken_once_and_what_isnt_there_is_not_copied(server: Server) -> None:
    shop(server)
    with pytest.raises(FileExistsError):
        server.create("shop")
    with pytest.raises(FileExistsError):
        server.copy("shop", "shop")
    with pytest.raises(LookupError):
        server.copy("nothing", "other")
    server.drop("nothing")


def test_what_was_dropped_is_gone_and_its_name_is_free(server: Server) -> None:
    shop(server)
    server.drop("shop")
    with pytest.raises(SQLAlchemyError):
        told(server, "shop", "SELECT id FROM orders")
    server.drop("shop")
    server.create("shop")


def test_rehearsals_dont_meet_and_one_takes_its_own_away(make: Callable[[str], Server]) -> None:
    one, other = make("one"), make("other")
    shop(one)
    shop(other)
    told(other, "shop", "INSERT INTO orders VALUES (2)")
    left = one.url("shop")
    one.close()
    assert told(other, "shop", "SELECT id FROM orders ORDER BY id") == [(1,), (2,)]
    other.close()
    engine = create_engine(left)
    with pytest.raises(SQLAlchemyError), engine.connect() as connection:
        connection.exec_driver_sql("SELECT id FROM orders")
    engine.dispose()


def test_nothing_is_started_before_it_is_needed() -> None:
    def never() -> None:
        raise AssertionError("it was started")

    PostgresServer(never).close()  # type: ignore[arg-type]


def test_a_postgresql_is_gone_with_who_wanted_it_however_that_ended() -> None:
    """Killed, it can't clean up: whoever keeps the server for it notices."""
    if local.programs() is None:
        pytest.skip(NOT_HERE)
    script = (
        "import os, signal\nfrom rehearsal.postgresql import local\n"
        "print(local.started().query['host'], flush=True)\nos.kill(os.getpid(), signal.SIGKILL)\n"
    )
    # The keeper inherits standard error, so that this returns only once it has ended as well.
    done = subprocess.run(  # noqa: S603 - an argument list
        [sys.executable, "-c", script],
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    where = done.stdout.strip()
    assert where
    assert done.returncode < 0
    assert not Path(where).exists()
