"""What went wrong with one request, and how long to wait before the next.

GitHub's "Best practices for using the REST API": honour ``Retry-After``; with ``x-ratelimit-remaining: 0``
wait until ``x-ratelimit-reset``; for a secondary limit that says neither, wait at least a minute.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Final

from requests import exceptions
from urllib3.exceptions import HTTPError, NewConnectionError

if TYPE_CHECKING:
    from collections.abc import Mapping

PAUSES: Final = (1.0, 2.0, 4.0)
"""Seconds before the retries, of which there are no more than these."""

PATIENCE_SECONDS: Final = 120.0
"""For no longer than this does one request wait in all."""

UNSAID_SECONDS: Final = 60.0
"""The wait for a limit that doesn't say how long it lasts."""

_LONGEST_SECONDS: Final = 366 * 86400.0
_HOPELESS: Final = (
    exceptions.SSLError,
    exceptions.InvalidURL,
    exceptions.InvalidSchema,
    exceptions.InvalidHeader,
)
_TOO_MANY: Final = 429
_FORBIDDEN: Final = 403
_SERVER_ERROR: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """Why an attempt came to nothing, where another may not.

    Attributes:
        reason: in a few words, as ``HTTP 502``.
        status: the HTTP status; 0 without an answer.
        said: GitHub's words.
        limited: whether GitHub refused for the rate of requests, so that nothing was done.
        sent: whether the request may have been carried out.
        passing: whether it may be otherwise in a moment.
        asked_seconds: how long GitHub asks to wait; 0 where it doesn't.
    """

    reason: str
    status: int = 0
    said: str = ""
    limited: bool = False
    sent: bool = True
    passing: bool = True
    asked_seconds: float = 0.0


def answered(status: int, headers: Mapping[str, str], said: str, now: datetime) -> Trouble | None:
    """The trouble that an answer tells of; None where it is an answer, be it a refusal.

    Args:
        status: the HTTP status.
        headers: of the answer, whatever their case.
        said: GitHub's words.
        now: the time, UTC.
    """
    if is_limit(status, headers, said):
        asked = asked_seconds(headers, now, limited=True)
        return Trouble(
            reason=f"HTTP {status}, its rate limit",
            status=status,
            said=said,
            limited=True,
            sent=False,
            asked_seconds=asked,
        )
    if status >= _SERVER_ERROR:
        asked = asked_seconds(headers, now, limited=False)
        return Trouble(reason=f"HTTP {status}", status=status, said=said, asked_seconds=asked)
    return None


def unanswered(error: Exception) -> Trouble:
    """The trouble that a failure on the way means.

    Args:
        error: of requests or urllib3, or a ValueError for an answer that can't be read; any other can only be
            about this machine's own files, as its certificates.
    """
    name = type(error).__name__
    on_the_way = exceptions.RequestException | HTTPError | ValueError
    if isinstance(error, _HOPELESS) or not isinstance(error, on_the_way):
        return Trouble(reason=name, sent=False, passing=False)
    cause = getattr(error.args[0], "reason", None) if error.args else None
    unsent = isinstance(error, exceptions.ConnectTimeout | exceptions.ProxyError)
    return Trouble(reason=name, sent=not (unsent or isinstance(cause, NewConnectionError)))


def is_limit(status: int, headers: Mapping[str, str], said: str) -> bool:
    """Whether an answer is a rate limit: 403 is one only if it also says so."""
    if status == _TOO_MANY:
        return True
    if status != _FORBIDDEN:
        return False
    return (
        headers.get("X-RateLimit-Remaining", "").strip() == "0"
        or "Retry-After" in headers
        or "rate limit" in said.lower()
    )


def asked_seconds(headers: Mapping[str, str], now: datetime, *, limited: bool) -> float:
    """How long GitHub asks to wait, in seconds, never negative."""
    after = headers.get("Retry-After", "").strip()
    if after:
        asked = _number(after)
        if asked is None:
            asked = _until(after, now)
        if asked is not None:
            return _bounded(asked)
    if not limited:
        return 0.0
    reset = _number(headers.get("X-RateLimit-Reset", "").strip())
    if headers.get("X-RateLimit-Remaining", "").strip() == "0" and reset is not None:
        return _bounded(reset - now.timestamp() + 1)  # its seconds are whole ones
    return UNSAID_SECONDS


def pause(trouble: Trouble, attempt: int, waited: float, *, retries: int, mutating: bool) -> float | None:
    """Seconds to wait before the next attempt; None where there must be none.

    Args:
        trouble: what happened to this one.
        attempt: 0 for the first.
        waited: seconds that this request has waited for already.
        retries: how many there may be.
        mutating: whether the request changes something, and so must not be repeated where it may have been
            carried out.
    """
    if attempt >= min(retries, len(PAUSES)) or not trouble.passing or (mutating and trouble.sent):
        return None
    seconds = max(PAUSES[attempt], trouble.asked_seconds)
    return seconds if waited + seconds <= PATIENCE_SECONDS else None


def until(trouble: Trouble, now: datetime) -> datetime:
    """When GitHub will answer again, UTC."""
    return now.astimezone(UTC) + timedelta(seconds=trouble.asked_seconds)


def _number(text: str) -> float | None:
    return float(text) if text.isascii() and text.isdigit() else None


def _until(text: str, now: datetime) -> float | None:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return (moment - now).total_seconds()


def _bounded(seconds: float) -> float:
    return min(max(0.0, seconds), _LONGEST_SECONDS)
