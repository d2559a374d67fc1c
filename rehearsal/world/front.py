"""The one HTTP server of this process, on loopback, behind which the open stage's application answers."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING, ClassVar, Protocol
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from rehearsal.world.application import Application, Reply


class Answering(Protocol):
    """Who answers behind a front: an `Application`, or something that stands before it."""

    def knows(self, host: str) -> bool:
        """Whether a load balancer stands behind `host`."""
        ...

    def answer(self, host: str, path: str) -> Reply:
        """Answer a GET of `path` at `host`."""
        ...


class Front:
    """A server on loopback. The one of `front` is started once in a process and shared by its stages.

    Args:
        address: where it listens; port 0 is a free one.

    Attributes:
        port: where it listens.
        application: who answers; None when no stage is open.
    """

    def __init__(self, address: tuple[str, int] = ("127.0.0.1", 0)) -> None:
        self.application: Answering | None = None
        self._server = ThreadingHTTPServer(address, _handler(self))
        self._server.daemon_threads = True
        self.port = int(self._server.server_port)
        Thread(target=self._server.serve_forever, name="stage-application", daemon=True).start()

    def close(self) -> None:
        """Stop listening. The one that the process shares stays open."""
        self._server.shutdown()
        self._server.server_close()


@functools.cache
def front() -> Front:
    """The server of this process, started when it is first needed."""
    return Front()


def answering(application: Application) -> type[BaseHTTPRequestHandler]:
    """What answers one connection for `application`, for servers that aren't this one."""
    return _handler(_Behind(application))


@dataclass(slots=True)
class _Behind:
    """Who answers."""

    application: Application | None


def _handler(front: Front | _Behind) -> type[BaseHTTPRequestHandler]:
    return type("Handler", (_Handler,), {"front": front})


class _Handler(BaseHTTPRequestHandler):
    """Answers with what the application replies, in one write, on a connection that stays open."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1
    disable_nagle_algorithm = True
    front: ClassVar[Front | _Behind]

    def do_GET(self) -> None:
        """Answer; an application that is rolled back is only asked, so there is no other method."""
        application = self.front.application
        host = urlsplit(f"//{self.headers.get('Host', '')}").hostname or ""
        if application is None or not application.knows(host):
            self.send_error(HTTPStatus.MISDIRECTED_REQUEST)
            return
        reply = application.answer(host, self.path)
        self.send_response_only(reply.status)
        self.send_header("Server", reply.server)
        self.send_header("Content-Type", reply.content_type)
        self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        self.wfile.write(reply.body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""
