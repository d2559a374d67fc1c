"""Which version is meant: by its id, its serial, or what was there before a moment."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Final

from rollback._text import quoted
from rollback.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rollback.state.model import Listing, Row

SHORTEST_ID: Final = 6
"""How much of a version id must be there."""
NEAR: Final = 3
"""How many other versions a refusal names."""

_SERIAL: Final = re.compile(r"serial\s+(\d{1,18})", re.IGNORECASE)
_BEFORE: Final = re.compile(
    r"before\s+(?:(\d{4}-\d{2}-\d{2})[T ]\s*)?(\d{1,2}:\d{2}(?::\d{2})?)\s*(?:Z|UTC)?", re.IGNORECASE
)
_WAYS: Final = "Name a version id, `serial 7`, `before 14:05` or `before 2026-01-05 14:05` (UTC)."


def choose(listing: Listing, choice: str, *, now: datetime) -> Row:
    """The one version that is meant.

    A version id may be shortened to its beginning, and a time without a day is the last such moment. What was there
    before a moment is what was stored last before it. The version may be one that can't be restored, as a
    damaged one: whoever restores it looks at that.

    Args:
        listing: the versions.
        choice: ``serial 7``, ``before 14:05``, ``before 2026-01-05 14:05`` (UTC), or a version id.
        now: the time of day, in UTC.

    Raises:
        Refused: none is meant, or more than one; it names those that are near.
    """
    words = choice.strip()
    if not listing.rows:
        raise Refused(
            f"There is no version of {listing.key} in the bucket {listing.bucket}.",
            remedy="See that the environment names the right bucket and key.",
        )
    if serial := _SERIAL.fullmatch(words):
        return _of_serial(listing, int(serial[1]))
    if before := _BEFORE.fullmatch(words):
        return _before(listing, _moment(before[1], before[2], words, now))
    return _of_id(listing, words)


def short(row: Row) -> str:
    """A version as a refusal names it."""
    version = row.version
    what = f"serial {row.head.serial}" if row.head and row.readable else _why_not(row)
    return f"{version.id} ({version.at:%Y-%m-%d %H:%M:%S} UTC, {what})"


def _why_not(row: Row) -> str:
    if row.version.delete_marker:
        return "a delete marker"
    return f"it {row.damage}" if row.damage else "not readable"


def _of_id(listing: Listing, words: str) -> Row:
    for row in listing.rows:
        if row.version.id == words:
            return row
    found = [row for row in listing.rows if len(words) >= SHORTEST_ID and row.version.id.startswith(words)]
    if len(found) > 1:
        raise _more_than_one(f"begin with {quoted(words)}", found)
    if not found:
        raise Refused(
            f"The state has no version {quoted(words)}.",
            remedy=f"{_WAYS} The newest are {_listed(listing.rows)}.",
        )
    return found[0]


def _of_serial(listing: Listing, serial: int) -> Row:
    numbered = [(row.head.serial, row) for row in listing.rows if row.head and row.readable]
    found = [row for number, row in numbered if number == serial]
    if len(found) > 1:
        raise _more_than_one(f"have the serial {serial}", found)
    if not found:
        near = [row for _, row in sorted(numbered, key=lambda each: abs(each[0] - serial))]
        remedy = f"The nearest are {_listed(near)}." if near else "No version can be read."
        raise Refused(f"No version has the serial {serial}.", remedy=remedy)
    return found[0]


def _before(listing: Listing, moment: datetime) -> Row:
    found = [row for row in listing.rows if row.version.at < moment]
    if not found:
        raise Refused(
            f"No version is older than {moment:%Y-%m-%d %H:%M:%S} UTC.",
            remedy=f"The oldest is {short(listing.rows[-1])}.",
        )
    row = found[0]
    if row.version.delete_marker:
        whole = [each for each in found if each.readable]
        remedy = f"Before that there was {short(whole[0])}." if whole else "Name a version id."
        raise Refused(
            f"Before {moment:%Y-%m-%d %H:%M:%S} UTC there was no state: it had been deleted by {short(row)}.",
            remedy=remedy,
        )
    return row


def _moment(day: str | None, clock: str, words: str, now: datetime) -> datetime:
    try:
        at = time.fromisoformat(clock.zfill(5) if clock.count(":") == 1 else clock.zfill(8))
        if day is None:
            moment = datetime.combine(now.date(), at, UTC)
            return moment if moment <= now else moment - timedelta(days=1)
        moment = datetime.combine(datetime.fromisoformat(day).date(), at, UTC)
    except ValueError:
        raise Refused(f"{quoted(words)} names no moment that there is.", remedy=_WAYS) from None
    if moment > now:
        raise Refused(
            f"{moment:%Y-%m-%d %H:%M:%S} UTC is still to come.",
            remedy=f"Times are in UTC, where it is now {now:%Y-%m-%d %H:%M:%S}.",
        )
    return moment


def _more_than_one(what: str, found: Sequence[Row]) -> Refused:
    return Refused(
        f"{len(found)} versions {what}.", remedy=f"Name one by its version id: {_listed(found, most=10)}."
    )


def _listed(rows: Iterable[Row], *, most: int = NEAR) -> str:
    return "; ".join(short(row) for row in list(rows)[:most])
