"""Who writes a journal: taken down when it is opened."""

from __future__ import annotations

import getpass
import platform
from typing import TYPE_CHECKING

from rollback._text import printable
from rollback.journal import Kind

if TYPE_CHECKING:
    from rollback.access import Access
    from rollback.environment import Environment
    from rollback.journal import Entry


def opened(environment: Environment, access: Access, *, user: str = "", host: str = "") -> Entry:
    """Take down who runs this process, and where; who that is at AWS, the plan's checks find.

    Args:
        environment: the place.
        access: the hands, in whose journal it lands.
        user: the user of this machine; without it, whoever runs the process.
        host: the machine; without it, this one.

    Raises:
        JournalError: it can't be written.
    """
    who, where = printable(user or _user()), printable(host or platform.node() or "a machine without a name")
    return access.journal.record(
        Kind.OBSERVATION,
        f"{who} on {where} opened this journal, for {environment.name}.",
        opened_by=who,
        host=where,
        environment=environment.name,
    )


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # a container may give its user no name
        return "a user without a name"
