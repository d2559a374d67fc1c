"""What keeps the databases of a rehearsal: SQLite, or a PostgreSQL where the environment variable asks for one."""

from __future__ import annotations

import functools
import os
from typing import TYPE_CHECKING, Final

from rollback._text import quoted
from rollback.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sqlalchemy import URL

    from rehearsal.world.servers import Server

DATABASE: Final = "REHEARSAL_DATABASE"
"""The environment variable that says ``sqlite``, ``postgresql``, or the address of a PostgreSQL."""
SQLITE: Final = "sqlite"
POSTGRESQL: Final = "postgresql"
_REMEDY: Final = (
    f"Set {DATABASE} to `{SQLITE}` or to `{POSTGRESQL}`, to the address of a server (`postgresql://user:password@host:5432/name`), "
    "or not at all."
)


def chosen() -> str:
    """What keeps the databases: ``sqlite``, ``postgresql``, or ``address`` where a server is named.

    Raises:
        ConfigurationError: the variable says none of them. What it says is repeated only where it is no address, which
            may hold a password.
    """
    said = os.environ.get(DATABASE, "").strip()
    if said in {"", SQLITE}:
        return SQLITE
    if said == POSTGRESQL:
        return POSTGRESQL
    _address(said)
    return "address"


def described() -> str | None:
    """What the header of a run says of it; None for SQLite, which is what it is if nobody asks.

    Raises:
        ConfigurationError: see `chosen`.
    """
    how = chosen()
    if how == SQLITE:
        return None
    if how == POSTGRESQL:
        return "PostgreSQL, for this run alone"
    url = _address(os.environ[DATABASE].strip())
    return f"PostgreSQL at {url.host or url.query.get('host', 'a socket')}"


def must_be_there() -> None:
    """See before the first rehearsal whether a server that was named lets us make databases.

    Raises:
        ConfigurationError: it doesn't, or can't be reached; or see `chosen`.
    """
    if chosen() != "address":
        return
    from rollback.database import postgresql  # noqa: PLC0415 - SQLAlchemy, which few runs need
    from rollback.database.address import place_of  # noqa: PLC0415
    from rollback.database.errors import DatabaseError  # noqa: PLC0415

    url = _address(os.environ[DATABASE].strip())
    try:
        allowed = postgresql.may_create(url, place_of(url))
    except DatabaseError as error:
        why = str(error)
    else:
        if allowed:
            return
        why = f"{quoted(url.username or '')} may make no databases there. Let it: ALTER ROLE ... CREATEDB."
    raise ConfigurationError(f"{DATABASE} can't be used: {why}")


@functools.cache
def _source() -> Callable[[], URL] | None:
    """How a PostgreSQL is started here; None where it can't be."""
    from rehearsal.postgresql import container, local  # noqa: PLC0415 - few rehearsals need it

    if local.programs() is not None:
        return local.started
    return container.started if container.engine_answers() else None


def why_no_postgresql() -> str | None:
    """Why what was asked for can't be had here, in a sentence; None where it can."""
    if chosen() != POSTGRESQL or _source() is not None:
        return None
    return (
        f"{DATABASE} asks for PostgreSQL, which is not installed here (`postgres` and `initdb` are not on PATH), and no "
        f"engine of Docker answers. Install one of them, name a server by {DATABASE}, or unset that for SQLite."
    )


def server(directory: Path) -> Server:
    """What keeps the databases of one rehearsal, which starts nothing before the first is made.

    Args:
        directory: where files may be kept, for as long as the rehearsal lasts.
    """
    how = chosen()
    if how == SQLITE:
        from rehearsal.world.sqlite_server import SqliteServer  # noqa: PLC0415 - one of two

        return SqliteServer(directory)
    from rehearsal.postgresql.server import PostgresServer  # noqa: PLC0415 - few rehearsals need it

    if how == POSTGRESQL:
        return PostgresServer(_source() or _none)
    url = _address(os.environ[DATABASE].strip())
    return PostgresServer(lambda: url)


def _none() -> URL:
    raise ConfigurationError(why_no_postgresql() or "")


def _address(said: str) -> URL:
    scheme, separator, _ = said.partition("://")
    if not separator:
        raise ConfigurationError(
            f"{DATABASE} says {quoted(said)}, which no rehearsal can be played on.", remedy=_REMEDY
        )
    from rollback.database.address import parse  # noqa: PLC0415 - SQLAlchemy, which few runs need
    from rollback.database.errors import DatabaseError  # noqa: PLC0415

    if scheme.partition("+")[0] not in {POSTGRESQL, "postgres"}:
        raise ConfigurationError(
            f"{DATABASE} names a database of another kind than PostgreSQL.", remedy=_REMEDY
        )
    try:
        return parse(said)
    except DatabaseError as error:
        why = error.sentence
    raise ConfigurationError(f"{DATABASE} can't be used: {why}", remedy=_REMEDY)
