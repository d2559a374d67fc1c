"""The HTTP session, with its door watched: what was asked and what came back, in the journal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit, urlunsplit

import requests
from requests.adapters import BaseAdapter

from rollback.errors import ReadOnly
from rollback.journal import Journal, Json, Kind

if TYPE_CHECKING:
    from rollback.clock import Clock


class HttpSession(requests.Session):
    """A `requests.Session` that records each request and its outcome, without bodies and headers.

    A request that may change something is recorded before it goes out as well. Each redirect that is
    followed is a request of its own.
    """

    def __init__(self, journal: Journal, clock: Clock) -> None:
        super().__init__()
        self._journal = journal
        self._clock = clock

    def get_adapter(self, url: str) -> BaseAdapter:
        """What sends requests to `url`, with its door watched."""
        return _Door(super().get_adapter(url), self._journal, self._clock)


class _Door(BaseAdapter):
    def __init__(self, inner: BaseAdapter, journal: Journal, clock: Clock) -> None:
        super().__init__()
        self._inner = inner
        self._journal = journal
        self._clock = clock

    def send(  # type: ignore[override] # whatever the adapter behind the door takes
        self, request: requests.PreparedRequest, *, stream: bool = False, **kwargs: Any
    ) -> requests.Response:
        where = f"{request.method} {without_secrets(request.url or '')}"
        if request.method not in {"GET", "HEAD", "OPTIONS"}:
            self._journal.record(Kind.REQUEST, where)
        began = self._clock.monotonic()
        try:
            response = self._inner.send(request, stream=stream, **kwargs)
            if not stream:
                response.content  # noqa: B018 - reads it, so that a torn answer is a failure
        except Exception as error:
            self._answered(where, began, failed=type(error).__name__)
            raise
        self._answered(where, began, status=response.status_code)
        return response

    def _answered(self, where: str, began: float, **detail: Json) -> None:
        seconds = round(self._clock.monotonic() - began, 3)
        self._journal.record(Kind.RESPONSE, where, **detail, seconds=seconds)

    def close(self) -> None:
        self._inner.close()


class ReadOnlySession(requests.Session):
    """A session that sends what another one would, through its doors, but only GET and HEAD.

    Args:
        session: the other one, whose headers, cookies, certificates and proxies it shares.
    """

    def __init__(self, session: requests.Session) -> None:
        super().__init__()
        self.__dict__.update(vars(session))
        self._session = session

    def get_adapter(self, url: str) -> BaseAdapter:
        """What sends reads to `url`, and refuses the rest."""
        return _ReadingDoor(self._session.get_adapter(url))


class _ReadingDoor(BaseAdapter):
    """Every request of a session comes through here, those after a redirect too."""

    def __init__(self, inner: BaseAdapter) -> None:
        super().__init__()
        self._inner = inner

    def send(  # type: ignore[override] # whatever the adapter behind the door takes
        self, request: requests.PreparedRequest, **kwargs: Any
    ) -> requests.Response:
        """Send a read.

        Raises:
            ReadOnly: it is something else.
        """
        if request.method not in {"GET", "HEAD"}:
            where = without_secrets(request.url or "")
            raise ReadOnly(
                f"These hands only look, so {request.method} {where} was refused.",
                remedy="Nothing was sent. What changes something is done by an apply.",
            )
        return self._inner.send(request, **kwargs)

    def close(self) -> None:
        """Close what is behind it."""
        self._inner.close()


def without_secrets(url: str) -> str:
    """The URL without user, password, query and fragment, any of which may carry a token."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "an address that can't be read"
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))
