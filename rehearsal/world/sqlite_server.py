"""Databases in files of SQLite, which every machine has."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import URL


class SqliteServer:
    """Keeps each database in a file of its own.

    Args:
        directory: where the files are; whoever made it takes it away.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._names: set[str] = set()

    def create(self, name: str) -> None:
        """Make an empty database.

        Raises:
            FileExistsError: there is one of this name.
        """
        self._path(name).touch(exist_ok=False)
        self._names.add(name)

    def copy(self, source: str, name: str) -> None:
        """Make a database `name` that holds what `source` holds now, as it was last committed.

        Raises:
            FileExistsError: there is one of this name.
            LookupError: there is no `source`.
        """
        if source not in self._names:
            raise LookupError(source)
        self.create(name)
        with (
            closing(sqlite3.connect(self._path(source))) as from_,
            closing(sqlite3.connect(self._path(name))) as to,
        ):
            from_.backup(to)

    def drop(self, name: str) -> None:
        """Take a database away, whoever is connected; where there is none, there is nothing to do."""
        self._names.discard(name)
        self._path(name).unlink(missing_ok=True)

    def url(self, name: str) -> URL:
        """Where it really is, for SQLAlchemy."""
        from sqlalchemy import URL  # noqa: PLC0415 - few rehearsals need it

        return URL.create("sqlite", database=str(self._path(name)))

    def close(self) -> None:
        """Take all of them away."""
        for name in tuple(self._names):
            self.drop(name)

    def _path(self, name: str) -> Path:
        return self._directory / f"{name}.db"
