"""Files of SQLite, as the application's database on a developer's machine."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from rollback.database.errors import complaint, refused

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import URL, Engine

    from rollback.database.address import Place

BUSY_SECONDS: Final = 5.0
"""How long somebody else's write is waited for."""


def reading(url: URL) -> Engine:
    """The database in a file, for reading only."""
    from sqlalchemy import NullPool, create_engine  # noqa: PLC0415 - only who opens a database needs it

    return create_engine("sqlite://", creator=lambda: _connect(url), poolclass=NullPool)


def engine(url: URL) -> Engine:
    """The database in a file, in which anything may be done."""
    from sqlalchemy import NullPool, create_engine  # noqa: PLC0415 - only who opens a database needs it

    return create_engine(url, poolclass=NullPool)


@contextmanager
def beside(directory: Path, name: str) -> Iterator[URL]:
    """An empty database in a file of its own that only this user can read; it is gone afterwards."""
    from sqlalchemy import URL as Url  # noqa: PLC0415, N811 - only who opens a database needs it

    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = directory / f"{name}.db"
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    try:
        yield Url.create("sqlite", database=str(path))
    finally:
        path.unlink(missing_ok=True)


def copy(source: URL, to: URL, place: Place) -> None:
    """Copy what is committed in one file into another.

    Raises:
        DatabaseError: it can't be read.
    """
    try:
        with (
            closing(_connect(source)) as original,
            closing(sqlite3.connect(to.database or "")) as trial,
        ):
            original.backup(trial)
    except sqlite3.OperationalError as error:
        found = refused(place, error)
    except sqlite3.Error as error:
        found = complaint(place, error, "be copied")
    else:
        return
    raise found


def _connect(url: URL) -> sqlite3.Connection:
    return sqlite3.connect(
        f"file:{quote(url.database or '')}?mode=ro", uri=True, timeout=BUSY_SECONDS, check_same_thread=False
    )
