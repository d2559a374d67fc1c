"""The address of a database, as the application is given it: what may be said of it, and what only a driver sees."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from rollback.database.errors import DatabaseError

if TYPE_CHECKING:
    from sqlalchemy import URL

POSTGRESQL: Final = "postgresql"
SQLITE: Final = "sqlite"
PORT: Final = 5432
_DRIVERS: Final = {POSTGRESQL: "postgresql+psycopg", "postgres": "postgresql+psycopg", SQLITE: "sqlite"}
INSTALL: Final = "Install what opens databases: pip install 'rollback-rehearsal[database]'."


@dataclass(frozen=True, slots=True)
class Place:
    """What of an address may be repeated; in a sentence it is the host, or the file.

    Attributes:
        host: the host's name; empty for a file.
        port: the port.
        name: what the database is called on its host, or the file's path.
        user: who is let in.
    """

    host: str
    port: int
    name: str
    user: str

    def __str__(self) -> str:
        return f"the database at {self.host}" if self.host else f"the database in the file {self.name}"


def place_of(url: URL) -> Place:
    """What of `url` may be repeated."""
    host = "" if url.get_backend_name() == SQLITE else url.host or str(url.query.get("host", "localhost"))
    return Place(host, url.port or PORT, url.database or "", url.username or "")


def parse(address: str) -> URL:
    """Read an address as SQLAlchemy does, and choose the driver that is there.

    Raises:
        DatabaseError: it is none, is of another kind of database, or what opens it isn't installed. The address itself
            is not repeated, since a password that was not encoded may stand anywhere in it.
    """
    url = _read(address)
    if url is None:
        raise DatabaseError(
            "The address of the database can't be read.",
            remedy="It is written as `postgresql://user:password@host:5432/name`; what is special in the password "
            "(`/`, `@`, `:`, `%`, `#`) has to be percent-encoded.",
        )
    kind = url.drivername.partition("+")[0]
    if kind not in _DRIVERS:
        raise DatabaseError(
            "The address of the database is of a kind that can't be opened from here.",
            remedy="PostgreSQL can be opened, and files of SQLite.",
        )
    if not url.database:
        raise DatabaseError(
            "The address of the database names no database on its host.",
            remedy="It is written as `postgresql://user:password@host:5432/name`.",
        )
    return url.set(drivername=_DRIVERS[kind])


def _read(address: str) -> URL | None:
    try:
        from sqlalchemy import make_url  # noqa: PLC0415 - only who opens a database needs it
        from sqlalchemy.exc import ArgumentError  # noqa: PLC0415
    except ImportError:
        raise DatabaseError(
            "Nothing that opens databases is installed on this machine.", remedy=INSTALL
        ) from None
    with suppress(ArgumentError, ValueError):
        return make_url(address)
    return None
