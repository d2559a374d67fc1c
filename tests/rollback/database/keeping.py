"""A shop's database, as it is reached in earnest: in a file of SQLite, or in the PostgreSQL of this machine."""

from __future__ import annotations

import secrets
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import create_engine

from rehearsal.postgresql import local
from rehearsal.postgresql.server import PostgresServer
from rehearsal.world.sqlite_server import SqliteServer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import URL

    from rehearsal.world.servers import Server

PASSWORD: Final = "s3cret/of:the@shop"  # noqa: S105 - it opens what is gone after the test
ORDERS: Final = 3


@dataclass(frozen=True, slots=True)
class Kept:
    """A database with some orders in it.

    Attributes:
        server: what keeps it.
        url: how the application is told of it.
    """

    server: Server
    url: URL

    @property
    def address(self) -> str:
        """How the application is told of it, in full."""
        return self.url.render_as_string(hide_password=False)

    def other(self, **parts: object) -> str:
        """The address with something else in it."""
        return self.url.set(**parts).render_as_string(hide_password=False)  # type: ignore[arg-type]

    def owner(self, statement: str) -> list[tuple[object, ...]]:
        """What its owner is answered."""
        engine = create_engine(self.server.url("shop"))
        try:
            with engine.begin() as connection:
                done = connection.exec_driver_sql(statement)
                return [tuple(row) for row in done] if done.returns_rows else []
        finally:
            engine.dispose()

    @property
    def orders(self) -> int:
        """How many orders there really are."""
        ((count,),) = self.owner("SELECT count(*) FROM orders")
        assert isinstance(count, int)
        return count

    @property
    def trials(self) -> list[str]:
        """The databases on the server that were made for a trial."""
        rows = self.owner("SELECT datname FROM pg_database WHERE datname LIKE 'rollback%%'")
        return [str(name) for (name,) in rows]


@contextmanager
def sqlite(directory: Path) -> Iterator[Kept]:
    """A shop's database in a file."""
    server = SqliteServer(directory)
    server.create("shop")
    kept = Kept(server, server.url("shop"))
    _fill(kept)
    yield kept
    server.close()


@contextmanager
def postgresql() -> Iterator[Kept]:
    """A shop's database in this machine's PostgreSQL, whose application may make databases."""
    server = PostgresServer(local.started)
    server.create("shop")
    clerk = f"clerk_{secrets.token_hex(4)}"
    kept = Kept(server, server.url("shop").set(username=clerk, password=PASSWORD))
    try:
        kept.owner(f"CREATE ROLE {clerk} LOGIN CREATEDB PASSWORD '{PASSWORD}'")
        _fill(kept)
        kept.owner(f"GRANT SELECT, INSERT, DELETE ON orders TO {clerk}")
        yield kept
    finally:
        kept.owner(f"DROP OWNED BY {clerk}")
        kept.owner(f"DROP ROLE {clerk}")
        server.close()


def _fill(kept: Kept) -> None:
    kept.owner("CREATE TABLE orders (id integer PRIMARY KEY, note text)")
    kept.owner("INSERT INTO orders VALUES (1, 'tea'), (2, 'milk'), (3, 'honey')")
