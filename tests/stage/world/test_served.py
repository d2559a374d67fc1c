"""The stage's AWS over loopback: how its answers leave."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any

import pytest

from rehearsal.served import listening

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from rehearsal.served import Wsgi

BODY = b"the answer's body"


def answering(*pieces: bytes) -> Wsgi:
    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        start_response("200 OK", [("Content-Length", str(len(b"".join(pieces))))])
        yield from pieces

    return answer


def connected(url: str) -> socket.socket:
    host, _, port = url.removeprefix("http://").partition(":")
    return socket.create_connection((host, int(port)), timeout=30)


def asked(url: str, head: str) -> bytes:
    """What is answered until the connection is closed."""
    with connected(url) as line, line.makefile("rb") as answer:
        line.sendall(f"{head}\r\nHost: localhost\r\n\r\n".encode())
        return answer.read()


@pytest.mark.parametrize("pieces", [(BODY,), (BODY[:3], BODY[3:]), (BODY * 100_000,), (b"",)])
def test_an_answer_leaves_in_one_piece(pieces: tuple[bytes, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    """AWS's SDK for Go may close the connection between the head and the body, and repeat what had its effect."""
    sent: list[tuple[int, bytes]] = []
    send = socket.socket.sendall

    def sendall(line: socket.socket, data: bytes) -> None:
        sent.append((line.getsockname()[1], data))
        send(line, data)

    monkeypatch.setattr(socket.socket, "sendall", sendall)
    with listening(answering(*pieces), "test") as url:
        answer = asked(url, "GET / HTTP/1.1")
    assert answer.endswith(b"\r\n\r\n" + b"".join(pieces))
    port = int(url.rpartition(":")[2])
    assert [data for where, data in sent if where == port] == [answer]


def test_who_waits_to_be_told_to_send_the_body_is_told_before_it_is_sent() -> None:
    with listening(answering(BODY), "test") as url, connected(url) as line, line.makefile("rb") as answer:
        line.sendall(
            b"PUT / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n"
        )
        assert answer.readline() == b"HTTP/1.1 100 Continue\r\n"
        assert answer.readline() == b"\r\n"
        line.sendall(b"body")
        assert answer.readline() == b"HTTP/1.1 200 OK\r\n"
        assert answer.read().endswith(BODY)


def test_a_request_that_is_sent_again_and_an_answer_that_is_lost_are_told_beside_a_failing_test(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def losing(_: dict[str, Any], __: Callable[..., Any]) -> Iterable[bytes]:
        raise ConnectionResetError

    target = "X-Amz-Target: DynamoDB_20120810.PutItem"
    with listening(answering(BODY), "test") as url:
        asked(url, f"POST / HTTP/1.1\r\n{target}\r\nAmz-Sdk-Request: attempt=1; max=5")
        assert not caplog.messages
        asked(url, f"POST / HTTP/1.1\r\n{target}\r\nAmz-Sdk-Request: attempt=2; max=5")
    with listening(losing, "test") as url:
        assert asked(url, f"POST / HTTP/1.1\r\n{target}") == b""
    assert caplog.messages == [
        "It is asked once more (attempt=2; max=5): POST / DynamoDB_20120810.PutItem",
        "The connection was lost (ConnectionResetError()): POST / DynamoDB_20120810.PutItem",
    ]


def test_a_failure_in_an_answer_is_told_beside_a_failing_test(caplog: pytest.LogCaptureFixture) -> None:
    def failing(_: dict[str, Any], __: Callable[..., Any]) -> Iterable[bytes]:
        raise ZeroDivisionError

    with listening(failing, "test") as url:
        assert asked(url, "GET / HTTP/1.1").startswith(b"HTTP/1.1 500 ")
    assert "ZeroDivisionError" in caplog.text
