"""A GitHub of a few lines, as a requests adapter: what it is told to answer, it answers."""

from __future__ import annotations

import io
import json
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import parse_qs, urlsplit

from requests.adapters import HTTPAdapter
from urllib3 import HTTPResponse

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from requests import PreparedRequest, Response

    from rehearsal.clock import VirtualClock

TOKEN = "ghp_" + "Sup3rS3cretOfTheOperator"
HOST = "github.example"
API = f"https://{HOST}/api/v3"
REPO = f"{API}/repos/team/app"


@dataclass(frozen=True)
class Asked:
    """A request that came in, and the virtual second at which it did."""

    at: float
    method: str
    host: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: Any

    @property
    def where(self) -> str:
        """As ``GET /pulls/7``; with the host where it isn't the API's."""
        if self.host != HOST:
            return f"{self.method} {self.host}{self.path}"
        return f"{self.method} {self.path.removeprefix('/api/v3').removeprefix('/repos/team/app')}"


@dataclass(frozen=True)
class Reply:
    """An answer: JSON unless it is bytes."""

    status: int = 200
    body: object = b""
    headers: Mapping[str, str] = field(default_factory=dict)


Scripted: TypeAlias = "Reply | Exception | Callable[[Asked], Reply]"

NOT_FOUND = Reply(404, {"message": "Not Found", "documentation_url": "https://docs.example", "status": "404"})


@dataclass
class Script:
    """What is answered where.

    Attributes:
        clock: what time it is when it is asked.
        asked: every request, in order.
        replies: by method and path, each reply once and the last for ever.
    """

    clock: VirtualClock
    asked: list[Asked] = field(default_factory=list)
    replies: dict[str, deque[Scripted]] = field(default_factory=dict)

    def on(self, where: str, *replies: Scripted) -> None:
        """Answer at `where`, as ``GET /pulls/7``, with `replies`."""
        self.replies[where] = deque(replies)

    def times(self, where: str) -> list[float]:
        """The virtual seconds at which it was asked at `where`."""
        return [each.at for each in self.asked if each.where == where]

    def answer(self, asked: Asked) -> Reply:
        """What to answer; 404 where nothing is scripted."""
        self.asked.append(asked)
        replies = self.replies.get(asked.where)
        if not replies:
            return NOT_FOUND
        reply = replies.popleft() if len(replies) > 1 else replies[0]
        if isinstance(reply, Exception):
            raise reply
        return reply if isinstance(reply, Reply) else reply(asked)


class ScriptedAdapter(HTTPAdapter):
    """Leads every request to a script, and none to a network."""

    def __init__(self, script: Script) -> None:
        super().__init__()
        self._script = script

    def send(self, request: PreparedRequest, *_: object, **__: object) -> Response:
        parts = urlsplit(request.url or "")
        asked = Asked(
            self._script.clock.monotonic(),
            request.method or "",
            parts.netloc,
            parts.path,
            {key: values[0] for key, values in parse_qs(parts.query).items()},
            {key.lower(): str(value) for key, value in request.headers.items()},
            json.loads(request.body) if request.body else None,
        )
        reply = self._script.answer(asked)
        content = reply.body if isinstance(reply.body, bytes) else json.dumps(reply.body).encode()
        raw = HTTPResponse(
            body=io.BytesIO(content), headers=reply.headers, status=reply.status, preload_content=False
        )
        return self.build_response(request, raw)
