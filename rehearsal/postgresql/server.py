"""Databases of a PostgreSQL, for the length of a rehearsal."""

from __future__ import annotations

import functools
import secrets
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import URL, Engine


class PostgresServer:
    """Keeps databases on a PostgreSQL that may keep others too.

    They are called something else there than here, so that rehearsals on the same server don't meet.

    Args:
        start: gives the address of the server's own database, for who may make others; asked once it is needed.
    """

    def __init__(self, start: Callable[[], URL]) -> None:
        self._start = start
        self._prefix = f"rehearsal_{secrets.token_hex(6)}"
        self._names: dict[str, str] = {}
        self._made = 0

    def create(self, name: str) -> None:
        """Make an empty database.

        Raises:
            FileExistsError: there is one of this name.
        """
        self._make(name, "template0")

    def copy(self, source: str, name: str) -> None:
        """Make a database `name` that holds what `source` holds now; who is connected to `source` is cut off.

        PostgreSQL copies none that somebody is connected to; connections are made again by who needs one.

        Raises:
            FileExistsError: there is one of this name.
            LookupError: there is no `source`.
        """
        if source not in self._names:
            raise LookupError(source)
        with self._engine.connect() as connection:
            connection.exec_driver_sql(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
                "WHERE datname = %(name)s AND backend_type = 'client backend'",
                {"name": self._names[source]},
            )
        self._make(name, self._names[source])

    def drop(self, name: str) -> None:
        """Take a database away, whoever is connected; where there is none, there is nothing to do."""
        if (there := self._names.pop(name, None)) is not None:
            with self._engine.connect() as connection:
                connection.exec_driver_sql(f"DROP DATABASE IF EXISTS {there} WITH (FORCE)")

    def url(self, name: str) -> URL:
        """Where it really is, for SQLAlchemy."""
        return self._engine.url.set(database=self._names.get(name, f"{self._prefix}_none"))

    def close(self) -> None:
        """Take all of them away."""
        for name in tuple(self._names):
            self.drop(name)
        if "_engine" in self.__dict__:
            self._engine.dispose()
            del self._engine

    def _make(self, name: str, template: str) -> None:
        if name in self._names:
            raise FileExistsError(name)
        self._made += 1
        there = f"{self._prefix}_{self._made}"
        with self._engine.connect() as connection:
            connection.exec_driver_sql(f"CREATE DATABASE {there} TEMPLATE {template}")
        self._names[name] = there

    @functools.cached_property
    def _engine(self) -> Engine:
        from sqlalchemy import create_engine  # noqa: PLC0415 - few rehearsals need it

        return create_engine(self._start(), isolation_level="AUTOCOMMIT", pool_size=1, pool_pre_ping=True)
