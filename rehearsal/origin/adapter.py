"""How a request to the software house gets to the stage, and no request anywhere else."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from requests.adapters import HTTPAdapter
from requests.exceptions import ConnectionError as RequestsConnectionError
from urllib3 import HTTPConnectionPool, Timeout
from urllib3.exceptions import HTTPError

from rehearsal.origin.server import LOOPBACK, server

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from requests import PreparedRequest, Response

    from rollback.clock import Clock

_REAL_SECONDS = 30
"""How long a loopback request may really take before something on the stage is broken."""


class OriginAdapter(HTTPAdapter):
    """Sends requests for a host of the software house to loopback, and refuses all others.

    Mount it on both schemes of a session. TLS ends before it: certificates are another chapter.

    Args:
        hosts: whether a host, in lower case, is on the stage.
        clock: whose time passes.
        latency: how long each request takes, in virtual seconds.
    """

    def __init__(self, hosts: Callable[[str], bool], clock: Clock, *, latency: float) -> None:
        super().__init__()
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
        """Send `request` to the stage; time passes in the caller's thread, before it is sent.

        Proxies, certificates and time limits are none of loopback's business. The body is left to the
        session to read, so that an answer that is cut off fails there, as it does over a network.

        Raises:
            requests.exceptions.ConnectionError: its host is not on the stage, or the connection was cut before
                an answer came.
        """
        del stream, timeout, verify, cert, proxies
        parts = urlsplit(request.url or "")
        host = parts.hostname or ""
        if not self._hosts(host):
            raise RequestsConnectionError(
                f"Nothing on the stage answers at {host}, and a rehearsal reaches nothing else.",
                request=request,
            )
        self._clock.sleep(self._latency)
        try:
            raw = _pool(server().port).urlopen(
                request.method or "GET",
                (parts.path or "/") + (f"?{parts.query}" if parts.query else ""),
                headers={**request.headers, "Host": host},
                body=request.body,
                retries=False,
                timeout=Timeout(_REAL_SECONDS),
                preload_content=False,
            )
        except HTTPError as error:
            raise RequestsConnectionError(error, request=request) from error
        return self.build_response(request, raw)


@functools.cache
def _pool(port: int) -> HTTPConnectionPool:
    """The connections to the server, kept open from one rehearsal to the next."""
    return HTTPConnectionPool(LOOPBACK, port, maxsize=4)
