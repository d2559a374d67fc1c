"""Nothing but this machine: while a run isn't live, no socket of this process leads anywhere else.

Python itself says what a socket is about to do (its audit events ``socket.*``), before a packet is sent or a name is
asked for, whoever asks: boto3, requests, a library of theirs, or a bare socket. Programs that are started inherit
proxies that lead to a closed port; git and Terraform are led to the stage besides, by configurations of their own.
"""

from __future__ import annotations

import ipaddress
import os
import socket
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

CLOSED_PORT: Final = 11
"""That of the old systat service, at which nobody listens: it means that somebody is on the way out."""

_CLOSED: Final = f"http://127.0.0.1:{CLOSED_PORT}"
_NAMES: Final = frozenset({"", "localhost", "0.0.0.0", "::"})  # noqa: S104 - names that lead to this machine
_WITH_ADDRESS: Final = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg"})
_WITH_NAME: Final = frozenset({"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"})
_LOWER: Final = ("http_proxy", "https_proxy", "all_proxy")


class LeavesThisMachine(RuntimeError):
    """Something that isn't live wanted to go further than this machine; nothing was sent.

    It is no `OSError`, which many a library would repeat, or tell in other words.
    """


class _Guard:
    """One for the process, since what listens to audit events can't be taken away again."""

    def __init__(self) -> None:
        self.closed = 0
        self.listens = False

    def __call__(self, event: str, args: tuple[object, ...]) -> None:
        if not self.closed or not event.startswith("socket."):
            return
        if event in _WITH_ADDRESS:
            made, address = args[0], args[1]
            if isinstance(address, tuple) and len(address) > 1 and isinstance(address[0], str | bytes):
                try:
                    _must_stay(address[0], address[1])
                except LeavesThisMachine:
                    # Libraries close what they have opened only for an `OSError`.
                    if isinstance(made, socket.socket):
                        made.close()
                    raise
        elif event in _WITH_NAME and isinstance(args[0], str | bytes):
            _must_stay(args[0], None)


_guard: Final = _Guard()


@contextmanager
def only_loopback() -> Iterator[None]:
    """Within this block, sockets of this process reach nothing but this machine, nor do the programs it starts."""
    if not _guard.listens:
        sys.addaudithook(_guard)
        _guard.listens = True
    before = {name: os.environ.get(name) for name in variables()}
    _guard.closed += 1
    os.environ.update(variables())
    try:
        yield
    finally:
        _guard.closed -= 1
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def variables() -> dict[str, str]:
    """What keeps programs on this machine that aren't led anywhere by a configuration of their own."""
    proxies = {name: _CLOSED for lower in _LOWER for name in (lower, lower.upper())}
    here = dict.fromkeys(("no_proxy", "NO_PROXY"), "localhost,127.0.0.1,::1")
    # The AWS libraries ask a machine's metadata without a proxy. git is told by the stage which protocols it may speak.
    return {**proxies, **here, "AWS_EC2_METADATA_DISABLED": "true"}


def _must_stay(host: str | bytes, port: object) -> None:
    name = host.decode("ascii", "replace") if isinstance(host, bytes) else host
    if _is_here(name) and port != CLOSED_PORT:
        return
    where = "another machine, by a proxy" if port == CLOSED_PORT else (f"{name}:{port}" if port else name)
    raise LeavesThisMachine(
        f"This run isn't live, so nothing may reach {where}: only this machine. "
        "Name an environment with --env, and no --stage, to work on the real one."
    )


def _is_here(name: str) -> bool:
    name = name.partition("%")[0].rstrip(".").lower()
    if name in _NAMES or name.endswith(".localhost"):
        return True
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return bool((mapped or address).is_loopback)


def entered() -> Callable[[], None]:
    """Begin what `only_loopback` does; returns what ends it."""
    block = only_loopback()
    block.__enter__()

    def leave() -> None:
        block.__exit__(None, None, None)

    return leave
