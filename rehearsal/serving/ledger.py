"""Who has asked the served stage for what."""

from __future__ import annotations

from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from rehearsal.origin.wire import Request, Response

AWS: Final = "aws"
GIT: Final = "git"
GITHUB: Final = "github"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A request that was answered. It holds neither headers nor bodies, and so no secret.

    Attributes:
        number: 1 for the first since the stage was opened.
        at: the stage's time, ISO 8601, UTC.
        door: ``aws``, ``github`` or ``git``.
        by: the name of the IAM user, or of nobody where the access key is none of the stage's; empty elsewhere.
        what: as ``ecs:UpdateService`` or ``GET /repos/owner/name``.
        reads: whether it could only read.
        status: what it was answered with.
    """

    number: int
    at: str
    door: str
    by: str
    what: str
    reads: bool
    status: int


class Ledger:
    """The requests to a stage, in the order of their answers.

    Args:
        now: the stage's time, ISO 8601.
    """

    def __init__(self, now: Callable[[], str]) -> None:
        self._now = now
        self._lock = Lock()
        self._entries: list[Entry] = []

    def add(self, door: str, what: str, *, by: str = "", reads: bool, status: int) -> None:
        """Write a request down."""
        with self._lock:
            number = len(self._entries) + 1
            self._entries.append(
                Entry(number=number, at=self._now(), door=door, by=by, what=what, reads=reads, status=status)
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
        self.add(GIT, f"{request.method} {request.path}", reads=reads, status=answer.status)
        return answer
