"""The control endpoint: where another process asks what no AWS would answer. JSON over HTTP, on loopback, by a token.

========================  ============================================================================================
``GET /health``           ``{"ready": true}``, or status 503 and why not; it needs no token
``GET /stage``            who and where: environment, seed, speed, time, addresses, variables
``POST /stage``           open the stage anew: ``{"environment": NAME, "blueprint": {...}, "seed": N}``
``POST /clock``           ``{"advance": SECONDS}``: move the clock on at once
``GET /requests?since=N`` who has asked for what
``POST /keys``            ``{"account": ID, "user": NAME}``: the access keys of an IAM user
``POST /errand``          ``{"of": "world.look", "name": "running", "args": [], "named": {}}`` (`errands.ERRANDS`)
========================  ============================================================================================
"""

from __future__ import annotations

import hmac
import json
from dataclasses import asdict
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING, Any, ClassVar, Final, Protocol
from urllib.parse import parse_qs

from rehearsal.serving.codec import Unsendable, encode
from rehearsal.serving.errands import Unknown
from rollback.errors import RollbackError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rehearsal.keys import Keys
    from rehearsal.serving.ledger import Entry

_BIGGEST: Final = 1 << 20


class Manned(Protocol):
    """What the desk asks."""

    def trouble(self) -> str:
        """Why the stage can't be trusted or isn't open; empty where all is well."""
        ...

    def told(self) -> Mapping[str, object]:
        """What is said of the stage."""
        ...

    def reopen(self, environment: str, blueprint: Mapping[str, object] | None, seed: int) -> None:
        """Open the stage anew."""
        ...

    def advance(self, seconds: float) -> None:
        """Move the clock on."""
        ...

    def requests(self, since: int) -> tuple[Entry, ...]:
        """Who asked for what."""
        ...

    def keys(self, account: str, user: str) -> Keys:
        """The keys of an IAM user."""
        ...

    def errand(self, of: str, name: str, args: list[Any], named: Mapping[str, Any]) -> object:
        """Do an errand; returns the encoded answer."""
        ...

    @property
    def elapsed(self) -> float:
        """Virtual seconds since the stage was opened."""
        ...


class Desk:
    """Answers at the control endpoint, from `open` to `close`.

    Args:
        manned: what it asks.
        token: without which nobody is told anything but `trouble`.
    """

    def __init__(self, manned: Manned, token: str) -> None:
        self.manned = manned
        self._token = token.encode()
        self._server: ThreadingHTTPServer | None = None

    def open(self, address: tuple[str, int]) -> str:
        """Begin to listen; returns the port."""
        handler = type("Handler", (_Handler,), {"desk": self})
        self._server = ThreadingHTTPServer(address, handler)
        self._server.daemon_threads = True
        Thread(target=self._server.serve_forever, args=(0.05,), name="stage-control", daemon=True).start()
        return str(self._server.server_port)

    def close(self) -> None:
        """Stop listening. Doing it again does nothing."""
        server, self._server = self._server, None
        if server is not None:
            server.shutdown()
            server.server_close()

    def lets_in(self, authorization: str) -> bool:
        """Whether who asks with this header knows the token."""
        scheme, _, token = authorization.partition(" ")
        return scheme == "Bearer" and hmac.compare_digest(token.encode(), self._token)

    def answer(self, method: str, path: str, query: str, said: Mapping[str, Any]) -> object:
        """What is answered to a request that was let in.

        Raises:
            Unknown: there is no such thing to ask for.
            KeyError: something is missing of what was said.
        """
        manned = self.manned
        match method, path:
            case "GET", "/stage":
                return manned.told()
            case "POST", "/stage":
                manned.reopen(said["environment"], said.get("blueprint"), int(said.get("seed", 0)))
                return manned.told()
            case "POST", "/clock":
                manned.advance(float(said["advance"]))
                return {}
            case "GET", "/requests":
                since = int(parse_qs(query).get("since", ["0"])[0])
                return {"requests": [asdict(each) for each in manned.requests(since)]}
            case "POST", "/keys":
                return {"value": encode(manned.keys(said["account"], said["user"]))}
            case "POST", "/errand":
                return {"value": manned.errand(said["of"], said["name"], said["args"], said["named"])}
        raise Unknown(f"There is no {method} {path} here.")


class _Handler(BaseHTTPRequestHandler):
    """One connection to the desk, which stays open."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1
    disable_nagle_algorithm = True
    desk: ClassVar[Desk]

    def do_GET(self) -> None:
        """Answer a question."""
        self._serve()

    def do_POST(self) -> None:
        """Do what is asked for."""
        self._serve()

    def _serve(self) -> None:
        path, _, query = self.path.partition("?")
        if path == "/health":
            trouble = self.desk.manned.trouble()
            status = HTTPStatus.SERVICE_UNAVAILABLE if trouble else HTTPStatus.OK
            self._send(status, {"ready": not trouble, **({"trouble": trouble} if trouble else {})})
            return
        size = int(self.headers.get("Content-Length") or 0)
        if size > _BIGGEST:
            self.close_connection = True
            self._send(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, {"error": "That is too much."})
            return
        content = self.rfile.read(size)
        if not self.desk.lets_in(self.headers.get("Authorization", "")):
            self._send(HTTPStatus.UNAUTHORIZED, {"error": "The control endpoint wants its token."})
            return
        self._send(*self._answered(path, query, content))

    def _answered(self, path: str, query: str, content: bytes) -> tuple[HTTPStatus, object]:
        try:
            said = json.loads(content or b"{}")
            answer = self.desk.answer(self.command, path, query, said)
        except (Unknown, Unsendable) as error:
            return HTTPStatus.NOT_FOUND, {"error": str(error), "kind": type(error).__name__}
        except (KeyError, TypeError, ValueError) as error:
            return HTTPStatus.BAD_REQUEST, _failure(error)
        except (AssertionError, LookupError, RollbackError) as error:
            return HTTPStatus.CONFLICT, _failure(error)
        except Exception as error:  # noqa: BLE001 - whoever asked is told, and nobody else could be
            return HTTPStatus.INTERNAL_SERVER_ERROR, _failure(error)
        return HTTPStatus.OK, {**answer, "elapsed": self.desk.manned.elapsed} if isinstance(
            answer, dict
        ) else answer

    def _send(self, status: HTTPStatus, answer: object) -> None:
        body = json.dumps(answer).encode()
        self.send_response_only(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def _failure(error: Exception) -> dict[str, str]:
    return {"error": str(error) or repr(error), "kind": type(error).__name__}
