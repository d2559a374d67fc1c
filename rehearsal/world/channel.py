"""The team's channel: what receives the webhook, on loopback."""

from __future__ import annotations

import functools
import json
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING, ClassVar, Final
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, Timeout
from urllib3.exceptions import HTTPError

if TYPE_CHECKING:
    from collections.abc import Mapping

SECRET: Final = "rehearsedNYuRPYW7gMuOlKoGTZezopGP"  # noqa: S105 - it opens nothing
"""What of the webhook's address nobody may see; a scan looks for it."""
ADDRESS: Final = f"https://hooks.chat.example/services/T0REHEARSAL/B0REHEARSAL/{SECRET}"
"""The webhook's address; it opens nothing."""
RETRY_AFTER: Final = 3
"""The seconds that it asks for when it is busy (Slack, "Rate limits")."""
_REAL_SECONDS: Final = 10
_HEADERS: Final[Mapping[HTTPStatus, Mapping[str, str]]] = {
    HTTPStatus.TOO_MANY_REQUESTS: {"Retry-After": str(RETRY_AFTER)},
    HTTPStatus.TEMPORARY_REDIRECT: {"Location": ADDRESS.replace("chat", "elsewhere")},
}


class Channel:
    """Where the team reads what it is told.

    Attributes:
        messages: the texts that have arrived, also those that were not answered well.
        status: what it answers.
        hangs: whether it takes a message and never answers.
        down: whether nobody can connect.
        busy: how many of the next messages it doesn't take, asking for time.
    """

    def __init__(self) -> None:
        self.messages: list[str] = []
        self.status = HTTPStatus.OK
        self.hangs = False
        self.down = False
        self.busy = 0

    def session(self) -> requests.Session:
        """A session that reaches this channel, and nothing else."""
        session = requests.Session()
        session.trust_env = False
        for scheme in ("https://", "http://"):
            session.mount(scheme, _ChannelAdapter(self))
        return session

    def take(self, body: bytes) -> HTTPStatus:
        """Take a message in, if it has Slack's form (Slack, "Sending messages using incoming webhooks")."""
        try:
            text = json.loads(body)["text"]
        except (ValueError, KeyError, TypeError):
            return HTTPStatus.BAD_REQUEST
        if self.busy:
            self.busy -= 1
            return HTTPStatus.TOO_MANY_REQUESTS
        self.messages.append(text)
        return self.status


class _ChannelAdapter(HTTPAdapter):
    def __init__(self, channel: Channel) -> None:
        super().__init__()
        self._channel = channel

    def send(  # noqa: PLR0917 - as requests calls it
        self,
        request: requests.PreparedRequest,
        stream: bool = False,  # noqa: FBT001, FBT002 - as requests calls it
        timeout: object = None,
        verify: bool | str = True,  # noqa: FBT001, FBT002 - as requests calls it
        cert: object = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        """Send `request` to the channel's server.

        Raises:
            requests.exceptions.ConnectionError: it is for somebody else.
            requests.exceptions.ConnectTimeout: the channel is down; waiting for that takes no real time here.
            requests.exceptions.ReadTimeout: the channel hangs; waiting for that takes no real time here.
        """
        del stream, timeout, verify, cert, proxies
        parts = urlsplit(request.url or "")
        if parts.hostname != urlsplit(ADDRESS).hostname:
            raise requests.ConnectionError(
                f"Nothing on the stage answers at {parts.hostname}.", request=request
            )
        if self._channel.down:
            raise requests.ConnectTimeout("The channel can't be reached.", request=request)
        server = _server()
        server.channel = self._channel
        try:
            raw = _pool(server.port).urlopen(
                request.method or "POST",
                parts.path,
                headers=dict(request.headers),
                body=request.body,
                retries=False,
                timeout=Timeout(_REAL_SECONDS),
                preload_content=False,
            )
        except HTTPError as error:
            raise requests.ConnectionError(f"The channel did not answer: {error}", request=request) from error
        if self._channel.hangs:
            raw.drain_conn()
            raise requests.ReadTimeout("The channel has not answered in time.", request=request)
        response = self.build_response(request, raw)
        response.content  # noqa: B018 - read at once, so that the connection is free for the next
        return response


class _Server:
    """A server on a free port of 127.0.0.1, started once in a process."""

    def __init__(self) -> None:
        self.channel: Channel | None = None
        handler = type("Handler", (_Handler,), {"server_": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self.port = int(self._server.server_port)
        Thread(target=self._server.serve_forever, name="stage-channel", daemon=True).start()


@functools.cache
def _server() -> _Server:
    return _Server()


@functools.cache
def _pool(port: int) -> HTTPConnectionPool:
    return HTTPConnectionPool("127.0.0.1", port, maxsize=2)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_: ClassVar[_Server]

    def do_POST(self) -> None:
        """Hand the message to the channel, and answer as it says."""
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        channel = self.server_.channel
        known = channel is not None and self.path == urlsplit(ADDRESS).path
        status = channel.take(body) if channel is not None and known else HTTPStatus.NOT_FOUND
        answer = b"ok" if status == HTTPStatus.OK else b"error"
        self.send_response_only(status)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", str(len(answer)))
        for name, value in _HEADERS.get(status, {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: object) -> None:
        """Say nothing."""
