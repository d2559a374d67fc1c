"""PostgreSQL: connections that end, databases for a trial, and copies by its own programs."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any, Final

from rollback.database.address import INSTALL, PORT
from rollback.database.errors import DatabaseError, complaint, refused, said_by, sentence

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from sqlalchemy import URL, Engine

    from rollback.database.address import Place
    from rollback.process import Completed, Processes

CONNECT_SECONDS: Final = 10
"""How long a connection may take to come about."""
READING_SECONDS: Final = 30.0
"""How long a query of a database that serves may take."""
TRIAL_SECONDS: Final = 600.0
"""How long a statement of a trial may take, and a program that copies."""
LOCK_SECONDS: Final = 5
"""How long a lock is waited for, since others queue behind who waits."""
LARGEST_BYTES: Final = 5 * 1024**3
"""How large a database may be that is copied beside itself: more would weigh on who orders meanwhile."""
_MAJOR: Final = 10000
_VERSION: Final = re.compile(r"\(PostgreSQL\) (?P<major>\d+)")
_LIBPQ: Final = {
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
    "sslcert": "PGSSLCERT",
    "sslkey": "PGSSLKEY",
    "channel_binding": "PGCHANNELBINDING",
}
_INSTALL_PROGRAMS: Final = "Install PostgreSQL's client programs, at least of the server's major version"


def engine(url: URL, *, reading: bool, seconds: float, autocommit: bool = False) -> Engine:
    """Connections to the database at `url`, of which as a rule there is one.

    Args:
        url: where.
        reading: whether every transaction is read-only.
        seconds: how long a statement may take.
        autocommit: whether statements stand for themselves, as CREATE DATABASE must.

    Raises:
        DatabaseError: psycopg isn't installed.
    """
    from sqlalchemy import create_engine, event  # noqa: PLC0415 - only who opens a database needs it

    more = {"isolation_level": "AUTOCOMMIT"} if autocommit else {}
    arguments = {"connect_timeout": CONNECT_SECONDS, "application_name": "rollback"}
    try:
        made = create_engine(url, pool_size=1, pool_pre_ping=True, connect_args=arguments, **more)
    except ModuleNotFoundError:
        raise DatabaseError(
            "Nothing that opens PostgreSQL is installed on this machine.", remedy=INSTALL
        ) from None

    def limit(connection: Any, _: object) -> None:
        connection.autocommit = True
        # Statements and not `options`, which a proxy before the database may refuse.
        connection.execute(f"SET statement_timeout = '{round(seconds * 1000)}ms'")
        connection.execute(f"SET lock_timeout = '{LOCK_SECONDS}s'")
        if reading:
            connection.execute("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY")
        connection.autocommit = False
        connection.read_only = reading or None

    event.listen(made, "connect", limit, insert=True)
    return made


def may_create(way: URL, place: Place) -> bool:
    """Whether who is let in at `way` may make databases there.

    Raises:
        DatabaseError: it can't be reached, or doesn't let us in.
    """
    from sqlalchemy.exc import SQLAlchemyError  # noqa: PLC0415 - only who opens a database needs it

    made = engine(way, reading=True, seconds=READING_SECONDS)
    try:
        with made.connect() as connection:
            return bool(
                connection.exec_driver_sql(
                    "SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user"
                ).scalar_one()
            )
    except SQLAlchemyError as error:
        found = refused(place, error)
    finally:
        made.dispose()
    raise found


def create(way: URL, place: Place, name: str) -> None:
    """Make an empty database on the server of the one to which `way` leads, that sorts and encodes as that does.

    Raises:
        DatabaseError: it can't be reached, or none may be made.
    """
    _do(
        way,
        place,
        "make a database for a trial",
        "SELECT format('CREATE DATABASE %%I TEMPLATE template0 ENCODING %%L LC_COLLATE %%L LC_CTYPE %%L', "
        "%(name)s::text, pg_encoding_to_char(encoding), datcollate, datctype) "
        "FROM pg_database WHERE datname = current_database()",
        name,
    )


def drop(way: URL, place: Place, name: str) -> None:
    """Take a database of ours away, whoever is connected.

    Raises:
        DatabaseError: it is still there.
    """
    _do(
        way,
        place,
        f"take the database {name} away, which was made for a trial",
        "SELECT format('DROP DATABASE IF EXISTS %%I', %(name)s::text) || CASE WHEN "
        "current_setting('server_version_num')::int >= 130000 THEN ' WITH (FORCE)' ELSE '' END",
        name,
    )


def must_be_copyable(processes: Processes, engine: Engine, place: Place) -> None:
    """See whether this machine has what copies the database, and whether it is small enough.

    Raises:
        DatabaseError: it hasn't, or it isn't.
    """
    with engine.connect() as connection:
        version, size = connection.exec_driver_sql(
            "SELECT current_setting('server_version_num')::int, pg_database_size(current_database())"
        ).one()
    major = version // _MAJOR
    if size > LARGEST_BYTES:
        raise DatabaseError(
            sentence(
                f"{place} holds {size / 1024**3:.0f} GiB, which is too much to be copied beside itself."
            ),
            remedy="Try it on an instance that was restored from a snapshot.",
        )
    for program in ("pg_dump", "psql"):
        if processes.which(program) is None:
            raise DatabaseError(
                f"{program}, which copies {place}, was not found.",
                remedy=f"{_INSTALL_PROGRAMS} ({major}), and have PATH lead to them.",
            )
    shown = processes.run(["pg_dump", "--version"], timeout_seconds=CONNECT_SECONDS)
    found = _VERSION.search(shown.text)
    if found and int(found["major"]) < major:
        raise DatabaseError(
            f"pg_dump is of version {found['major']}, and {place} of version {major}, which it can't read.",
            remedy=f"{_INSTALL_PROGRAMS} ({major}), and have PATH lead to them.",
        )


def copy(processes: Processes, source: URL, to: URL, place: Place, file: Path) -> None:
    """Copy what a database holds into an empty one on the same server, without owners and rights.

    Args:
        processes: how to run the programs; they get the password by their environment.
        source: the database.
        to: the empty one.
        place: what may be said of the database.
        file: where it lies meanwhile, readable for this user alone; it is gone afterwards.

    Raises:
        DatabaseError: it can't be read, or not be written.
    """
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    try:
        dump = [
            "pg_dump",
            *_where(source),
            "--format=plain",
            "--no-owner",
            "--no-privileges",
            "--no-comments",
        ]
        done = processes.run(
            [*dump, "--no-publications", "--no-subscriptions", f"--lock-wait-timeout={LOCK_SECONDS}s", f"--file={file}"],
            timeout_seconds=TRIAL_SECONDS,
            env=_environment(source),
        )  # fmt: skip
        if done.code:
            raise said_by(place, "pg_dump", done.error_text)
        load = [
            "psql",
            *_where(to),
            "--no-psqlrc",
            "--quiet",
            "--set=ON_ERROR_STOP=1",
            "--single-transaction",
        ]
        done = processes.run(
            [*load, "--output=/dev/null", f"--file={file}"],
            timeout_seconds=TRIAL_SECONDS,
            env=_environment(to),
        )
        if done.code:
            raise _not_loaded(place, done)
    finally:
        file.unlink(missing_ok=True)


def _do(way: URL, place: Place, doing: str, makes_statement: str, name: str) -> None:
    """Run the statement about the database `name` that a query gives, outside of a transaction."""
    from sqlalchemy.exc import SQLAlchemyError  # noqa: PLC0415 - only who opens a database needs it

    made = engine(way, reading=False, seconds=TRIAL_SECONDS, autocommit=True)
    found = None
    connected = False
    try:
        with made.connect() as connection:
            connected = True
            statement = connection.exec_driver_sql(makes_statement, {"name": name}).scalar_one()
            connection.exec_driver_sql(statement)
    except SQLAlchemyError as error:
        found = complaint(place, error, doing) if connected else refused(place, error)
    finally:
        made.dispose()
    if found is not None:
        raise found


def _where(url: URL) -> list[str]:
    host = url.host or str(url.query.get("host", ""))
    port = url.port or url.query.get("port", PORT)
    return [f"--host={host}", f"--port={port}", f"--username={url.username}", f"--dbname={url.database}", "--no-password"]  # fmt: skip


def _environment(url: URL) -> Mapping[str, str | None]:
    told = {variable: str(url.query[name]) for name, variable in _LIBPQ.items() if name in url.query}
    password = None if url.password is None else str(url.password)
    return {
        "PGSERVICE": None,
        "PGOPTIONS": None,
        "PGCONNECT_TIMEOUT": str(CONNECT_SECONDS),
        **told,
        "PGPASSWORD": password,
    }


def _not_loaded(place: Place, done: Completed) -> DatabaseError:
    """What psql complains of may hold rows, and stays behind."""
    return DatabaseError(
        f"The copy of {place} could not be loaded into a new database: psql has ended with {done.code}.",
        remedy="Look at the server's log, where it says why; an extension may be missing from the new database.",
    )
