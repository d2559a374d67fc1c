"""A receiver of webhooks on loopback, which can be made to misbehave."""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import ClassVar, Self


class Receiver:
    """Answers what it is told to, and takes down what it has got.

    Attributes:
        answers: the status, and headers, of the next answers; afterwards it is 200.
        taken: the bodies it has got.
        breaks: whether it lets the line go without an answer.
        hangs: whether it keeps the line open without an answer, until it is closed.
    """

    def __init__(self) -> None:
        self.answers: list[tuple[int, dict[str, str]]] = []
        self.taken: list[dict[str, str]] = []
        self.hangs = False
        self.breaks = False
        self.arrived = Event()
        self.released = Event()
        handler = type("Handler", (_Handler,), {"receiver": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self._server.block_on_close = False

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/services/T0/B0/the-secret"

    def __enter__(self) -> Self:
        Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.released.set()
        self._server.shutdown()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    receiver: ClassVar[Receiver]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.receiver.taken.append(json.loads(body))
        self.receiver.arrived.set()
        if self.receiver.breaks:
            self.close_connection = True
            return
        if self.receiver.hangs:
            self.receiver.released.wait()
            return
        status, headers = self.receiver.answers.pop(0) if self.receiver.answers else (200, {})
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass
