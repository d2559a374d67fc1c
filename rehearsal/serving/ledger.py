"""Who has asked the served stage for what."""

from __future__ import annotations

from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from rehearsal.origin.wire import Request, Response
    from rehearsal.world.application import Application, Reply

AWS: Final = "aws"
GIT: Final = "git"
GITHUB: Final = "github"
APPLICATION: Final = "application"
PLAYER: Final = "x-rehearsal-player"
"""The header by which git says for whom it asks, in lower case."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A request that was answered. It holds neither headers nor bodies, and so no secret.

    Attributes:
        number: 1 for the first since the stage was opened.
        at: the stage's time, ISO 8601, UTC.
        door: ``aws``, ``github``, ``git`` or ``application``.
        by: the name of the IAM user, or of nobody where the access key is none of the stage's; at git who says so by the
            header `PLAYER`; empty elsewhere.
        what: as ``ecs:UpdateService`` or ``GET /repos/owner/name``.
        reads: whether it could only read.
        status: what it was answered with.
        about: the task definition that a service was given, or the key of the object; empty elsewhere.
    """

    number: int
    at: str
    door: str
    by: str
    what: str
    reads: bool
    status: int
    about: str = ""


class Ledger:
    """The requests to a stage, in the order of their answers.

    Args:
        now: the stage's time, ISO 8601.
    """

    def __init__(self, now: Callable[[], str]) -> None:
        self._now = now
        self._lock = Lock()
        self._entries: list[Entry] = []

    def add(self, door: str, what: str, *, by: str = "", reads: bool, status: int, about: str = "") -> None:
        """Write a request down."""
        with self._lock:
            number = len(self._entries) + 1
            self._entries.append(
                Entry(
                    number=number,
                    at=self._now(),
                    door=door,
                    by=by,
                    what=what,
                    reads=reads,
                    status=status,
                    about=about,
                )
            )

    def since(self, number: int = 0) -> tuple[Entry, ...]:
        """The entries after the `number`-th."""
        with self._lock:
            return tuple(self._entries[max(0, number) :])

    def github(self, request: Request, proceed: Callable[[], Response]) -> Response:
        """Stands before GitHub's API."""
        answer = proceed()
        reads = request.method in {"GET", "HEAD"}
        self.add(GITHUB, f"{request.method} {request.path}", reads=reads, status=answer.status)
        return answer

    def git(self, request: Request, proceed: Callable[[], Response]) -> Response:
        """Stands before the git remote."""
        answer = proceed()
        reads = not request.path.endswith("/git-receive-pack")
        by = request.headers.get(PLAYER, "")
        self.add(GIT, f"{request.method} {request.path}", by=by, reads=reads, status=answer.status)
        return answer

    def users_ask(self, application: Application) -> Noted:
        """The application, of whose requests it is written down that there were."""
        return Noted(application, self)


class Noted:
    """An application, asked over the front of a served stage."""

    def __init__(self, application: Application, ledger: Ledger) -> None:
        self._application = application
        self._ledger = ledger

    def knows(self, host: str) -> bool:
        """Whether a load balancer stands behind `host`."""
        return self._application.knows(host)

    def answer(self, host: str, path: str) -> Reply:
        """Answer a GET of `path`."""
        reply = self._application.answer(host, path)
        self._ledger.add(APPLICATION, f"GET {path.partition('?')[0]}", reads=True, status=reply.status)
        return reply
