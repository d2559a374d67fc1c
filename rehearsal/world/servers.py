"""What keeps the databases of a rehearsal: files of SQLite, or a PostgreSQL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from sqlalchemy import URL


class Server(Protocol):
    """A server with databases that have names, for the length of a rehearsal."""

    def create(self, name: str) -> None:
        """Make an empty database."""
        ...

    def copy(self, source: str, name: str) -> None:
        """Make a database `name` that holds what `source` holds now."""
        ...

    def drop(self, name: str) -> None:
        """Take a database away, whoever is connected."""
        ...

    def url(self, name: str) -> URL:
        """Where it really is, for SQLAlchemy."""
        ...

    def close(self) -> None:
        """Take all of them away."""
        ...
