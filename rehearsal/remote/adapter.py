"""How a request to a host of the served stage gets there, and no request anywhere else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from requests.adapters import HTTPAdapter
from requests.exceptions import ConnectionError as RequestsConnectionError
from urllib3 import HTTPConnectionPool, Timeout
from urllib3.exceptions import HTTPError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from requests import PreparedRequest, Response

    from rollback.clock import Clock

_REAL_SECONDS: Final = 30.0
"""How long a loopback request may really take before something on the stage is broken."""


class ServedAdapter(HTTPAdapter):
    """Sends requests for the stage's hosts to loopback, each with the host it was meant for, and refuses all others.

    Mount it on both schemes of a session. TLS ends before it: certificates are another chapter.

    Args:
        address: where on loopback it listens, as ``http://127.0.0.1:4601``.
        hosts: whether a host, in lower case, is there.
        clock: whose time passes.
        latency: how long each request takes, in virtual seconds.
    """

    def __init__(self, address: str, hosts: Callable[[str], bool], clock: Clock, *, latency: float) -> None:
        super().__init__()
        parts = urlsplit(address)
        self._pool = HTTPConnectionPool(parts.hostname or "", parts.port, maxsize=4)
        self._hosts = hosts
        self._clock = clock
        self._latency = latency

    def send(  # noqa: PLR0917 - as requests calls it
        self,
        request: PreparedRequest,
        stream: bool = False,  # noqa: FBT001, FBT002 - as requests calls it
        timeout: object = None,
        verify: bool | str = True,  # noqa: FBT001, FBT002 - as requests calls it
        cert: object = None,
        proxies: Mapping[str, str] | None = None,
    ) -> Response:
        """Send `request` to the stage; it takes the adapter's latency in virtual seconds.

        Raises:
            requests.exceptions.ConnectionError: its host is not on the stage, or the stage doesn't answer.
        """
        del stream, timeout, verify, cert, proxies
        parts = urlsplit(request.url or "")
        host = (parts.hostname or "").lower()
        if not self._hosts(host):
            raise RequestsConnectionError(
                f"Nothing on the stage answers at {host}, and a rehearsal reaches nothing else.",
                request=request,
            )
        self._clock.sleep(self._latency)
        try:
            raw = self._pool.urlopen(
                request.method or "GET",
                (parts.path or "/") + (f"?{parts.query}" if parts.query else ""),
                headers={**request.headers, "Host": host},
                body=request.body,
                retries=False,
                redirect=False,
                timeout=Timeout(_REAL_SECONDS),
                preload_content=False,
                decode_content=False,
            )
        except HTTPError as error:
            raise RequestsConnectionError(f"The stage did not answer: {error}", request=request) from error
        return self.build_response(request, raw)

    def close(self) -> None:
        """Let go of the connections."""
        self._pool.close()
        super().close()
