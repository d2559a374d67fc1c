"""Databases as they are reached in earnest: PostgreSQL by psycopg, and files of SQLite."""

from __future__ import annotations

import secrets
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final

from rollback.database import postgresql, sqlite
from rollback.database.address import SQLITE, parse, place_of
from rollback.database.errors import DatabaseError, complaint, refused
from rollback.journal import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from sqlalchemy import URL, Engine

    from rollback.database.address import Place
    from rollback.journal import Journal
    from rollback.process import Processes

TRIAL: Final = "rollback_trial_"
"""How every database begins that is made for a trial, so that one that was left behind is known for what it is."""


def _itself(url: URL) -> URL:
    return url


class LiveDatabases:
    """Opens databases by SQLAlchemy, each with a connection of its own that lasts as long as the block.

    What is made for a trial is in the journal before it is made and after it is gone. No address and no password is:
    a program gets the password by its environment.

    Args:
        processes: how to run pg_dump and psql.
        journal: where what is made and taken away is written down.
        directory: a private directory of this user, for what has to lie in a file for a while.
        lead: gives the way that leads to an address, as a tunnel would; may raise OSError where none does.
    """

    def __init__(
        self,
        processes: Processes,
        journal: Journal,
        directory: Path,
        *,
        lead: Callable[[URL], URL] = _itself,
    ) -> None:
        self._processes = processes
        self._journal = journal
        self._directory = directory
        self._lead = lead

    @contextmanager
    def opened(self, url: str) -> Iterator[Engine]:
        """The database at `url`, for reading only; no query may take longer than half a minute.

        Raises:
            DatabaseError: it can't be reached, doesn't let us in, or refuses what was asked and not caught.
        """
        place, way = self._way(url)
        engine = (
            sqlite.reading(way)
            if way.get_backend_name() == SQLITE
            else postgresql.engine(way, reading=True, seconds=postgresql.READING_SECONDS)
        )
        with _used(engine, place, "answer a query"):
            yield engine

    @contextmanager
    def empty(self, url: str) -> Iterator[Engine]:
        """A new, empty database of the same kind and on the same server; it is gone afterwards.

        Raises:
            DatabaseError: none can be made, or one that was made refuses what was asked and not caught.
        """
        place, way = self._way(url)
        with self._trial(place, way) as (made, _):
            engine = _engine(made)
            with _used(engine, place, "do what was tried"):
                yield engine

    @contextmanager
    def copied(self, url: str) -> Iterator[Engine]:
        """A copy of the database at `url`, its rows with it; it is gone afterwards.

        Of PostgreSQL the copy is made by pg_dump and psql on the same server, and only up to
        `postgresql.LARGEST_BYTES`.

        Raises:
            DatabaseError: none can be made, or one that was made refuses what was asked and not caught.
        """
        place, way = self._way(url)
        if way.get_backend_name() != SQLITE:
            engine = postgresql.engine(way, reading=True, seconds=postgresql.READING_SECONDS)
            with _used(engine, place, "say how large it is"):
                postgresql.must_be_copyable(self._processes, engine, place)
        with self._trial(place, way) as (made, name):
            if way.get_backend_name() == SQLITE:
                sqlite.copy(way, made, place)
            else:
                postgresql.copy(self._processes, way, made, place, self._directory / f"{name}.sql")
            engine = _engine(made)
            with _used(engine, place, "do what was tried"):
                yield engine

    def _way(self, url: str) -> tuple[Place, URL]:
        parsed = parse(url)
        place = place_of(parsed)
        try:
            return place, self._lead(parsed)
        except OSError as error:
            found = refused(place, error)
        raise found

    @contextmanager
    def _trial(self, place: Place, way: URL) -> Iterator[tuple[URL, str]]:
        """A new database beside the one to which `way` leads, and what it is called."""
        name = f"{TRIAL}{secrets.token_hex(6)}"
        if way.get_backend_name() == SQLITE:
            with sqlite.beside(self._directory, name) as made:
                yield made, name
            return
        with self._recorded("CREATE DATABASE", place, name):
            postgresql.create(way, place, name)
        try:
            yield way.set(database=name), name
        except BaseException:
            with suppress(
                DatabaseError
            ):  # what went wrong first is what has to be known; the journal has this
                self._drop(place, way, name)
            raise
        self._drop(place, way, name)

    def _drop(self, place: Place, way: URL, name: str) -> None:
        with self._recorded("DROP DATABASE", place, name):
            postgresql.drop(way, place, name)

    @contextmanager
    def _recorded(self, statement: str, place: Place, name: str) -> Iterator[None]:
        """Have it in the journal before it goes out, and how it ended."""
        self._journal.record(Kind.CALL, f"{statement} {name}", host=place.host)
        try:
            yield
        except DatabaseError as error:
            self._journal.record(Kind.ANSWER, f"{statement} {name}", error=str(error))
            raise
        self._journal.record(Kind.ANSWER, f"{statement} {name}")


def _engine(made: URL) -> Engine:
    """Where anything may be tried."""
    if made.get_backend_name() == SQLITE:
        return sqlite.engine(made)
    return postgresql.engine(made, reading=False, seconds=postgresql.TRIAL_SECONDS)


@contextmanager
def _used(engine: Engine, place: Place, doing: str) -> Iterator[None]:
    """See that `engine` connects, let it be used, and close it; what it refuses becomes a sentence."""
    from sqlalchemy.exc import SQLAlchemyError  # noqa: PLC0415 - only who opens a database needs it

    found = None
    try:
        try:
            engine.connect().close()
        except SQLAlchemyError as error:
            found = refused(place, error)
        if found is None:
            try:
                yield
            except SQLAlchemyError as error:
                found = complaint(place, error, doing)
    finally:
        engine.dispose()
    if found is not None:
        raise found
