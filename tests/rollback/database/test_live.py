"""Databases as they are reached in earnest, by a real PostgreSQL and by SQLite."""

from __future__ import annotations

import socket
import stat
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import inspect

from rehearsal.clock import VirtualClock
from rehearsal.postgresql import local
from rollback.database import postgresql
from rollback.database.errors import DatabaseError
from rollback.database.live import LiveDatabases
from rollback.journal import Journal
from rollback.process import Processes
from tests.rollback.database import keeping
from tests.rollback.database.keeping import ORDERS, PASSWORD

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rollback.process import Completed
    from tests.rollback.database.keeping import Kept

NOT_HERE = "PostgreSQL is not installed here: `postgres` and `initdb` are not on PATH."


@pytest.fixture(scope="module")
def shop() -> Iterator[Kept]:
    """In a real PostgreSQL; what a test changes it takes back."""
    if local.programs() is None:
        pytest.skip(NOT_HERE)
    with keeping.postgresql() as kept:
        yield kept


@pytest.fixture(params=["sqlite", "postgresql"])
def either(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Kept]:
    if request.param == "postgresql":
        yield request.getfixturevalue("shop")
        return
    with keeping.sqlite(tmp_path) as kept:
        yield kept


class Told(Processes):
    """Programs of which it is known how the file looked with which they were run."""

    __slots__ = ("files",)

    def run(self, args: Any, **more: Any) -> Completed:
        if not hasattr(self, "files"):
            self.files: list[tuple[Path, int]] = []
        for each in args:
            if each.startswith("--file="):
                path = Path(each.removeprefix("--file="))
                self.files.append((path, stat.S_IMODE(path.stat().st_mode)))
        return super().run(args, **more)


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    with Journal.create(tmp_path / "journal.jsonl", VirtualClock()) as made:
        yield made


@pytest.fixture
def processes(journal: Journal) -> Told:
    return Told(journal, VirtualClock())


@pytest.fixture
def databases(processes: Told, journal: Journal, tmp_path: Path) -> LiveDatabases:
    return LiveDatabases(processes, journal, tmp_path / "private")


def answered(databases: LiveDatabases, address: str) -> None:
    with databases.opened(address):
        raise AssertionError("it must not be let in")


def test_rows_are_read_and_nothing_is_written(databases: LiveDatabases, either: Kept) -> None:
    with databases.opened(either.address) as engine, engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM orders").scalar_one() == ORDERS
    with (
        pytest.raises(DatabaseError, match=r"for reading only.*Take a copy"),
        databases.opened(either.address) as engine,
        engine.begin() as connection,
    ):
        connection.exec_driver_sql("DELETE FROM orders")
    assert either.orders == ORDERS


def test_also_who_asks_outside_of_a_transaction_writes_nothing(databases: LiveDatabases, shop: Kept) -> None:
    with (
        pytest.raises(DatabaseError, match="for reading only"),
        databases.opened(shop.address) as engine,
        engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection,
    ):
        connection.exec_driver_sql("DELETE FROM orders")
    assert shop.orders == ORDERS


def test_an_empty_database_is_empty_and_gone_afterwards(
    databases: LiveDatabases, either: Kept, tmp_path: Path
) -> None:
    with databases.empty(either.address) as engine:
        assert inspect(engine).get_table_names() == []
        with engine.begin() as connection:
            connection.exec_driver_sql("CREATE TABLE parcels (id integer)")
        where = engine.url
    with suppress(DatabaseError), databases.opened(where.render_as_string(hide_password=False)) as engine:
        raise AssertionError("it is still there")
    assert not list((tmp_path / "private").glob("*"))
    assert either.owner("SELECT note FROM orders WHERE id = 1") == [("tea",)]


def test_a_copy_holds_the_rows_and_what_is_tried_there_stays_there(
    databases: LiveDatabases, either: Kept, tmp_path: Path
) -> None:
    with databases.copied(either.address) as engine:
        with engine.begin() as connection:
            rows = connection.exec_driver_sql("SELECT id, note FROM orders ORDER BY id").fetchall()
            assert [tuple(row) for row in rows] == [(1, "tea"), (2, "milk"), (3, "honey")]
            connection.exec_driver_sql("DROP TABLE orders")
        assert either.orders == ORDERS
    assert not list((tmp_path / "private").glob("*"))


def test_what_was_made_for_a_trial_is_gone_also_when_the_trial_failed(
    databases: LiveDatabases, shop: Kept
) -> None:
    seen = []
    with suppress(KeyboardInterrupt), databases.copied(shop.address):
        seen = shop.trials
        raise KeyboardInterrupt
    assert len(seen) == 1
    assert shop.trials == []


def test_it_is_taken_away_whoever_is_still_connected(databases: LiveDatabases, shop: Kept) -> None:
    with databases.empty(shop.address) as engine:
        left = engine.connect()
    left.invalidate()
    left.close()
    assert shop.trials == []


def test_the_journal_says_what_was_made_and_taken_away(
    databases: LiveDatabases, shop: Kept, journal: Journal
) -> None:
    with databases.empty(shop.address):
        (name,) = shop.trials
        assert f"CREATE DATABASE {name}" in journal.path.read_text()
    assert f"DROP DATABASE {name}" in journal.path.read_text()


def test_while_it_lies_in_a_file_only_this_user_can_read_it(
    databases: LiveDatabases, shop: Kept, processes: Told
) -> None:
    with databases.copied(shop.address):
        pass
    assert [mode for _, mode in processes.files] == [0o600, 0o600]
    assert not any(path.exists() for path, _ in processes.files)


