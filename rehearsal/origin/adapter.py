"""How a request to the software house gets to the stage, and no request anywhere else."""

from __future__ import annotations

import io
from http import HTTPStatus
from http.client import RemoteDisconnected
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from requests.adapters import HTTPAdapter
from requests.exceptions import ConnectionError as RequestsConnectionError
from urllib3 import BaseHTTPResponse, HTTPResponse
from urllib3.exceptions import ProtocolError

from rehearsal.origin.server import BODILESS, server
from rehearsal.origin.wire import Request

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from requests import PreparedRequest, Response

    from rehearsal.origin.wire import Response as Answer
    from rollback.clock import Clock


class OriginAdapter(HTTPAdapter):
    """Brings requests for a host of the software house to who answers for it, and refuses all others.

    Mount it on both schemes of a session. No connection is made, which would be most of what a request costs: who
    answers is asked in this thread, and the session reads the answer as it would off a connection. git comes by the
    server's port instead. TLS ends before it: certificates are another chapter.

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

        Proxies, certificates and time limits are none of the stage's business. The body is left to the
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
        asked = Request(
            method=request.method or "GET",
            host=host,
            path=parts.path or "/",
            query=parts.query,
            headers={"host": host, **{name.lower(): str(value) for name, value in request.headers.items()}},
            body=_encoded(request.body),
        )
        return self.build_response(request, self.answered(asked, request))

    def answered(self, asked: Request, request: PreparedRequest) -> BaseHTTPResponse:
        """The answer to `asked`, which is what `request` says, as it comes off a connection."""
        return _raw(asked, server().answer(asked), request)


def _encoded(body: object) -> bytes:
    """The body, as it would go over a network."""
    if body is None or isinstance(body, bytes):
        return body or b""
    if isinstance(body, str):
        return body.encode()
    raise TypeError(f"A request to the software house has a body that nobody reads: {type(body).__name__}")


def _raw(asked: Request, answer: Answer, request: PreparedRequest) -> BaseHTTPResponse:
    """The answer as urllib3 reads it off a connection, as far as that was not cut."""
    bodiless = answer.status in BODILESS
    body = b"" if bodiless or asked.method == "HEAD" else answer.body
    if answer.cut and not body:
        gone = RemoteDisconnected("Remote end closed connection without response")
        raise RequestsConnectionError(ProtocolError("Connection aborted.", gone), request=request)
    length = {} if bodiless else {"Content-Length": str(len(answer.body))}
    return HTTPResponse(
        io.BytesIO(body[: len(body) // 2] if answer.cut else body),
        headers={**answer.headers, **length},
        status=answer.status,
        reason=HTTPStatus(answer.status).phrase,
        request_method=asked.method,
        preload_content=False,
    )
