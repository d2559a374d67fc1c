"""The application's real database: SQLite, migrated by alembic as the files of a commit say."""

from __future__ import annotations

import io
import shutil
import sqlite3
import tempfile
import warnings
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

ENVIRONMENT: Final = '''\
"""How alembic reaches the database."""

from alembic import context
from sqlalchemy import create_engine, pool

engine = create_engine(context.config.get_main_option("sqlalchemy.url"), poolclass=pool.NullPool)
with engine.connect() as connection:
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()
'''
"""The `env.py` of the rehearsed repository."""
ROWS: Final = 12
"""How many orders there are before a rehearsal begins."""


class MigrationFailed(Exception):
    """Alembic has ended with an error; its message is what it says."""


@dataclass(frozen=True, slots=True)
class Schema:
    """What a database really holds.

    Attributes:
        revision: what its version table says.
        columns: those of each table, by the table's name.
    """

    revision: str
    columns: Mapping[str, tuple[str, ...]]


class DatabaseHouse:
    """The database of the stage's environment.

    It is made when a commit first brings other migrations than those that were run before the rehearsal; until then
    every version's query fits by itself, since nothing has changed (which a test holds).

    Args:
        directory: where it is kept.
        location: where the repository keeps alembic's files, as ``migrations``.
        before: gives the files of the commit whose migrations were run before the rehearsal.
    """

    def __init__(self, directory: Path, location: str, before: Callable[[], Mapping[str, str]]) -> None:
        self._path = directory / "application.db"
        self._location = location
        self._before = before
        self._last: Mapping[str, str] | None = None

    @property
    def is_open(self) -> bool:
        """Whether anything was done that needs it."""
        return self._path.exists()

    def open(self) -> None:
        """Have it as it was before the rehearsal: migrated, with some orders in it."""
        if self.is_open:
            return
        self._run(self._before())
        with closing(sqlite3.connect(self._path)) as connection, connection:
            connection.executemany(
                "INSERT INTO orders (id, note) VALUES (?, ?)", [(n, f"order {n}") for n in range(1, ROWS + 1)]
            )

    def upgrade(self, files: Mapping[str, str]) -> tuple[str, ...]:
        """Run ``alembic upgrade head`` with the files of a commit, and return what it prints.

        Raises:
            MigrationFailed: alembic has ended with an error.
        """
        ours = self._ours(files)
        if ours == (self._last if self._last is not None else self._ours(self._before())):
            return ("INFO  [alembic.runtime.migration] Context impl SQLiteImpl.",)
        self.open()
        before = self.schema().revision
        self._run(files)
        self._last = ours
        return (f"INFO  [alembic.runtime.migration] Running upgrade {before} -> {self.schema().revision}",)

    def answers(self, query: str) -> bool:
        """Whether a version of the application that asks `query` gets its rows."""
        if not self.is_open or not query:
            return True
        try:
            with closing(sqlite3.connect(self._path)) as connection:
                connection.execute(query).fetchall()
        except sqlite3.Error:
            return False
        return True

    def schema(self) -> Schema:
        """What it really holds, whatever anybody says of it."""
        with closing(sqlite3.connect(self._path)) as connection:
            (revision,) = connection.execute("SELECT version_num FROM alembic_version").fetchone()
            tables = [
                name
                for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
                if name != "alembic_version"
            ]
            columns = {
                table: tuple(
                    name for (name,) in connection.execute("SELECT name FROM pragma_table_info(?)", (table,))
                )
                for table in tables
            }
        return Schema(revision, columns)

    def count(self, table: str = "orders") -> int:
        """How many rows a table has."""
        with closing(sqlite3.connect(self._path)) as connection:
            known = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
            if table not in known:
                raise LookupError(table)
            (count,) = connection.execute(f'SELECT count(*) FROM "{table}"').fetchone()  # noqa: S608 - a known name
        return int(count)

    def _ours(self, files: Mapping[str, str]) -> dict[str, str]:
        return {path: text for path, text in files.items() if path.startswith(f"{self._location}/")}

    def _run(self, files: Mapping[str, str]) -> None:
        # SQLAlchemy, which few rehearsals need.
        from alembic import command  # noqa: PLC0415
        from alembic.config import Config  # noqa: PLC0415

        place = Path(tempfile.mkdtemp(prefix="alembic-", dir=self._path.parent))
        try:
            for name, text in self._ours(files).items():
                path = place / PurePosixPath(name)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
            config = Config(stdout=io.StringIO())
            config.set_main_option("script_location", str(place / self._location).replace("%", "%%"))
            config.set_main_option("path_separator", "os")
            config.set_main_option("sqlalchemy.url", f"sqlite:///{self._path}".replace("%", "%%"))
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of what a migration says of its own file
                command.upgrade(config, "head")
        except Exception as error:  # noqa: BLE001 - a migration is anybody's code
            raise MigrationFailed(f"{type(error).__name__}: {error}") from None
        finally:
            shutil.rmtree(place, ignore_errors=True)
