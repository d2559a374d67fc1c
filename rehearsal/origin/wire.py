"""A request to the software house over HTTP, and its answer, whoever answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What came in.

    Attributes:
        method: as ``GET``.
        host: the host it was meant for, in lower case and without a port.
        path: without the query, as it was sent.
        query: the query, without its question mark.
        headers: by name in lower case.
        body: the body, whole and not compressed.
    """

    method: str
    host: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """What goes out; `cut` breaks the connection off after the first half of the body."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: bool = False


Responder: TypeAlias = Callable[[Request], Response]
