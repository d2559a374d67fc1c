"""The software house's HTTP server, and how a session's requests get to it."""

from __future__ import annotations

import gzip
import socket
import struct
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
import requests
from requests.exceptions import ChunkedEncodingError
from requests.exceptions import ConnectionError as NoConnection
from urllib3 import BaseHTTPResponse, HTTPConnectionPool
from urllib3.exceptions import HTTPError

from rehearsal.clock import VirtualClock
from rehearsal.origin.adapter import OriginAdapter
from rehearsal.origin.server import LOOPBACK, StageFailure, server
from rehearsal.origin.wire import Request, Response

if TYPE_CHECKING:
    from collections.abc import Iterator

HOST = "api.github.example"
LATENCY = 0.5


def echo(request: Request) -> Response:
    """Who asked for what, in the answer."""
    said = f"{request.method} {request.host} {request.path} ?{request.query} {request.body.decode()}"
    return Response(status=200, body=said.encode(), headers={"X-Asked": request.headers.get("x-mine", "")})


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


class OverLoopback(OriginAdapter):
    """Asks the server on a connection, as git does."""

    def answered(self, asked: Request, request: requests.PreparedRequest) -> BaseHTTPResponse:
        address = asked.path + (f"?{asked.query}" if asked.query else "")
        try:
            return HTTPConnectionPool(LOOPBACK, server().port).urlopen(
                asked.method,
                address,
                headers={**request.headers, "Host": asked.host},
                body=request.body,
                retries=False,
                timeout=30,
                preload_content=False,
            )
        except HTTPError as error:
            raise NoConnection(error, request=request) from error


@pytest.fixture(params=[OriginAdapter, OverLoopback])
def session(clock: VirtualClock, request: pytest.FixtureRequest) -> Iterator[requests.Session]:
    """One whose requests are answered without a connection, and one that comes by the port."""
    with requests.Session() as session:
        adapter = request.param(lambda host: host.endswith("github.example"), clock, latency=LATENCY)
        session.mount("https://", adapter)
        session.mount("http://", adapter)
        yield session


def spoken(text: bytes) -> bytes:
    """What the server says on a connection of its own until it closes it."""
    with socket.create_connection((LOOPBACK, server().port), timeout=30) as line:
        line.sendall(text)
        line.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: line.recv(65536), b""))


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
def test_a_request_arrives_whole(session: requests.Session, method: str) -> None:
    with server().answering({HOST: echo}):
        answer = session.request(method, f"https://{HOST}/a%20b/c?d=e&f", data="g", headers={"X-Mine": "h"})
    assert answer.text == f"{method} {HOST} /a%20b/c ?d=e&f g"
    assert answer.headers["X-Asked"] == "h"
    assert answer.url == f"https://{HOST}/a%20b/c?d=e&f"


def test_a_head_request_has_no_body(session: requests.Session) -> None:
    with server().answering({HOST: echo}):
        answer = session.head(f"https://{HOST}/")
        assert (answer.status_code, answer.content) == (200, b"")
        assert session.get(f"https://{HOST}/").text.startswith("GET")


@pytest.mark.parametrize("status", [204, 304])
def test_an_answer_without_a_body_leaves_the_connection_usable(
    session: requests.Session, status: int
) -> None:
    with server().answering({HOST: lambda _: Response(status=status, headers={"ETag": '"x"'})}):
        for _ in range(2):
            answer = session.get(f"https://{HOST}/")
            assert (answer.status_code, answer.content, answer.headers["ETag"]) == (status, b"", '"x"')


def test_time_passes_before_the_request_is_answered(session: requests.Session, clock: VirtualClock) -> None:
    seen = []

    def note(_: Request) -> Response:
        seen.append(clock.monotonic())
        return Response(status=200)

    with server().answering({HOST: note}):
        for _ in range(2):
            session.get(f"https://{HOST}/")
    assert seen == [LATENCY, 2 * LATENCY]


def test_another_host_is_refused_without_a_connection(session: requests.Session, clock: VirtualClock) -> None:
    with server().answering({HOST: echo}), pytest.raises(NoConnection, match="reaches nothing else"):
        session.get("https://api.example.com/")
    assert clock.monotonic() == 0


