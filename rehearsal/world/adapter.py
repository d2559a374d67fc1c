"""How a request to the environment's URL gets to the stage, and no request anywhere else."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from requests.adapters import HTTPAdapter
from requests.exceptions import ConnectionError as RequestsConnectionError
from urllib3 import HTTPConnectionPool, Timeout
from urllib3.exceptions import HTTPError

from rehearsal.world.front import front

if TYPE_CHECKING:
    from collections.abc import Mapping

    from requests import PreparedRequest, Response

    from rehearsal.clock import VirtualClock
    from rehearsal.world.application import Application

_REAL_SECONDS = 10
"""How long a loopback request may really take before something on the stage is broken."""


class StageAdapter(HTTPAdapter):
    """Sends requests for a host of the stage to loopback, and refuses all others.

    Mount it on both schemes of a session. TLS ends before it: certificates are another chapter.
    """

    def __init__(self, application: Application, clock: VirtualClock, *, latency: float = 0.0) -> None:
        super().__init__()
        self._application = application
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

        Proxies, certificates and time limits are none of loopback's business.

        Raises:
            requests.exceptions.ConnectionError: its host is not on the stage.
        """
        del stream, timeout, verify, cert, proxies
        parts = urlsplit(request.url or "")
        host = parts.hostname or ""
        if not self._application.knows(host):
            raise RequestsConnectionError(
                f"Nothing on the stage answers at {host}, and a rehearsal reaches nothing else.",
                request=request,
            )
        self._clock.sleep(self._latency)
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        try:
            server = front()
            server.application = self._application
            raw = _pool(server.port).urlopen(
                request.method or "GET",
                path or "/",
                headers={**request.headers, "Host": host},
                body=request.body,
                retries=False,
                timeout=Timeout(_REAL_SECONDS),
                preload_content=False,
                decode_content=False,
            )
        except HTTPError as error:
            raise RequestsConnectionError(
                f"The stage's application did not answer: {error}", request=request
            ) from error
        response = self.build_response(request, raw)
        response.content  # noqa: B018 - read at once, so that the connection is free for the next
        return response


@functools.cache
def _pool(port: int) -> HTTPConnectionPool:
    """The connections to the application's server, kept open from one rehearsal to the next."""
    return HTTPConnectionPool("127.0.0.1", port, maxsize=4)
