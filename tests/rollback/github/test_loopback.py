"""What only a real connection shows: answers that are torn, connections that are cut, redirects that are followed."""

from __future__ import annotations

import json
import socket
import threading
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest

from rollback.github import GitHub, GitHubError, NotFound, Unavailable
from rollback.http import HttpSession
from rollback.journal import read
from tests.rollback.builders import REPOSITORY
from tests.rollback.github.payloads import opened, pull
from tests.rollback.github.script import TOKEN

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from rehearsal.clock import VirtualClock
    from rollback.journal import Journal

BASE = "/api/v3/repos/team/app"


class Server(ThreadingHTTPServer):
    """A GitHub whose next ways to answer are planned: ``cut``, ``torn``, ``fine`` ..."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.plan: list[str] = []
        self.asked: list[tuple[str, str, str]] = []
        self.pulls: list[int] = []
        self.blobs = ""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, *_: object) -> None:
        """Nothing is printed: a test looks at its own side."""


class Answer(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        self.server.asked.append((self.command, self.path, self.headers.get("Authorization", "")))
        way = self.server.plan.pop(0) if self.server.plan else "fine"
        path = self.path.partition("?")[0]
        if path.endswith("/logs"):
            self.reply(302, b"", Location=f"{self.server.blobs}/blob?sig=1")
        elif path == "/blob":
            self.reply(
                400 if "Authorization" in self.headers else 200, b"\xef\xbb\xbf" + b"a line\n" * 40_000, way
            )
        elif path.endswith("/pulls"):
            self.reply(200, json.dumps([{"number": number} for number in self.server.pulls]).encode(), way)
        else:
            told = pull() if not self.server.pulls else opened(head={"ref": "revert", "sha": "0" * 40})
            self.reply(200, json.dumps(told).encode(), way)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.server.asked.append((self.command, self.path, self.headers.get("Authorization", "")))
        way = self.server.plan.pop(0) if self.server.plan else "fine"
        if way != "cut before":
            self.server.pulls.append(7)
        self.reply(201, json.dumps(opened()).encode(), way)

    def reply(self, status: int, body: bytes, way: str = "fine", **headers: str) -> None:
        if way.startswith("cut"):
            self.connection.shutdown(socket.SHUT_RDWR)
            self.close_connection = True
            return
        if way == "not gzip":
            headers = {"Content-Encoding": "gzip"}
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: len(body) // 2] if way == "torn" else body)
        self.close_connection = True

    def log_message(self, *_: object) -> None:
        """Nothing is printed."""


@pytest.fixture
def servers() -> Iterator[tuple[Server, Server]]:
    """GitHub, and where it keeps its logs."""
    with Server() as github, Server() as blobs:
        threads = [
            threading.Thread(target=each.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
            for each in (github, blobs)
        ]
        for thread in threads:
            thread.start()
        github.blobs = blobs.url
        yield github, blobs
        for each, thread in zip((github, blobs), threads, strict=True):
            each.shutdown()
            thread.join()


@pytest.fixture
def server(servers: tuple[Server, Server]) -> Server:
    return servers[0]


@pytest.fixture
def session(journal: Journal, clock: VirtualClock) -> Iterator[HttpSession]:
    with HttpSession(journal, clock) as made:
        made.proxies = {"no_proxy": "*"}
        yield made


def client(session: HttpSession, url: str, clock: VirtualClock, journal: Journal) -> GitHub:
    repository = replace(REPOSITORY, api=f"{url}/api/v3")
    return GitHub(session, repository, token=TOKEN, clock=clock, journal=journal)


@pytest.fixture
def github(session: HttpSession, server: Server, clock: VirtualClock, journal: Journal) -> GitHub:
    return client(session, server.url, clock, journal)


@pytest.mark.parametrize("way", ["cut", "torn", "not gzip"])
def test_a_read_is_repeated_after_a_torn_answer(
    github: GitHub, server: Server, clock: VirtualClock, way: str
) -> None:
    """Half of an answer is none, however well it begins."""
    server.plan = [way, way]
    assert github.pull_request(7).number == 7
    assert clock.monotonic() == 1 + 2
    assert len(server.asked) == 3


def test_connections_that_are_always_cut_end_in_a_sentence(
    github: GitHub, server: Server, path: Path
) -> None:
    server.plan = ["cut"] * 9
    with pytest.raises(Unavailable, match="gave no answer to pull request 7 of team/app") as caught:
        github.pull_request(7)
    assert len(server.asked) == 4
    assert TOKEN not in str(caught.value) + repr(caught.value) + path.read_text()


def test_nobody_listening_is_a_sentence(session: HttpSession, clock: VirtualClock, journal: Journal) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, but nobody listens
        github = client(session, f"http://127.0.0.1:{taken.getsockname()[1]}", clock, journal)
        with pytest.raises(Unavailable) as caught:
            github.open_pull_request(head="h", base="main", title="t", body="b")
    assert not caught.value.sent
    assert "Look at your network" in caught.value.remedy


@pytest.mark.parametrize("way", ["cut", "torn"])
def test_a_change_whose_answer_was_lost_is_made_once(github: GitHub, server: Server, way: str) -> None:
    server.plan = [way]
    assert github.open_pull_request(head="revert", base="main", title="t", body="b").number == 7
    assert [method for method, _, _ in server.asked] == ["POST", "GET", "GET"]
    assert server.pulls == [7]


def test_a_change_that_was_lost_on_its_way_is_made_after_all(github: GitHub, server: Server) -> None:
    server.plan = ["cut before"]
    assert github.open_pull_request(head="faster-search", base="main", title="t", body="b").number == 7
    assert [method for method, _, _ in server.asked] == ["POST", "GET", "POST"]
    assert server.pulls == [7]


def test_a_large_log_is_fetched_elsewhere_without_the_token(
    github: GitHub, servers: tuple[Server, Server], path: Path
) -> None:
    assert github.log_tail(5, lines=3) == ("a line",) * 3
    (api,), (blob,) = servers[0].asked, servers[1].asked
    assert api == ("GET", f"{BASE}/actions/jobs/5/logs", f"Bearer {TOKEN}")
    assert blob == ("GET", "/blob?sig=1", "")
    assert "sig=1" not in "".join(entry.what for entry in read(path))


def test_a_log_that_is_torn_is_fetched_again(github: GitHub, servers: tuple[Server, Server]) -> None:
    servers[1].plan = ["torn", "cut"]
    assert github.log_tail(5) == ("a line",) * 10
    assert len(servers[1].asked) == 3


def test_a_place_that_is_no_github_is_a_sentence(
    session: HttpSession, server: Server, clock: VirtualClock, journal: Journal
) -> None:
    server.plan = ["fine"]
    github = GitHub(session, replace(REPOSITORY, api=server.url), token=TOKEN, clock=clock, journal=journal)
    with pytest.raises(GitHubError) as caught:
        github.runs("0" * 40)
    assert not isinstance(caught.value, NotFound)
    assert "workflow_runs is not as described" in caught.value.sentence
