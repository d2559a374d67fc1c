"""Handshakes with what doesn't behave: each ends in a sentence, and none in an exception."""

from __future__ import annotations

import socket
from contextlib import contextmanager
from datetime import UTC, datetime
from threading import Thread
from typing import TYPE_CHECKING

import pytest

from rollback.tls import Handshake, Tls, fingerprint

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)


def refusing(error: OSError) -> Tls:
    def connect(_: tuple[str, int], __: float) -> socket.socket:
        raise error

    return Tls(connect=connect)


@contextmanager
def answering(behave: Callable[[socket.socket], None]) -> Iterator[Tls]:
    """Somebody on loopback who does something else than shake hands."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(4096)
                behave(connection)

        thread = Thread(target=serve, daemon=True)
        thread.start()
        port = server.getsockname()[1]
        yield Tls(connect=lambda _, __: socket.create_connection(("127.0.0.1", port), 0.2))
        thread.join(5)


@pytest.mark.parametrize(
    ("error", "problem"),
    [
        (ConnectionRefusedError(111, "Connection refused"), "no connection (Connection refused)"),
        (socket.gaierror(-2, "Name or service not known"), "no connection (Name or service not known)"),
        (TimeoutError("timed out"), "nobody answers in time"),
    ],
)
def test_nobody_there(error: OSError, problem: str) -> None:
    seen = refusing(error).handshake("app.example")
    assert seen.problem == problem
    assert not seen.trusted
    assert seen.fingerprint == ""


def test_somebody_who_speaks_no_tls() -> None:
    with answering(lambda connection: connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")) as tls:
        assert tls.handshake("app.example").problem.startswith("the handshake failed (")


def test_somebody_who_hangs_up() -> None:
    with answering(lambda _: None) as tls:
        assert not tls.handshake("app.example").trusted


def test_somebody_who_says_nothing() -> None:
    def wait(connection: socket.socket) -> None:
        connection.recv(1)

    with answering(wait) as tls:
        assert tls.handshake("app.example").problem == "nobody answers in time"


@pytest.mark.parametrize(
    ("day", "problem"),
    [
        (4, "it is valid only from 2026-01-05 12:00 UTC"),
        (5, ""),
        (6, "it has expired on 2026-01-06 12:00 UTC"),
    ],
)
def test_dates_count_by_the_clock(day: int, problem: str) -> None:
    seen = Handshake("app.example", "00", NOON, NOON.replace(day=6))
    assert seen.problem_at(NOON.replace(day=day)) == problem


def test_what_holds_no_certificate_has_no_fingerprint() -> None:
    with pytest.raises(ValueError, match="substring not found"):
        fingerprint("-----BEGIN NOTHING-----")
