"""Making GitHub misbehave, from outside: a client can't tell it from the real thing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from fnmatch import fnmatchcase
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from rehearsal.origin.github.asking import Problem, Refused
from rehearsal.origin.wire import Response

if TYPE_CHECKING:
    from collections.abc import Callable

    from rehearsal.origin.github.api import Api
    from rehearsal.origin.wire import Request

_SECONDARY_DOCS: Final = (
    "https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits"
)
_HTML: Final = {"Content-Type": "text/html; charset=utf-8"}


class Kind(StrEnum):
    """What happens to a request."""

    BAD_CREDENTIALS = "bad credentials"
    NOT_ACCESSIBLE = "the token lacks the permission"
    NOT_FOUND = "not found"
    UNPROCESSABLE = "unprocessable"
    TOO_MANY_REQUESTS = "too many requests"
    SECONDARY_LIMIT = "secondary rate limit"
    PRIMARY_LIMIT = "primary rate limit used up"
    SERVER_ERROR = "internal server error"
    BAD_GATEWAY = "bad gateway"
    CUT_BEFORE = "connection cut before the effect"
    CUT_AFTER = "connection cut after the effect"
    HTML = "a page instead of JSON"
    OTHER_SHAPE = "JSON of another shape"
    TRUNCATED = "truncated JSON"


_SIGN_IN: Final = (
    b"<!DOCTYPE html><html><head><title>Sign in</title></head><body>Sign in to the network</body></html>"
)
_UNICORN: Final = (
    b"<!DOCTYPE html><html><head><title>Unicorn! &middot; GitHub</title></head>"
    b"<body><p>We had issues producing the response to your request.</p></body></html>"
)
_INSTEAD: Final = {
    Kind.CUT_BEFORE: Response(status=HTTPStatus.OK, cut=True),
    Kind.HTML: Response(status=HTTPStatus.OK, body=_SIGN_IN, headers=_HTML),
    Kind.BAD_GATEWAY: Response(status=HTTPStatus.BAD_GATEWAY, body=_UNICORN, headers=_HTML),
}
"""What comes instead of GitHub's answer."""
_LIMITED: Final = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
_REFUSALS: Final = {
    Kind.BAD_CREDENTIALS: (HTTPStatus.UNAUTHORIZED, "Bad credentials", "https://docs.github.com/rest"),
    Kind.NOT_ACCESSIBLE: (HTTPStatus.FORBIDDEN, "Resource not accessible by personal access token", ""),
    Kind.NOT_FOUND: (HTTPStatus.NOT_FOUND, "Not Found", ""),
    Kind.UNPROCESSABLE: (HTTPStatus.UNPROCESSABLE_ENTITY, "Validation Failed", ""),
    Kind.TOO_MANY_REQUESTS: (HTTPStatus.TOO_MANY_REQUESTS, _LIMITED, _SECONDARY_DOCS),
    Kind.SECONDARY_LIMIT: (HTTPStatus.FORBIDDEN, _LIMITED, _SECONDARY_DOCS),
    Kind.SERVER_ERROR: (HTTPStatus.INTERNAL_SERVER_ERROR, "Server Error", ""),
}
"""What GitHub says (GitHub Docs, "Troubleshooting the REST API" and "Rate limits for the REST API")."""
_PROBLEM: Final = Problem("PullRequest", "custom", message="The request could not be processed.")
_LIMITS: Final = frozenset({Kind.TOO_MANY_REQUESTS, Kind.SECONDARY_LIMIT})
"""Those that tell the client how long to wait."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What goes wrong, where, and for how long.

    It strikes at the `occurrence`-th request that fits, counted from its injection, and from there on at
    each, until it has struck `times` times.

    Attributes:
        kind: what happens.
        method: as ``GET``; an empty string means any.
        path: the beginning of the path after the repository, as ``/actions/runs``, or, with a ``*`` in it, a
            pattern of the whole, as ``/actions/runs/*/jobs``; an empty string means any.
        occurrence: 1 for the first request that fits.
        times: how many requests it strikes at; None means for good. The primary limit is only used up once.
        retry_after: what a limit tells the client to wait, in seconds.
    """

    kind: Kind
    method: str = ""
    path: str = ""
    occurrence: int = 1
    times: int | None = None
    retry_after: int = 60


def inject(api: Api, fault: Fault) -> None:
    """Have `fault` happen to the requests to `api`. Of two at one request the first that was injected strikes."""
    api.interceptors.append(_Struck(api, fault))


@dataclass(slots=True)
class _Struck:
    """A fault, how many requests fitted it, and how often it has struck."""

    api: Api
    fault: Fault
    fitting: int = 0
    strikes: int = 0

    def __call__(self, request: Request, proceed: Callable[[], Response]) -> Response:
        if not self._strikes(request):
            return proceed()
        self.strikes += 1
        return self._strike(request, proceed)

    def _strike(self, request: Request, proceed: Callable[[], Response]) -> Response:
        kind = self.fault.kind
        if kind in _INSTEAD:
            return _INSTEAD[kind]
        if kind in _REFUSALS:
            status, message, docs = _REFUSALS[kind]
            wait = {"Retry-After": str(self.fault.retry_after)} if kind in _LIMITS else {}
            problems = (_PROBLEM,) if kind is Kind.UNPROCESSABLE else ()
            return self.api.fail(request, Refused(status, message, *problems, docs=docs, headers=wait))
        if kind is Kind.PRIMARY_LIMIT:
            if self.strikes == 1:
                self.api.exhaust(request)
            return proceed()
        return _spoilt(kind, proceed())

    def _strikes(self, request: Request) -> bool:
        fault, path = self.fault, self.api.within(request)
        if path is None or fault.method not in {"", request.method} or not _fits(path, fault.path):
            return False
        self.fitting += 1
        return self.fitting >= fault.occurrence and self.strikes != fault.times


def _fits(path: str, wanted: str) -> bool:
    return fnmatchcase(path, wanted) if "*" in wanted else path.startswith(wanted)


def _spoilt(kind: Kind, answer: Response) -> Response:
    """What became of a good answer on its way."""
    match kind:
        case Kind.CUT_AFTER:
            return replace(answer, cut=True)
        case Kind.TRUNCATED:
            return replace(answer, body=answer.body[: len(answer.body) // 2])
        case _:
            return replace(answer, body=b'{"items":[{"id":"none","status":7}],"total":"many"}')
