"""Where a player asks for a hint from a terminal of their own: ``curl $GAME/hint``.

It is not the control endpoint of the stage, whose token can do everything: a player who has that needs no runbook.
"""

from __future__ import annotations

import secrets
from concurrent.futures import Future
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING, ClassVar, Final, Self

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Said = Callable[[str, str, Future[str]], None]
    """Takes who says what, and where the answer goes."""

_PATIENCE: Final = 60.0
"""For how many real seconds whoever asks is kept waiting."""


class Counter:
    """Listens on loopback for as long as it is entered.

    Args:
        players: who may ask.
        said: is told of each request, in a thread of its own.

    Attributes:
        addresses: where each of them asks; the address is the secret.
    """

    def __init__(self, players: Sequence[str], said: Said) -> None:
        self._by_key = {secrets.token_urlsafe(8): player for player in players}
        handler = type("Handler", (_Handler,), {"said": staticmethod(said), "players": self._by_key})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        base = f"http://127.0.0.1:{self._server.server_port}"
        self.addresses = {player: f"{base}/{key}" for key, player in self._by_key.items()}

    def __enter__(self) -> Self:
        Thread(target=self._server.serve_forever, args=(0.05,), name="game-counter", daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    """One request: ``/KEY/status``, ``/KEY/wait/30``."""

    players: ClassVar[dict[str, str]]
    said: ClassVar[Said]

    def do_GET(self) -> None:
        """Pass it on, and answer with what comes back."""
        _, key, *words = self.path.partition("?")[0].split("/")
        player = self.players.get(key)
        if player is None:
            self._send(HTTPStatus.NOT_FOUND, "Nobody plays at this address.")
            return
        answer: Future[str] = Future()
        type(self).said(player, " ".join(words).replace("-", " "), answer)
        try:
            self._send(HTTPStatus.OK, answer.result(_PATIENCE))
        except TimeoutError:
            self._send(HTTPStatus.SERVICE_UNAVAILABLE, "Nobody answers: the game is over.")

    def do_POST(self) -> None:
        """The same."""
        self.do_GET()

    def _send(self, status: HTTPStatus, text: str) -> None:
        body = f"{text}\n".encode()
        self.send_response_only(status)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""
