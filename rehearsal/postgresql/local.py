"""The PostgreSQL that is installed on this machine, run for this process alone."""

from __future__ import annotations

import atexit
import functools
import os
import pwd
import secrets
import shutil
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from rehearsal.postgresql import keeper
from rollback._text import quoted
from rollback.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import URL

_USERS: Final = ("postgres", "nobody")
"""As whom it is run for root, whom it refuses: the first that this machine knows."""
_LONGEST_SOCKET: Final = 90
"""How long the name of a socket's directory may be, in bytes: the system takes 107 with the socket's own name."""
_SECONDS: Final = 10.0


def programs() -> Path | None:
    """Where initdb and postgres are; None where they aren't installed.

    On PATH, beside the file to which PATH leads, or where ``pg_config --bindir`` says.
    """
    for directory in _candidates():
        if all(os.access(directory / name, os.X_OK) for name in ("initdb", "postgres")):
            return directory
    return None


def _candidates() -> Iterator[Path]:
    if found := shutil.which("postgres"):
        yield Path(found).parent
        yield Path(found).resolve().parent
    if told := shutil.which("pg_config"):
        with suppress(OSError, subprocess.SubprocessError):
            said = subprocess.run(  # noqa: S603 - an argument list
                [told, "--bindir"], check=True, capture_output=True, text=True, timeout=_SECONDS
            )
            yield Path(said.stdout.strip())


@functools.cache
def started() -> URL:
    """The server's own database, for who may do everything; the server runs until this process ends.

    Raises:
        ConfigurationError: it can't be started; it says why.
    """
    from sqlalchemy import URL  # noqa: PLC0415 - few rehearsals need it

    where = programs()
    if where is None:
        raise ConfigurationError("PostgreSQL is not installed on this machine.")
    directory = _directory()
    password = secrets.token_hex(16)
    descriptor = os.open(directory / "password", os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    os.write(descriptor, password.encode())
    os.close(descriptor)
    _keep(directory, where)
    return URL.create(
        "postgresql+psycopg",
        username=keeper.OWNER,
        password=password,
        database="postgres",
        query={"host": str(directory)},
    )


def _keep(directory: Path, where: Path) -> None:
    """Start the keeper, and have it end with this process at the latest."""
    kept = subprocess.Popen(  # noqa: S603 - an argument list
        [sys.executable, "-I", keeper.__file__, directory, where, _user()],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,  # Ctrl-C is for the rehearsal, which then ends it
    )
    stdin, stdout = kept.stdin, kept.stdout
    if stdin is None or stdout is None:
        raise AssertionError("both were asked for")

    def end() -> None:
        stdin.close()
        stdout.close()
        kept.wait()

    said = stdout.readline().decode(errors="replace").strip()
    if said != "ready":
        end()
        raise ConfigurationError(
            f"PostgreSQL could not be started for the rehearsal: {quoted(said, longest=200)}.",
            remedy="See that it starts by itself here, name a server by REHEARSAL_DATABASE, or unset that for SQLite.",
        )
    atexit.register(end)


def _directory() -> Path:
    """A new directory whose name is short enough for a socket in it."""
    made = Path(tempfile.mkdtemp(prefix="rehearsal-"))
    if len(os.fsencode(made)) <= _LONGEST_SOCKET:
        return made
    made.rmdir()
    return Path(tempfile.mkdtemp(prefix="rehearsal-", dir="/tmp"))


def _user() -> str:
    if os.getuid() != 0:
        return ""
    known = {each.pw_name for each in pwd.getpwall()}
    return next(name for name in _USERS if name in known)
