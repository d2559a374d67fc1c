"""Where the service's databases are, and whether a task that was told a place finds one there."""

from __future__ import annotations

from typing import Final
from urllib.parse import unquote, urlsplit

HOST: Final = "db.internal"
"""The host at which the database of a rehearsal is when it begins."""
PORT: Final = 5432
"""The port of every database."""
USER: Final = "app"
"""Who the application is to it."""
PASSWORD: Final = "rehearsed-IXOx91I9lOeponxcqzkhpmU1"  # noqa: S105 - it opens nothing
"""With what the application opens it; like no other word, since a scan looks for it (`rehearsal.secrets_scan`)."""
NAME: Final = "app"
"""What the database is called on its host."""
VARIABLE: Final = "DATABASE_URL"
"""The environment variable from which the application knows it."""
APPLICATION: Final = "application"
"""What keeps the databases of a rehearsal calls the one at `HOST`."""


class Hosts:
    """Which database is at which host, by the name that what keeps the databases has for it."""

    def __init__(self) -> None:
        self._names = {HOST: APPLICATION}

    def register(self, host: str, name: str) -> None:
        """Have the database called `name` at `host` from now on, whatever was there before."""
        self._names[host.lower()] = name

    def forget(self, host: str) -> None:
        """Have nothing at `host` any more."""
        self._names.pop(host.lower(), None)

    def at(self, host: str) -> str | None:
        """The name of the database at `host`; None where there is none."""
        return self._names.get(host.lower())

    def led_to(self, value: str) -> str | None:
        """The name of the database to which a value of `VARIABLE` leads; None where it opens none."""
        return self.at(host_of(value)) if _opens(value) else None

    def reachable(self, value: str | None) -> bool:
        """Whether an application that was given `value` can work; one that was given none needs no database."""
        return value is None or self.led_to(value) is not None


def url(host: str = HOST) -> str:
    """The value of `VARIABLE` that leads to a database at `host`; nothing of it opens anything."""
    return f"postgresql://{USER}:{PASSWORD}@{host}:{PORT}/{NAME}"


def host_of(value: str) -> str:
    """The host that a value of `VARIABLE` names; empty where it names none."""
    try:
        return urlsplit(value).hostname or ""
    except ValueError:
        return ""


def _opens(value: str) -> bool:
    """Whether everything but the host is right: who asks, the password, the port and the name."""
    try:
        parts = urlsplit(value)
        given = (unquote(parts.username or ""), unquote(parts.password or ""), parts.port or PORT)
    except ValueError:
        return False
    return given == (USER, PASSWORD, PORT) and parts.path == f"/{NAME}"
