from __future__ import annotations

import json
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from rollback.http import HttpSession, without_secrets
from rollback.journal import Kind, read

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from rehearsal.clock import VirtualClock
    from rollback.journal import Journal

SECRET = "hunter2"  # noqa: S105 - planted


class Loopback(ThreadingHTTPServer):
    """A server whose paths say how it answers; it notes what the journal says when it is asked."""

    daemon_threads = True

    def __init__(self, journal: Path) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.journal = journal
        self.seen: list[list[str]] = []

    def handle_error(self, *_: object) -> None:
        """Nothing is printed: a test looks at its own side."""


class Answer(BaseHTTPRequestHandler):
    server: Loopback

    def do_GET(self) -> None:
        self.server.seen.append([f"{e.kind.value} {e.what}" for e in read(self.server.journal)])
        word, _, rest = self.path.partition("?")[0].strip("/").partition("/")
        if word == "torn":
            self.send_response(200)
            self.send_header("Content-Length", "1000")
            self.end_headers()
            self.wfile.write(b"not all")
            return
        status = int(word)
        self.send_response(status)
        if status in {302, 307}:
            self.send_header("Location", f"/{rest}?token={SECRET}")
        self.send_header("Set-Cookie", f"session={SECRET}")
        body = json.dumps({"secret": SECRET}).encode()
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", "0")))
        self.do_GET()

    def log_message(self, *_: object) -> None:
        """Nothing is printed."""


@pytest.fixture
def server(path: Path) -> Iterator[Loopback]:
    with Loopback(path) as made:
        thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        yield made
        made.shutdown()
        thread.join()


@pytest.fixture
def session(journal: Journal, clock: VirtualClock) -> Iterator[HttpSession]:
    with HttpSession(journal, clock) as made:
        made.trust_env = False
        yield made


def base(server: Loopback) -> str:
    return f"http://127.0.0.1:{server.server_port}"


def entries(path: Path) -> list[tuple[Kind, str, dict[str, Any]]]:
    return [(entry.kind, entry.what, dict(entry.detail)) for entry in read(path)]


def test_a_look_is_recorded_with_its_status(session: HttpSession, server: Loopback, path: Path) -> None:
    assert session.get(base(server) + "/503", timeout=5).status_code == 503
    assert server.seen == [[]]
    assert entries(path) == [(Kind.RESPONSE, f"GET {base(server)}/503", {"status": 503, "seconds": 0.0})]


def test_a_change_is_on_disk_before_it_goes_out(session: HttpSession, server: Loopback, path: Path) -> None:
    session.post(base(server) + "/200", data="x", timeout=5)
    assert server.seen == [[f"request POST {base(server)}/200"]]
    assert [kind for kind, _, _ in entries(path)] == [Kind.REQUEST, Kind.RESPONSE]


def test_nothing_secret_is_recorded(session: HttpSession, server: Loopback, path: Path) -> None:
    url = f"http://{SECRET}:{SECRET}@127.0.0.1:{server.server_port}/200?token={SECRET}#{SECRET}"
    session.post(url, json={"password": SECRET}, headers={"Authorization": SECRET}, timeout=5)
    assert SECRET not in path.read_text()
    assert f"POST {base(server)}/200" in path.read_text()


def test_each_redirect_is_a_request_of_its_own_in_its_order(
    session: HttpSession, server: Loopback, path: Path
) -> None:
    assert session.get(base(server) + "/302/302/200", timeout=5).status_code == 200
    assert [(what, detail["status"]) for _, what, detail in entries(path)] == [
        (f"GET {base(server)}/302/302/200", 302),
        (f"GET {base(server)}/302/200", 302),
        (f"GET {base(server)}/200", 200),
    ]
    assert SECRET not in path.read_text()


def test_a_change_that_is_redirected_is_recorded_twice_before_it_goes_out(
    session: HttpSession, server: Loopback, path: Path
) -> None:
    session.post(base(server) + "/307/200", data="x", timeout=5)
    assert [kind for kind, _, _ in entries(path)] == [Kind.REQUEST, Kind.RESPONSE] * 2


def test_a_failure_is_recorded_once_also_behind_a_redirect(
    session: HttpSession, server: Loopback, path: Path
) -> None:
    with pytest.raises(requests.RequestException):
        session.get(base(server) + "/302/torn", timeout=5)
    assert [detail.get("status", detail.get("failed")) for _, _, detail in entries(path)] == [
        302,
        "ChunkedEncodingError",
    ]


def test_a_server_that_is_not_there_is_recorded(session: HttpSession, path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, but nobody listens
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/x"
        with pytest.raises(requests.ConnectionError):
            session.get(url, timeout=5)
    assert entries(path) == [(Kind.RESPONSE, f"GET {url}", {"failed": "ConnectionError", "seconds": 0.0})]


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://a.example/b?c=d#e", "https://a.example/b"),
        ("https://user:pass@a.example:8443/b", "https://a.example:8443/b"),
        ("https://u:p@ss@[::1]:80/b", "https://[::1]:80/b"),
        ("http://a.example:99999/b", "http://a.example:99999/b"),
        ("http://[broken/b?token=x", "an address that can't be read"),
    ],
)
def test_a_url_is_shown_without_what_may_be_secret(url: str, shown: str) -> None:
    assert without_secrets(url) == shown


@given(
    where=st.sampled_from(["user", "password", "query", "fragment"]),
    rest=st.from_regex(r"[A-Za-z0-9._~/-]{0,20}"),
)
def test_a_secret_in_a_url_is_never_shown(where: str, rest: str) -> None:
    parts = {"user": "u", "password": "p", "query": "q", "fragment": "f", where: SECRET}
    url = (
        f"https://{parts['user']}:{parts['password']}@a.example/x?{parts['query']}{rest}#{parts['fragment']}"
    )
    assert SECRET not in without_secrets(url)
