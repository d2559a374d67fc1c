"""The HTTP session, with its door watched: what was asked and what came back, in the journal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import urlsplit, urlunsplit

import requests
from requests.adapters import BaseAdapter

from rollback.journal import Journal, Json, Kind

if TYPE_CHECKING:
    from collections.abc import Callable

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


RequestGuard: TypeAlias = "Callable[[str, str], None]"
"""Is asked with the method and the address of a request, without its secrets, and refuses it by raising."""


class GuardedSession(requests.Session):
    """A session that sends what another one would, through its doors, if a guard lets it.

    Args:
        session: the other one, whose headers, cookies, certificates and proxies it shares.
        guard: is asked before each request, those after a redirect too.
    """

    def __init__(self, session: requests.Session, guard: RequestGuard) -> None:
        super().__init__()
        self.__dict__.update(vars(session))
        self._guarded = session
        self._guard = guard

    def get_adapter(self, url: str) -> BaseAdapter:
        """What sends requests to `url`, after the guard."""
        return _GuardedDoor(self._guarded.get_adapter(url), self._guard)


class _GuardedDoor(BaseAdapter):
    def __init__(self, inner: BaseAdapter, guard: RequestGuard) -> None:
        super().__init__()
        self._inner = inner
        self._guard = guard

    def send(  # type: ignore[override] # whatever the adapter behind the door takes
        self, request: requests.PreparedRequest, **kwargs: Any
    ) -> requests.Response:
        self._guard(request.method or "", without_secrets(request.url or ""))
        return self._inner.send(request, **kwargs)

    def close(self) -> None:
        self._inner.close()


def changes(method: str) -> bool:
    """Whether a request by this method may change something (RFC 9110, 9.2.1; nobody here needs the others)."""
    return method not in {"GET", "HEAD"}


def without_secrets(url: str) -> str:
    """The URL without user, password, query and fragment, any of which may carry a token."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "an address that can't be read"
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))
