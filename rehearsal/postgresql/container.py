"""PostgreSQL in a container of Docker, by testcontainers, for machines where it isn't installed."""

from __future__ import annotations

import atexit
import functools
import gc
import warnings
from typing import TYPE_CHECKING, Any, Final, cast

from rollback.errors import ConfigurationError

if TYPE_CHECKING:
    from sqlalchemy import URL

IMAGE: Final = "postgres:17-alpine"
_REMEDY: Final = "Install PostgreSQL here, name a server by REHEARSAL_DATABASE, or unset that for SQLite."


def engine_answers() -> bool:
    """Whether an engine of Docker answers on this machine."""
    with warnings.catch_warnings():
        # Its client leaves a socket open that found nobody, which is noticed once it is collected.
        warnings.simplefilter("ignore", ResourceWarning)
        answers = _pinged()
        gc.collect()
    return answers


def _pinged() -> bool:
    try:
        from docker.client import DockerClient  # noqa: PLC0415 - few rehearsals need it

        client: Any = cast("Any", DockerClient).from_env(timeout=5)
        try:
            return bool(client.ping())
        finally:
            client.close()
    except Exception:  # noqa: BLE001 - it has many ways not to be there, all of which mean the same
        return False


@functools.cache
def started() -> URL:
    """The server's own database, for who may do everything; the container runs until this process ends.

    Raises:
        ConfigurationError: it can't be started.
    """
    from sqlalchemy import make_url  # noqa: PLC0415 - few rehearsals need it

    made = _container()
    try:
        made.start()
    except Exception as error:  # noqa: BLE001 - an image that can't be had, an engine that went away, and more
        raise ConfigurationError(
            f"Docker could not start PostgreSQL for the rehearsal ({type(error).__name__}).", remedy=_REMEDY
        ) from None
    atexit.register(made.stop)
    return make_url(made.get_connection_url())


def _container() -> Any:
    from testcontainers.community.postgres import PostgresContainer  # noqa: PLC0415 - few rehearsals need it

    return PostgresContainer(IMAGE, driver="psycopg")
