"""What a database that can't be worked with says, as a sentence without its address and without a row's values."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from rollback._text import printable, quoted
from rollback.errors import RollbackError

if TYPE_CHECKING:
    from rollback.database.address import Place

_NAMES: Final = frozenset({"42", "28", "3D", "53", "57", "55", "25", "08", "0A"})
"""The classes of SQLSTATE whose messages name tables, columns and people, and never a value of a row."""
_RUNNING: Final = "See whether it is up, and whether its security group and route let this machine in."
_LONGEST: Final = 160


class DatabaseError(RollbackError):
    """A database could not be reached, did not let us in, or did not do what was asked."""


@dataclass(frozen=True, slots=True)
class _Known:
    """A complaint that is known by its words, since libpq has no codes for what happens while it connects."""

    words: re.Pattern[str]
    sentence: str
    remedy: str


_KNOWN: Final = (
    _Known(
        re.compile(r"password authentication failed|no password supplied|PAM authentication failed"),
        "{place} doesn't let {user} in: the password is not the right one.",
        "Compare the secret with the user's password: one of them may have been rotated without the other.",
    ),
    _Known(
        re.compile(r"no pg_hba\.conf entry|no encryption"),
        "{place} doesn't let {user} in from this machine, or not without TLS.",
        "Go by a machine that the application's network knows, and put `sslmode=require` into the address.",
    ),
    _Known(
        re.compile(r"role .* does not exist|is not permitted to log in"),
        "{place} doesn't let {user} in: nobody of this name may log in there.",
        "Compare the user's name in the secret with the database's own users.",
    ),
    _Known(
        re.compile(r"database .* does not exist"),
        "{place} has no database {name}.",
        "Compare the database's name in the secret with what the instance holds.",
    ),
    _Known(
        re.compile(r"too many (?:clients|connections)|remaining connection slots|connection limit"),
        "{place} has no connection left for {user}.",
        "Wait until there are fewer, or stop a task of the application that holds many.",
    ),
    _Known(
        re.compile(
            r"the database system is (?:starting up|shutting down|in recovery|not yet accepting connections)"
        ),
        "{place} is only just starting or stopping.",
        "Look again in a minute.",
    ),
    _Known(
        re.compile(
            r"resolve host|Name or service not known|could not translate host|nodename nor servname|name resolution"
        ),
        "The name of {place} leads nowhere.",
        "Compare the host in the secret with the instance's endpoint, and see whether this machine asks the right DNS.",
    ),
    _Known(
        re.compile(r"[Tt]imeout expired|timed out"), "{place} can't be reached: it doesn't answer.", _RUNNING
    ),
    _Known(re.compile(r"Connection refused"), "{place} can't be reached: it refuses connections.", _RUNNING),
    _Known(
        re.compile(
            r"certificate verify failed|root certificate|server does not support SSL|SSL error|sslmode"
        ),
        "{place} and this machine don't agree on TLS.",
        "Compare `sslmode` and `sslrootcert` in the address with what the instance offers.",
    ),
    _Known(
        re.compile(r"invalid connection option|invalid URI query parameter|invalid \S+ value"),
        "The address of {place} says something after the `?` that PostgreSQL doesn't know.",
        "Take it out; psycopg takes what libpq knows, as `sslmode`.",
    ),
    _Known(
        re.compile(r"unable to open database file|No such file"),
        "{place} isn't there, or may not be read.",
        "Compare the path in the secret with where the file is.",
    ),
    _Known(
        re.compile(r"file is not a database"), "{place} is no database.", "Compare the path in the secret with where the file is."
    ),
)  # fmt: skip
_STATES: Final = {
    "42501": _Known(
        re.compile(""), "{user} may not do that at {place}: {said}", "Give the user that right, or go by another user."
    ),
    "57014": _Known(
        re.compile(""), "{place} did not answer a query in time, so it was given up.", "Look what else runs there, and try again."
    ),
    "55P03": _Known(
        re.compile(""), "Somebody holds a lock at {place} that we would have to wait for.", "Look in pg_stat_activity who it is."
    ),
    "SQLITE_READONLY": _Known(
        re.compile(""), "{place} was opened for reading only, so nothing was written.", "Take a copy of it to try that."
    ),
    "25006": _Known(
        re.compile(""), "{place} was opened for reading only, so nothing was written.", "Take a copy of it to try that."
    ),
}  # fmt: skip


def refused(place: Place, error: BaseException) -> DatabaseError:
    """What somebody has to know who can't connect to `place`, or has lost it."""
    text = str(error)
    for known in _KNOWN:
        if known.words.search(text):
            return _made(known, place)
    if (state := state_of(error)) in _STATES:
        return _made(_STATES[state], place, _primary(error))
    reason = f"it says {quoted(_primary(error))}" if state else f"the connection has failed ({_kind(error)})"
    return DatabaseError(sentence(f"{place} can't be reached: {reason}."), remedy=_RUNNING)


def complaint(place: Place, error: BaseException, doing: str) -> DatabaseError:
    """What somebody has to know where `place` did not do what was asked.

    Args:
        place: where it was asked.
        error: what the driver or SQLAlchemy has raised.
        doing: what was asked, as ``make a database for a trial``.
    """
    state = state_of(error)
    if state in _STATES:
        return _made(_STATES[state], place, _primary(error))
    if not state:
        return refused(place, error)
    what = quoted(_primary(error)) if state[:2] in _NAMES else _kind(error)
    return DatabaseError(
        sentence(f"{place} could not {doing}: {what}."),
        remedy="Look at the server's log, where it stands in full.",
    )


def sentence(text: str) -> str:
    """`text` with a capital at its beginning."""
    return text[:1].upper() + text[1:]


def said_by(place: Place, program: str, complained: str) -> DatabaseError:
    """What somebody has to know where a `program` of PostgreSQL could not read `place`.

    Args:
        place: what it should have read.
        program: its name.
        complained: what it has printed.
    """
    for known in _KNOWN:
        if known.words.search(complained):
            return _made(known, place)
    lines = [line for line in complained.splitlines() if "error:" in line] or ["nothing"]
    return DatabaseError(
        f"{program} could not read {place}: {quoted(lines[0].partition('error:')[2].strip(), longest=_LONGEST)}.",
        remedy="Give the user the right to read all of it, or go by another user.",
    )


def state_of(error: BaseException) -> str:
    """The SQLSTATE of an error of the driver or of SQLAlchemy, or SQLite's name for it; empty where it has none."""
    below = _driver_s(error)
    return getattr(below, "sqlstate", None) or getattr(below, "sqlite_errorname", None) or ""


def _made(known: _Known, place: Place, said: str = "") -> DatabaseError:
    told = known.sentence.format(
        place=place, user=quoted(place.user or "nobody"), name=quoted(place.name), said=f"{said}."
    )
    return DatabaseError(sentence(told), remedy=known.remedy)


def _driver_s(error: BaseException) -> BaseException:
    """What the driver has raised, below what SQLAlchemy has made of it."""
    below = getattr(error, "orig", None)
    return below if isinstance(below, BaseException) else error


def _primary(error: BaseException) -> str:
    """The first line of what the server says; its detail holds values of rows."""
    said = getattr(getattr(_driver_s(error), "diag", None), "message_primary", None) or ""
    return printable(said.splitlines()[0] if said else "nothing")


def _kind(error: BaseException) -> str:
    return type(_driver_s(error)).__name__
