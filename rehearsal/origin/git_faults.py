"""Making the remote misbehave for a git client, from outside."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from enum import StrEnum
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from rehearsal.origin.smart_http import Operation, operation_of, refusal
from rehearsal.origin.wire import Request, Response

if TYPE_CHECKING:
    from collections.abc import Callable

    from rehearsal.origin.smart_http import GitHttp


class Kind(StrEnum):
    """What happens to a request of a git client; the words are GitHub's own."""

    UNAUTHORIZED = "401"
    FORBIDDEN = "403"
    NOT_FOUND = "404"
    BAD_GATEWAY = "502"
    CUT_BEFORE = "connection cut before the effect"
    CUT_AFTER = "connection cut after the effect"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What goes wrong, where, and how often.

    Attributes:
        kind: what happens.
        operation: what the client asks for; None means anything.
        occurrence: from which such request on, 1 for the first after it was injected.
        times: how many requests it strikes; None means for good.
    """

    kind: Kind
    operation: Operation | None = None
    occurrence: int = 1
    times: int | None = None


_ANSWERS: Final = {
    Kind.UNAUTHORIZED: refusal(
        HTTPStatus.UNAUTHORIZED,
        "Invalid username or token. Password authentication is not supported for Git operations.",
        {"WWW-Authenticate": 'Basic realm="GitHub"'},
    ),
    Kind.FORBIDDEN: refusal(HTTPStatus.FORBIDDEN, "Write access to repository not granted."),
    Kind.NOT_FOUND: refusal(HTTPStatus.NOT_FOUND, "Repository not found."),
    Kind.BAD_GATEWAY: Response(
        status=HTTPStatus.BAD_GATEWAY,
        body=b"<html><body><h1>502 Bad Gateway</h1></body></html>\n",
        headers={"Content-Type": "text/html"},
    ),
    # An answer has begun: what is cut off before that, curl sends once more by itself.
    Kind.CUT_BEFORE: Response(status=HTTPStatus.OK, body=b"0000", cut=True),
}


def inject(remote: GitHttp, fault: Fault) -> None:
    """Have `fault` happen to the requests of every client of `remote`. The first injected strikes first."""
    remote.interceptors.append(_Struck(fault))


def before(remote: GitHttp, operation: Operation, action: Callable[[], object]) -> None:
    """Do `action` once, just before the next `operation` is answered: somebody else was faster."""
    waiting = [action]

    def interrupt(request: Request, proceed: Callable[[], Response]) -> Response:
        if waiting and operation_of(request) is operation:
            waiting.pop()()
        return proceed()

    remote.interceptors.append(interrupt)


@dataclass(slots=True)
class _Struck:
    """A fault at its remote, what it has seen and how often it has struck."""

    fault: Fault
    seen: Counter[Operation | None] = field(default_factory=Counter)
    strikes: int = 0

    def __call__(self, request: Request, proceed: Callable[[], Response]) -> Response:
        if not self._strikes(operation_of(request)):
            return proceed()
        self.strikes += 1
        if self.fault.kind is Kind.CUT_AFTER:
            return replace(proceed(), cut=True)
        return _ANSWERS[self.fault.kind]

    def _strikes(self, operation: Operation | None) -> bool:
        fault = self.fault
        if fault.operation not in {None, operation} or self.strikes == fault.times:
            return False
        self.seen[fault.operation] += 1
        return self.seen[fault.operation] >= fault.occurrence
