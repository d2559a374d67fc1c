"""The load balancer's HTTPS listener on loopback: a real TLS endpoint that shows what is attached to it."""

from __future__ import annotations

import errno
import functools
import os
import socket
import ssl
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING, Final, Protocol

from rehearsal.world.front import answering
from rollback.tls import PORT

if TYPE_CHECKING:
    from rehearsal.world.application import Application

_REAL_SECONDS: Final = 10.0


class Shown(Protocol):
    """Who says what is shown to whoever asks for a host."""

    application: Application

    def context(self, host: str) -> ssl.SSLContext | None:
        """What to serve `host` with; None where nobody listens."""
        ...


class TlsFront:
    """A TLS server on a free port of 127.0.0.1, started once in a process and shared by its stages.

    Attributes:
        port: where it listens.
        shown: who says what it shows; None when no stage has an HTTPS listener.
        contexts: what was shown to whoever connected last, by host. It is looked up by who connects and not by the
            server's own threads, which would wait for the clock while it plays.
    """

    def __init__(self) -> None:
        self.shown: Shown | None = None
        self.contexts: dict[str, ssl.SSLContext] = {}
        server = _Server(("127.0.0.1", 0), BaseHTTPRequestHandler)
        server.front = self
        self.port = int(server.server_port)
        Thread(target=server.serve_forever, name="stage-tls", daemon=True).start()

    def connect(self, address: tuple[str, int], _: float) -> socket.socket:
        """Connect to the stage's host of that name, and to nothing else.

        Raises:
            ConnectionRefusedError: nobody listens there.
        """
        host, port = address
        context = self.shown.context(host) if self.shown is not None and port == PORT else None
        if context is None:
            raise ConnectionRefusedError(errno.ECONNREFUSED, os.strerror(errno.ECONNREFUSED))
        self.contexts[host] = context
        return socket.create_connection(("127.0.0.1", self.port), _REAL_SECONDS)


@functools.cache
def tls_front() -> TlsFront:
    """The TLS server of this process, started when it is first needed."""
    return TlsFront()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    front: TlsFront

    def finish_request(self, request: object, client_address: object) -> None:
        """Shake hands in the connection's own thread; a client that hangs up has seen enough."""
        assert isinstance(request, socket.socket)  # noqa: S101 - for the type checker
        shown = self.front.shown
        if shown is None:
            return
        outer = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)

        def choose(
            connection: ssl.SSLObject | ssl.SSLSocket, host: str | None, _: ssl.SSLContext
        ) -> int | None:
            context = self.front.contexts.get(host or "")
            if context is None:
                return ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME
            connection.context = context
            return None

        outer.sni_callback = choose
        request.settimeout(_REAL_SECONDS)
        with suppress(OSError), outer.wrap_socket(request, server_side=True) as connection:
            answering(shown.application)(connection, client_address, self)

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: the client tells what it has seen."""
