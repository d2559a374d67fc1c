"""GitHub's way of asking for a time (GitHub Docs, "Query for dates")."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from rehearsal.origin.github.asking import Refused

if TYPE_CHECKING:
    from collections.abc import Callable

_COMPARED: Final[dict[str, Callable[[datetime, datetime, datetime], bool]]] = {
    ">=": lambda moment, first, _: moment >= first,
    "<=": lambda moment, _, last: moment <= last,
    ">": lambda moment, _, last: moment > last,
    "<": lambda moment, first, _: moment < first,
}


def within(query: str, moment: datetime) -> bool:
    """Whether `moment` is what `query` asks for.

    That is a day or a time, one after ``>``, ``>=``, ``<`` or ``<=``, or two with ``..`` between them, of which
    one may be ``*``. A day lasts 24 hours, a time one second.

    Raises:
        Refused: `query` is nothing of that kind.
    """
    for sign, compared in _COMPARED.items():
        if query.startswith(sign):
            return compared(moment.replace(microsecond=0), *_span(query.removeprefix(sign)))
    first, dots, last = query.partition("..")
    start, end = _span(first), _span(last if dots else first)
    return start[0] <= moment.replace(microsecond=0) <= end[1]


def _span(text: str) -> tuple[datetime, datetime]:
    """The first and the last second of a day or a time."""
    if text == "*":
        return datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
    try:
        start = datetime.fromisoformat(text)
    except ValueError:
        raise Refused(HTTPStatus.UNPROCESSABLE_ENTITY, f"Invalid date in the search: {text!r}") from None
    start = start if start.tzinfo else start.replace(tzinfo=UTC)
    day = len(text) == len("2026-01-05")
    return start, start + (timedelta(days=1) - timedelta(seconds=1) if day else timedelta(0))
