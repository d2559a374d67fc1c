"""The application's real databases, migrated by alembic as the files of a commit say."""

from __future__ import annotations

import errno
import io
import os
import shutil
import tempfile
import warnings
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final

from rehearsal.world.database import APPLICATION, HOST, Hosts

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sqlalchemy import URL, Engine

    from rehearsal.world.servers import Server

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
VERSIONS: Final = "alembic_version"
"""The table in which alembic keeps where a database is."""


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


def _unnoticed(_: str) -> None:
    """Where nobody keeps backups, nobody notices."""


class DatabaseHouse:
    """The databases of the stage's environment: the one that the application began with, and those made of it since.

    The first is made when a commit brings other migrations than those that were run before the rehearsal; until then
    every version's query fits by itself, since nothing has changed (which a test holds).

    Args:
        server: what keeps them.
        location: where the repository keeps alembic's files, as ``migrations``.
        before: gives the files of the commit whose migrations were run before the rehearsal.
        hosts: at which hosts the application finds them.

    Attributes:
        server: what keeps them; who makes or copies a database there registers the host that it is at.
        changing: is told the name of a database before a migration changes it; who keeps backups puts it there.
    """

    def __init__(
        self,
        server: Server,
        location: str,
        before: Callable[[], Mapping[str, str]],
        hosts: Hosts | None = None,
    ) -> None:
        self.server = server
        self._location = location
        self._before = before
        self._hosts = hosts or Hosts()
        self._open = False
        self._last: dict[str, Mapping[str, str]] = {}
        self._engines: dict[str, Engine] = {}
        self.changing: Callable[[str], object] = _unnoticed

    # Which database is where.

    def register(self, host: str, name: str) -> None:
        """Have the database called `name` at `host` from now on: who is led there finds it."""
        self._hosts.register(host, name)

    def forget(self, host: str) -> None:
        """Have no database at `host` any more."""
        self._hosts.forget(host)

    def at(self, host: str = HOST) -> str | None:
        """The name of the database at `host`; None where there is none."""
        return self._hosts.at(host)

    def leads(self, url: URL) -> URL:
        """Where the database really is to which an address of the stage leads.

        Raises:
            ConnectionRefusedError: there is none at this host.
            PermissionError: there is one, and it doesn't let in who asks so.
        """
        name = self.at(url.host or "")
        if name is None:
            raise ConnectionRefusedError(errno.ECONNREFUSED, os.strerror(errno.ECONNREFUSED))
        if self._hosts.led_to(url.render_as_string(hide_password=False)) is None:
            raise PermissionError(errno.EACCES, "password authentication failed")
        if name == APPLICATION:
            self.open()
        return self.server.url(name)

    @property
    def is_open(self) -> bool:
        """Whether anything was done that needs the application's first database."""
        return self._open

    def open(self) -> None:
        """Have the first one as it was before the rehearsal: migrated, with some orders in it."""
        if self.is_open:
            return
        self.server.create(APPLICATION)
        self._open = True
        before = self._ours(self._before())
        self._run(before, APPLICATION)
        self._last[APPLICATION] = before
        from sqlalchemy import text  # noqa: PLC0415 - few rehearsals need it

        with self.engine().begin() as connection:
            connection.execute(
                text("INSERT INTO orders (id, note) VALUES (:id, :note)"),
                [{"id": n, "note": f"order {n}"} for n in range(1, ROWS + 1)],
            )

    def engine(self, name: str = APPLICATION) -> Engine:
        """Where everything may be read and done in a database; it is closed with the house."""
        if name not in self._engines:
            from sqlalchemy import NullPool, create_engine  # noqa: PLC0415 - few rehearsals need it

            url = self.server.url(name)
            # A file is opened faster than a connection is looked after, and may be another one by now.
            self._engines[name] = (
                create_engine(url, poolclass=NullPool)
                if url.get_backend_name() == "sqlite"
                else create_engine(url, pool_size=1, pool_pre_ping=True)
            )
        return self._engines[name]

    def close(self) -> None:
        """Take all of them away."""
        while self._engines:
            self._engines.popitem()[1].dispose()
        self.server.close()

    # What is done to them.

    def upgrade(self, files: Mapping[str, str], value: str | None = None) -> tuple[str, ...]:
        """Run ``alembic upgrade head`` with the files of a commit, and return what it prints.

        Args:
            files: those of the commit.
            value: where the pipeline was told that the database is; at `HOST` if it was told nothing.

        Raises:
            MigrationFailed: alembic has ended with an error, or there is no database at that place.
        """
        name = APPLICATION if value is None else self._hosts.led_to(value)
        if name is None:
            raise MigrationFailed("OperationalError: connection failed")
        ours = self._ours(files)
        last = self._last.get(name)
        if last is None and name == APPLICATION:
            last = self._ours(self._before())
        if ours == last:
            return ("INFO  [alembic.runtime.migration] Will assume transactional DDL.",)
        if name == APPLICATION:
            self.open()
        before = self.schema(name).revision
        self.changing(name)
        self._run(ours, name)
        self._last[name] = ours
        return (
            f"INFO  [alembic.runtime.migration] Running upgrade {before} -> {self.schema(name).revision}",
        )

    # What is seen of them.

    def answers(self, value: str | None, query: str) -> bool:
        """Whether a version of the application that asks `query` gets its rows.

        Args:
            value: where it was told that the database is; one that was told nothing asks none.
            query: what it asks; a version that asks nothing has only to reach it.
        """
        if value is None:
            return True
        name = self._hosts.led_to(value)
        if name is None or not query or (name == APPLICATION and not self.is_open):
            return name is not None
        from sqlalchemy.exc import SQLAlchemyError  # noqa: PLC0415 - loaded by now, since it is open

        try:
            with self.engine(name).connect() as connection:
                connection.exec_driver_sql(query).fetchall()
        except SQLAlchemyError:
            return False
        return True

    def schema(self, name: str = APPLICATION) -> Schema:
        """What a database really holds, whatever anybody says of it."""
        from sqlalchemy import inspect  # noqa: PLC0415 - few rehearsals need it

        with self.engine(name).connect() as connection:
            seen = inspect(connection)
            revision = connection.exec_driver_sql(f"SELECT version_num FROM {VERSIONS}").scalar_one()  # noqa: S608
            columns = {
                table: tuple(column["name"] for column in seen.get_columns(table))
                for table in seen.get_table_names()
                if table != VERSIONS
            }
        return Schema(revision, columns)

    def count(self, table: str = "orders", name: str = APPLICATION) -> int:
        """How many rows a table of a database has.

        Raises:
            LookupError: there is no such table.
        """
        from sqlalchemy import inspect  # noqa: PLC0415 - few rehearsals need it

        with self.engine(name).connect() as connection:
            if table not in inspect(connection).get_table_names():
                raise LookupError(table)
            count = connection.exec_driver_sql(f'SELECT count(*) FROM "{table}"').scalar_one()  # noqa: S608 - a known name
        return int(count)

    def _ours(self, files: Mapping[str, str]) -> dict[str, str]:
        return {path: text for path, text in files.items() if path.startswith(f"{self._location}/")}

    def _run(self, files: Mapping[str, str], name: str) -> None:
        # SQLAlchemy, which few rehearsals need.
        from alembic import command  # noqa: PLC0415
        from alembic.config import Config  # noqa: PLC0415

        url = self.server.url(name).render_as_string(hide_password=False)
        place = Path(tempfile.mkdtemp(prefix="alembic-"))
        try:
            for each, text in files.items():
                path = place / PurePosixPath(each)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
            config = Config(stdout=io.StringIO())
            config.set_main_option("script_location", str(place / self._location).replace("%", "%%"))
            config.set_main_option("path_separator", "os")
            config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of what a migration says of its own file
                command.upgrade(config, "head")
        except Exception as error:  # noqa: BLE001 - a migration is anybody's code
            raise MigrationFailed(f"{type(error).__name__}: {error}") from None
        finally:
            shutil.rmtree(place, ignore_errors=True)
