"""git's smart HTTP protocol on the remote repository, as gitprotocol-http(5) describes it."""

from __future__ import annotations

import re
from enum import StrEnum
from functools import partial
from http import HTTPStatus
from threading import Lock
from typing import TYPE_CHECKING, Final, TypeAlias
from urllib.parse import parse_qs

from rehearsal.origin.command import git
from rehearsal.origin.push import Push
from rehearsal.origin.wire import Request, Response

if TYPE_CHECKING:
    from collections.abc import Callable

    from rehearsal.origin.repository import Bare

Interceptor: TypeAlias = "Callable[[Request, Callable[[], Response]], Response]"
"""Stands before the repository: passes a request on with the second, or answers it itself."""

_HEADS: Final = "refs/heads/"
_NEVER_CACHED: Final = {
    "Expires": "Fri, 01 Jan 1980 00:00:00 GMT",
    "Pragma": "no-cache",
    "Cache-Control": "no-cache, max-age=0, must-revalidate",
}


class Operation(StrEnum):
    """What a git client asks for: first what there is, then to have or to give some of it."""

    LIST_TO_FETCH = "list what can be fetched"
    FETCH = "fetch"
    LIST_TO_PUSH = "list what can be pushed to"
    PUSH = "push"


_SERVICES: Final = {
    "git-upload-pack": (Operation.LIST_TO_FETCH, Operation.FETCH),
    "git-receive-pack": (Operation.LIST_TO_PUSH, Operation.PUSH),
}


def operation_of(request: Request) -> Operation | None:
    """What `request` asks for; None where it is none of git's."""
    if request.path.endswith("/info/refs"):
        if request.method != "GET":
            return None
        services = parse_qs(request.query).get("service", [])
        return _SERVICES[services[0]][0] if services and services[0] in _SERVICES else None
    service = request.path.rpartition("/")[2]
    return _SERVICES[service][1] if service in _SERVICES and request.method == "POST" else None


class GitHttp:
    """A bare repository over HTTP, for any number of clients at once; pushes are taken one after another.

    Args:
        bare: the repository.
        name: its ``owner/name``; it answers to no other.
        pushed: told of each branch that a push has moved, before the client hears of it.
        actor: the login of who pushes.

    Attributes:
        actor: as above; `rehearsal.origin.push.WORKFLOW_ACTOR` for a workflow's own token.
        interceptors: what stands before the repository, the first outermost.
    """

    def __init__(self, bare: Bare, pushed: Callable[[Push], None], *, name: str, actor: str) -> None:
        self.actor = actor
        self.interceptors: list[Interceptor] = []
        self._bare = bare
        self._prefixes = (f"/{name}.git/", f"/{name}/")
        self._pushed = pushed
        self._pushes = Lock()

    def respond(self, request: Request) -> Response:
        """Answer one request of a git client."""

        def proceed(interceptors: tuple[Interceptor, ...]) -> Response:
            if not interceptors:
                return self._answer(request)
            return interceptors[0](request, partial(proceed, interceptors[1:]))

        return proceed(tuple(self.interceptors))

    def _answer(self, request: Request) -> Response:
        if not request.path.startswith(self._prefixes):
            return refusal(HTTPStatus.NOT_FOUND, "Repository not found.")
        match operation_of(request):
            case Operation.LIST_TO_FETCH:
                return self._list("upload-pack", request)
            case Operation.FETCH:
                return self._fetch(request)
            case Operation.LIST_TO_PUSH:
                return self._list("receive-pack", request)
            case Operation.PUSH:
                return self._push(request)
            case None:
                return refusal(HTTPStatus.NOT_FOUND, "Not Found")

    def _list(self, service: str, request: Request) -> Response:
        said = self._run(service, request, "--http-backend-info-refs")
        greeting = f"# service=git-{service}\n".encode()
        if _protocol(request) != "version=2":
            said = b"%04x%s0000%s" % (len(greeting) + 4, greeting, said)
        return _result(f"application/x-git-{service}-advertisement", said)

    def _fetch(self, request: Request) -> Response:
        return _result("application/x-git-upload-pack-result", self._run("upload-pack", request))

    def _push(self, request: Request) -> Response:
        with self._pushes:
            with self._bare.lock:
                self._bare.moved()
                said = self._run("receive-pack", request)
                moved = self._bare.moved()
            # Not under the repository's lock: whoever holds the clock may be waiting for it.
            for before, after, reference in moved:
                if reference.startswith(_HEADS):
                    branch = reference.removeprefix(_HEADS)
                    self._pushed(Push(branch=branch, before=before, after=after, actor=self.actor))
        return _result("application/x-git-receive-pack-result", said)

    def _run(self, service: str, request: Request, *options: str) -> bytes:
        """What git answers; what it can't do it says in the answer, and its exit code adds nothing."""
        path = self._bare.path
        return git(
            path,
            service,
            "--stateless-rpc",
            *options,
            str(path),
            stdin=request.body,
            env={"GIT_PROTOCOL": _protocol(request)},
            fails=True,
        )


def refusal(status: HTTPStatus, sentence: str, headers: dict[str, str] | None = None) -> Response:
    """A refusal before git's own protocol begins, whose sentence a git client shows."""
    return Response(
        status=status,
        body=f"{sentence}\n".encode(),
        headers={"Content-Type": "text/plain; charset=utf-8", **(headers or {})},
    )


def _protocol(request: Request) -> str:
    """The version of the protocol that the client wants."""
    wanted = request.headers.get("git-protocol", "")
    return wanted if re.fullmatch(r"version=[0-2]", wanted) else ""


def _result(kind: str, body: bytes) -> Response:
    return Response(status=HTTPStatus.OK, body=body, headers={"Content-Type": kind, **_NEVER_CACHED})
