"""The HTTP session, with its door watched: what was asked and what came back, in the journal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit, urlunsplit

import requests

from rollback.journal import Journal, Kind

if TYPE_CHECKING:
    from rollback.clock import Clock


class HttpSession(requests.Session):
    """A `requests.Session` that records each request and its outcome, without bodies and headers.

    A request that may change something is recorded before it goes out as well.
    """

    def __init__(self, journal: Journal, clock: Clock) -> None:
        super().__init__()
        self._journal = journal
        self._clock = clock

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        """Send, and record the status or the failure beside the seconds it took."""
        where = f"{request.method} {without_secrets(request.url or '')}"
        if request.method not in {"GET", "HEAD", "OPTIONS"}:
            self._journal.record(Kind.REQUEST, where)
        began = self._clock.monotonic()
        try:
            response = super().send(request, **kwargs)
        except requests.RequestException as error:
            self._journal.record(Kind.RESPONSE, where, failed=type(error).__name__)
            raise
        self._journal.record(
            Kind.RESPONSE,
            where,
            status=response.status_code,
            seconds=round(self._clock.monotonic() - began, 3),
        )
        return response


def without_secrets(url: str) -> str:
    """The URL without user, password and query, any of which may carry a token."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.port:
        host = f"{host}:{parts.port}"
    return urlunsplit((parts.scheme, host, parts.path, "", ""))