def test_proxies_of_this_machine_are_not_asked(
    session: requests.Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    with server().answering({HOST: echo}):
        assert session.get(f"https://{HOST}/").status_code == 200


def test_a_redirect_is_the_session_s_to_follow(session: requests.Session) -> None:
    def away(_: Request) -> Response:
        return Response(status=302, headers={"Location": f"https://logs.{HOST}/there"})

    with server().answering({HOST: away, f"logs.{HOST}": echo}):
        assert session.get(f"https://{HOST}/", allow_redirects=False).status_code == 302
        assert session.get(f"https://{HOST}/").text == f"GET logs.{HOST} /there ? "


def test_a_redirect_off_the_stage_is_not_followed(session: requests.Session) -> None:
    away = Response(status=302, headers={"Location": "https://example.com/"})
    with server().answering({HOST: lambda _: away}), pytest.raises(NoConnection, match=r"example\.com"):
        session.get(f"https://{HOST}/")


@pytest.mark.parametrize("body", [b"a", b"ab", b"a" * 100_000])
def test_an_answer_that_is_cut_off_fails(session: requests.Session, body: bytes) -> None:
    with server().answering({HOST: lambda _: Response(status=200, body=body, cut=True)}):
        with pytest.raises((ChunkedEncodingError, NoConnection)):
            session.get(f"https://{HOST}/")
        with pytest.raises((ChunkedEncodingError, NoConnection)):
            session.get(f"https://{HOST}/")


def test_a_streamed_answer_fails_where_it_is_cut_off(session: requests.Session) -> None:
    cut = Response(status=200, body=b"a" * 1000, cut=True)
    with server().answering({HOST: lambda _: cut}):
        answer = session.get(f"https://{HOST}/", stream=True)
        assert answer.status_code == 200
        with pytest.raises(ChunkedEncodingError):
            _ = answer.content


def test_an_answer_without_a_body_is_cut_off_before_it_begins(session: requests.Session) -> None:
    """And whoever asks has to ask again themselves."""
    asked: list[Request] = []

    def cut(request: Request) -> Response:
        asked.append(request)
        return Response(status=200, cut=True)

    with server().answering({HOST: cut}), pytest.raises(NoConnection, match="without response"):
        session.get(f"https://{HOST}/")
    assert len(asked) == 1
    assert spoken(f"GET / HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode()).startswith(b"HTTP/1.1 421")


def test_half_of_what_is_cut_off_has_come() -> None:
    with server().answering({HOST: lambda _: Response(status=200, body=b"abcdef", cut=True)}):
        said = spoken(f"GET / HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode())
    head, _, body = said.partition(b"\r\n\r\n")
    assert b"Content-Length: 6" in head
    assert body == b"abc"


def test_a_body_may_come_in_chunks_and_compressed() -> None:
    packed = gzip.compress(b"one two three")
    chunks = [packed[:5], packed[5:6], packed[6:]]
    url, host = f"http://{LOOPBACK}:{server().port}/", {"Host": HOST}
    with server().answering({HOST: echo}), requests.Session() as session:
        session.trust_env = False
        answer = session.post(url, data=iter(chunks), headers={**host, "Content-Encoding": "gzip"})
        plain = session.post(url, data=gzip.compress(b"x"), headers={**host, "Content-Encoding": "x-gzip"})
    assert answer.text.endswith(" one two three")
    assert plain.text.endswith(" x")


def test_a_body_that_nobody_would_read_is_refused(clock: VirtualClock) -> None:
    """What is asked without a connection is asked whole."""
    with requests.Session() as session, server().answering({HOST: echo}):
        session.mount("https://", OriginAdapter(lambda _: True, clock, latency=LATENCY))
        with pytest.raises(TypeError, match="a body that nobody reads"):
            session.post(f"https://{HOST}/", data=iter([b"a", b"b"]))


@pytest.mark.parametrize(
    "rest",
    [
        "Content-Length: many\r\n\r\n",
        "Content-Length: -1\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\nzz\r\n",
        "Content-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc",
        "Host: [\r\n\r\n",
    ],
)
def test_what_can_not_be_read_is_refused(rest: str) -> None:
    asked: list[Request] = []

    def note(request: Request) -> Response:
        asked.append(request)
        return Response(status=200)

    with server().answering({HOST: note}):
        host = "" if rest.startswith("Host") else f"Host: {HOST}\r\n"
        said = spoken(f"POST / HTTP/1.1\r\n{host}{rest}".encode())
    assert said.startswith(b"HTTP/1.1 400 ")
    assert asked == []


@pytest.mark.parametrize(
    "rest",
    [
        "Content-Length: 5\r\n\r\nabc",
        "Transfer-Encoding: chunked\r\n\r\n5\r\nabc",
        "Transfer-Encoding: chunked\r\n\r\n",
    ],
)
def test_half_a_request_is_none(rest: str) -> None:
    asked: list[Request] = []

    def note(request: Request) -> Response:
        asked.append(request)
        return Response(status=200)

    with server().answering({HOST: note}):
        assert spoken(f"POST / HTTP/1.1\r\nHost: {HOST}\r\n{rest}".encode()) == b""
    assert asked == []


@pytest.mark.parametrize(
    "line",
    [
        f"GET http://{HOST}/ HTTP/1.1",
        "CONNECT example.com:443 HTTP/1.1",
        "GET http://[/ HTTP/1.1",
        "OPTIONS * HTTP/1.1",
    ],
)
def test_the_server_is_nobody_s_way_out(line: str) -> None:
    """git takes it for its proxy; also a host of the stage is not reached that way."""
    with server().answering({HOST: echo}):
        said = spoken(f"{line}\r\nHost: {HOST}\r\n\r\n".encode())
    assert said.startswith(b"HTTP/1.1 421 ")
    assert b"a rehearsal reaches nothing else" in said


def test_the_body_of_what_is_refused_is_not_taken_for_a_request() -> None:
    with server().answering({HOST: echo}):
        inner = f"GET /inner HTTP/1.1\r\nHost: {HOST}\r\n\r\n"
        head = f"POST http://example.com/ HTTP/1.1\r\nHost: x\r\nContent-Length: {len(inner)}\r\n\r\n"
        said = spoken((head + inner).encode())
    assert said.count(b"HTTP/1.1 ") == 1
    assert b"inner" not in said


def test_a_client_that_goes_away_is_no_mistake_of_the_stage(capsys: pytest.CaptureFixture[str]) -> None:
    before = set(threading.enumerate())
    with server().answering({HOST: echo}):
        line = socket.create_connection((LOOPBACK, server().port), timeout=30)
        line.sendall(f"GET / HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode())
        assert line.recv(65536).startswith(b"HTTP/1.1 200 ")
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        line.close()  # with a reset
        for thread in set(threading.enumerate()) - before:
            if "process_request_thread" in thread.name:
                thread.join(30)
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("method", "status", "length"), [("HEAD", 200, True), ("GET", 204, False), ("GET", 304, False)]
)
def test_an_answer_that_may_have_no_body_has_none(method: str, status: int, length: bool) -> None:  # noqa: FBT001 - an example
    with server().answering({HOST: lambda _: Response(status=status, body=b"body")}):
        said = spoken(f"{method} / HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode())
    head, _, body = said.partition(b"\r\n\r\n")
    assert body == b""
    assert (b"Content-Length: 4" in head) == (b"Content-Length" in head) == length


def test_a_host_that_is_not_on_the_stage_is_refused() -> None:
    for host in (HOST, LOOPBACK, ""):
        assert spoken(f"GET / HTTP/1.1\r\nHost: {host}\r\n\r\n".encode()).startswith(b"HTTP/1.1 421 ")


def test_hosts_are_told_apart_without_regard_to_case_and_port() -> None:
    with server().answering({HOST: echo}):
        said = spoken(f"GET / HTTP/1.1\r\nHost: {HOST.upper()}:8443\r\n\r\n".encode())
    assert said.endswith(f"GET {HOST} / ? ".encode())


def test_what_fails_on_the_stage_fails_the_rehearsal(session: requests.Session) -> None:
    def broken(_: Request) -> Response:
        raise LookupError("a mistake of the stage's own")

    with pytest.raises(StageFailure, match=r"LookupError.*own"), server().answering({HOST: broken}):
        assert session.get(f"https://{HOST}/").status_code == 500
    with server().answering({HOST: echo}):
        assert session.get(f"https://{HOST}/").status_code == 200


def test_one_stage_answers_at_a_time() -> None:
    with server().answering({HOST: echo}):
        with pytest.raises(ValueError, match="one stage is open at a time"), server().answering({HOST: echo}):
            pass
        assert HOST in server().hosts
    assert HOST not in server().hosts


def test_many_ask_at_once() -> None:
    def ask(number: int) -> bytes:
        return spoken(f"GET /{number} HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode()).rpartition(b"\r\n")[2]

    with server().answering({HOST: echo}), ThreadPoolExecutor(16) as pool:
        said = list(pool.map(ask, range(64)))
    assert said == [f"GET {HOST} /{number} ? ".encode() for number in range(64)]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has more than one loopback address")
def test_it_listens_on_loopback_alone() -> None:
    with socket.socket() as line:
        line.bind(("127.0.0.2", server().port))