def unknown(*_: object, **__: object) -> object:
    raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")


def test_a_password_is_never_repeated(
    databases: LiveDatabases, shop: Kept, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", unknown)  # some of these make a host of the password
    shown = [repr(databases)]
    with databases.copied(shop.address) as engine:
        shown.append(repr(engine))
    for address in (
        shop.other(database="nothing"),
        shop.other(username="nobody"),
        shop.other(query={"host": "127.0.0.1", "port": "1"}),
        shop.other(query={"surprise": "1"}),
        f"postgresql://clerk:{PASSWORD}@127.0.0.1:1/shop",
        f"postgresql://clerk:{PASSWORD}@127.0.0.1:port/shop",
        f"mysql://clerk:{PASSWORD}@127.0.0.1/shop",
        PASSWORD,
    ):
        with pytest.raises(DatabaseError) as caught:
            answered(databases, address)
        shown += [str(caught.value), repr(caught.value), repr(caught.value.__context__)]
        assert caught.value.remedy
    shown.append(journal.path.read_text())
    for part in (PASSWORD, "s3cret", "of%3Athe", "the@shop"):
        assert not any(part in each for each in shown)


REFUSED: dict[str, tuple[dict[str, object], str]] = {
    "the password is another": ({"password": "other"}, "the password is not the right one. Compare"),
    "nobody is called so": ({"username": "nobody_we_know"}, "doesn't let"),
    "there is no such database": ({"database": "nothing"}, 'has no database "nothing". Compare'),
    "nobody is at home": (
        {"query": {}, "host": "127.0.0.1", "port": 1},
        "refuses connections. See whether it is up",
    ),
    "libpq doesn't know it": ({"query": {"schema": "shop"}, "host": "127.0.0.1"}, "after the `?`"),
}


@pytest.mark.parametrize("why", REFUSED)
def test_who_is_not_let_in_is_told_why_and_what_to_do(databases: LiveDatabases, shop: Kept, why: str) -> None:
    parts, said = REFUSED[why]
    with pytest.raises(DatabaseError) as caught:
        answered(databases, shop.other(**parts))
    assert said in str(caught.value)
    assert str(caught.value).startswith(("The database at ", "The address of the database at "))
    assert "\n" not in str(caught.value)


def test_a_file_that_isnt_there_is_not_made(databases: LiveDatabases, tmp_path: Path) -> None:
    with pytest.raises(DatabaseError, match="isn't there, or may not be read"):
        answered(databases, f"sqlite:///{tmp_path}/nothing.db")
    assert not (tmp_path / "nothing.db").exists()


def test_who_may_make_no_database_is_told_so(databases: LiveDatabases, shop: Kept) -> None:
    shop.owner(f"ALTER ROLE {shop.url.username} NOCREATEDB")
    try:
        with (
            pytest.raises(DatabaseError, match=r"may not do that .*permission denied to create.* Give the user that right"),
            databases.empty(shop.address),
        ):  # fmt: skip
            raise AssertionError
    finally:
        shop.owner(f"ALTER ROLE {shop.url.username} CREATEDB")


def test_who_may_not_read_all_of_it_makes_no_copy(databases: LiveDatabases, shop: Kept) -> None:
    shop.owner("CREATE TABLE salaries (id integer)")
    try:
        with (
            pytest.raises(DatabaseError, match=r"permission denied for table salaries"),
            databases.copied(shop.address),
        ):
            raise AssertionError
    finally:
        shop.owner("DROP TABLE salaries")
    assert shop.trials == []


def test_a_query_that_takes_too_long_is_given_up(
    databases: LiveDatabases, shop: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgresql, "READING_SECONDS", 0.02)
    with (
        pytest.raises(DatabaseError, match="did not answer a query in time"),
        databases.opened(shop.address) as engine,
        engine.connect() as connection,
    ):
        connection.exec_driver_sql("SELECT pg_sleep(30)")


def test_a_database_that_is_too_large_is_not_copied(
    databases: LiveDatabases, shop: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgresql, "LARGEST_BYTES", 1)
    with pytest.raises(DatabaseError, match="too much to be copied"), databases.copied(shop.address):
        raise AssertionError
    assert shop.trials == []


def test_without_pg_dump_there_is_no_copy(
    databases: LiveDatabases, shop: Kept, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with (
        pytest.raises(DatabaseError, match=r"pg_dump, which copies .* was not found. Install PostgreSQL's client"),
        databases.copied(shop.address),
    ):  # fmt: skip
        raise AssertionError


def test_a_pg_dump_that_is_older_than_the_server_is_refused_before_anything_is_made(
    databases: LiveDatabases, shop: Kept, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, journal: Journal
) -> None:
    for name in ("pg_dump", "psql"):
        program = tmp_path / name
        program.write_text('#!/bin/sh\necho "pg_dump (PostgreSQL) 9.6.24"\n')
        program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    with (
        pytest.raises(
            DatabaseError, match=r"pg_dump is of version 9, and the database at .* of version \d\d"
        ),
        databases.copied(shop.address),
    ):
        raise AssertionError
    assert "CREATE DATABASE" not in journal.path.read_text()


def test_what_a_refused_row_holds_is_not_repeated(databases: LiveDatabases, shop: Kept) -> None:
    with (
        pytest.raises(DatabaseError) as caught,
        databases.copied(shop.address) as engine,
        engine.begin() as connection,
    ):
        connection.exec_driver_sql("INSERT INTO orders VALUES ('of kim@example.com', '')")
    assert "kim@example.com" not in str(caught.value)
