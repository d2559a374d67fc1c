"""Where the service's database is, and whether a task that was told a place finds it there."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

HOST: Final = "db.internal"
"""The host at which the database of a rehearsal really is."""
PASSWORD: Final = "rehearsed"  # noqa: S105 - it opens nothing
"""With what the application opens it."""
VARIABLE: Final = "DATABASE_URL"
"""The environment variable from which the application knows it."""


def url(host: str = HOST) -> str:
    """The value of `VARIABLE` that leads to a database at `host`; nothing of it opens anything."""
    return f"postgresql://app:{PASSWORD}@{host}:5432/app"


def host_of(value: str) -> str:
    """The host that a value of `VARIABLE` names; empty where it names none."""
    try:
        return urlsplit(value).hostname or ""
    except ValueError:
        return ""


def reachable(value: str | None) -> bool:
    """Whether an application that was given `value` can work; one that was given none needs no database."""
    return value is None or host_of(value) == HOST
