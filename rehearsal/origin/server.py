"""The one HTTP server of this process for the software house, on loopback."""

from __future__ import annotations

import functools
import gzip
import socketserver
import zlib
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING, ClassVar, Final
from urllib.parse import urlsplit

from rehearsal.origin.wire import Request, Response

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from rehearsal.origin.wire import Responder

LOOPBACK: Final = "127.0.0.1"
BODILESS: Final = frozenset({HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED})
"""What comes without a body."""
_LONGEST_LINE: Final = 1024


class StageFailure(Exception):
    """Something on the stage could not answer: the rehearsal proves nothing."""


@dataclass(frozen=True, slots=True)
class _Unread(Exception):
    """A request that can't be understood."""

    status: HTTPStatus


class Server:
    """A server on a free port of 127.0.0.1, started once in a process and shared by its stages.

    Attributes:
        port: where it listens.
        hosts: who answers for a host (in lower case, without a port); git's requests are for `LOOPBACK`.
        failures: what went wrong while something was answered, which the client only sees as status 500.
    """

    def __init__(self) -> None:
        self.hosts: dict[str, Responder] = {}
        self.failures: list[Exception] = []
        handler = type("Handler", (_Handler,), {"owner": self})
        listener = _Listener((LOOPBACK, 0), handler)
        self.port = int(listener.server_address[1])
        Thread(target=listener.serve_forever, name="stage-origin", daemon=True).start()

    @contextmanager
    def answering(self, hosts: Mapping[str, Responder]) -> Iterator[None]:
        """Have `hosts` answer for as long as the block lasts.

        Raises:
            ValueError: somebody else answers for one of them: another stage is open.
            StageFailure: at the end of the block, where one of them has failed.
        """
        taken = sorted(hosts.keys() & self.hosts.keys())
        if taken:
            raise ValueError(f"Somebody answers for {taken[0]} already: one stage is open at a time.")
        self.failures.clear()
        self.hosts.update(hosts)
        try:
            yield
        finally:
            for host in hosts:
                del self.hosts[host]
        if self.failures:
            raise StageFailure(f"The stage's own server failed: {self.failures[0]!r}") from self.failures[0]

    def answer(self, request: Request) -> Response:
        """The answer to `request`, whatever happens."""
        responder = self.hosts.get(request.host)
        if responder is None:
            return misdirected(request.host)
        try:
            return responder(request)
        except Exception as failure:  # noqa: BLE001 - a thread of the server has nobody to tell but `failures`
            self.failures.append(failure)
            return _plain(HTTPStatus.INTERNAL_SERVER_ERROR, f"The stage itself failed: {failure!r}")


@contextmanager
def also_listening(address: tuple[str, int]) -> Iterator[int]:
    """Have the server of this process answer at another address too, as long as the block lasts; yields the port."""
    handler = type("Handler", (_Handler,), {"owner": server()})
    listener = _Listener(address, handler)
    thread = Thread(target=listener.serve_forever, name="stage-origin-too", daemon=True)
    thread.start()
    try:
        yield int(listener.server_address[1])
    finally:
        listener.shutdown()
        thread.join()
        listener.server_close()


@functools.cache
def server() -> Server:
    """The server of this process, started when it is first needed."""
    return Server()


def misdirected(host: str) -> Response:
    """What is said to a request for a host that is not on the stage."""
    return _plain(
        HTTPStatus.MISDIRECTED_REQUEST,
        f"Nothing on the stage answers at {host or 'no host'}, and a rehearsal reaches nothing else.",
    )


def _plain(status: HTTPStatus, sentence: str) -> Response:
    return Response(
        status=status, body=f"{sentence}\n".encode(), headers={"Content-Type": "text/plain; charset=utf-8"}
    )


def _host(address: str) -> str | None:
    """The host of `address`, in lower case; None where it can't be read."""
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return None


class _Listener(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def server_bind(self) -> None:
        """Bind without asking a name server what this machine is called, as HTTPServer would."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = LOOPBACK, int(self.server_address[1])


class _Handler(BaseHTTPRequestHandler):
    """One connection, which stays open until its client or a cut ends it."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1
    disable_nagle_algorithm = True
    owner: ClassVar[Server]

    def handle(self) -> None:
        """Serve the connection; a client that goes away is no mistake of the stage."""
        with suppress(ConnectionError):
            super().handle()

    def _serve(self) -> None:
        try:
            answer = self._elsewhere() or self.owner.answer(self._request())
        except ConnectionError:
            self.close_connection = True
        except _Unread as unread:
            self.close_connection = True
            self._send(_plain(unread.status, "The stage can't read this request."))
        else:
            self._send(answer)

    def _elsewhere(self) -> Response | None:
        """The refusal for what was meant for another server, and came here since this is the proxy."""
        if self.path.startswith("/"):
            return None
        self.close_connection = True
        address = self.path if "://" in self.path else f"//{self.path}"
        return misdirected(_host(address) or "")

    def _request(self) -> Request:
        path, _, query = self.path.partition("?")
        host = _host(f"//{self.headers.get('Host', '')}")
        if host is None:
            raise _Unread(HTTPStatus.BAD_REQUEST)
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = self._chunks() if "chunked" in headers.get("transfer-encoding", "").lower() else self._whole()
        if headers.get("content-encoding", "").lower() in {"gzip", "x-gzip"}:
            try:
                body = gzip.decompress(body)
            except (OSError, EOFError, zlib.error):
                raise _Unread(HTTPStatus.BAD_REQUEST) from None
        return Request(method=self.command, host=host, path=path, query=query, headers=headers, body=body)

    def _whole(self) -> bytes:
        length = self.headers.get("Content-Length", "0")
        if not length.isdecimal():
            raise _Unread(HTTPStatus.BAD_REQUEST)
        return self._exactly(int(length))

    def _chunks(self) -> bytes:
        """The body as it was sent in chunks (RFC 9112, section 7.1), as git sends what is larger than 1 MiB."""
        parts = []
        while size := self._chunk_size():
            parts.append(self._exactly(size))
            self._exactly(2)
        while self.rfile.readline(_LONGEST_LINE).strip():
            pass  # trailers
        return b"".join(parts)

    def _chunk_size(self) -> int:
        line = self.rfile.readline(_LONGEST_LINE)
        if not line:
            raise ConnectionAbortedError
        try:
            return int(line.partition(b";")[0].strip(), 16)
        except ValueError:
            raise _Unread(HTTPStatus.BAD_REQUEST) from None

    def _exactly(self, size: int) -> bytes:
        """Half a request is none: its client is gone."""
        body = self.rfile.read(size)
        if len(body) < size:
            raise ConnectionAbortedError
        return body

    def _send(self, response: Response) -> None:
        body = response.body
        silent = self.command == "HEAD" or response.status in BODILESS
        if response.cut:
            self.close_connection = True
            if silent or not body:
                return
        self.send_response_only(response.status)
        for name, value in response.headers.items():
            self.send_header(name, value)
        if response.status not in BODILESS:
            self.send_header("Content-Length", str(len(body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if not silent:
            self.wfile.write(body[: len(body) // 2] if response.cut else body)
        self.wfile.flush()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


for _method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "CONNECT"):
    setattr(_Handler, f"do_{_method}", _Handler._serve)  # noqa: SLF001 - as http.server looks for them
