"""GitHub's REST API for one repository, answered from its store, as of the version 2022-11-28."""

from __future__ import annotations

import base64
import binascii
import functools
import hashlib
import itertools
import json
from http import HTTPStatus
from typing import TYPE_CHECKING, Final, Protocol, TypeAlias
from urllib.parse import parse_qsl, unquote, urlsplit

from rehearsal.origin.github.asking import Answer, Ask, Refused, not_found
from rehearsal.origin.github.endpoints.house import House
from rehearsal.origin.github.limits import Limits
from rehearsal.origin.github.logs import Logs
from rehearsal.origin.github.reading import GitReader
from rehearsal.origin.github.rendering.place import Place
from rehearsal.origin.github.routes import DOCUMENTATION, find
from rehearsal.origin.github.store import Permission
from rehearsal.origin.wire import Response

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from rehearsal.clock import VirtualClock
    from rehearsal.origin.github.endpoints.house import Merger
    from rehearsal.origin.github.limits import Allowance
    from rehearsal.origin.github.store import Pull, Store
    from rehearsal.origin.wire import Request

VERSION: Final = "2022-11-28"
"""The version of the API that is told; its next one no longer names the merge commit of a pull request."""
LOGS: Final = "https://productionresultssa0.blob.core.windows.net"
"""The host to which github.com redirects for a job's log."""
SCOPES: Final = "repo, workflow"
_FINE_GRAINED: Final = "github_pat_"
"""What a fine-grained personal access token begins with."""

Interceptor: TypeAlias = "Callable[[Request, Callable[[], Response]], Response]"
"""Stands before the API: passes a request on, answers it itself, or spoils the answer."""


class Repository(Protocol):
    """The bare repository that GitHub keeps."""

    @property
    def path(self) -> Path:
        """Where it is."""
        ...


def _nobody(_: Pull) -> None:
    """Nobody wants to know of a new pull request."""


def _no_merge(pull: Pull, by: str, *, how: str) -> str:
    del pull, by, how
    raise Refused(HTTPStatus.METHOD_NOT_ALLOWED, "Pull Request is not mergeable")


class Api:
    """GitHub's REST API for the repository of `store`, and the blob store of its logs.

    Args:
        store: what it tells.
        clock: by which allowances and log URLs expire. Its lock is held while the API answers.
        api: the base URL; that of an Enterprise server has a path.
        web: the base URL of the pages for people.
        tokens: whose a token is: the login by token.
        bare: the repository itself.
        logs: the base URL of the blob store.
        opened: told of each pull request that was opened here.
        merged: merges a pull request in the repository; without it none can be merged.

    Attributes:
        hosts: where it answers, in lower case: its own host, and the blob store's.
        interceptors: what stands before it, the first outermost.
        limits: how many requests everybody has left.
    """

    def __init__(
        self,
        store: Store,
        clock: VirtualClock,
        *,
        api: str,
        web: str,
        tokens: Mapping[str, str],
        bare: Repository,
        logs: str = LOGS,
        opened: Callable[[Pull], None] = _nobody,
        merged: Merger = _no_merge,
    ) -> None:
        parts = urlsplit(api)
        self.limits = Limits(clock)
        self.interceptors: list[Interceptor] = []
        self._clock = clock
        self._root = parts.path
        self._tokens = tokens
        self._logs = Logs(store, clock, logs)
        self.hosts = frozenset({(parts.hostname or "").lower(), self._logs.host})
        self._house = House(
            store=store,
            clock=clock,
            reader=GitReader(bare.path),
            place=Place(name=store.name, api=api, web=web),
            logs=self._logs,
            opened=opened,
            merged=merged,
            tried=set(),
        )
        self._requests = itertools.count(1)

    def respond(self, request: Request) -> Response:
        """Answer `request`, which is meant for one of `hosts`."""

        def proceed(depth: int = 0) -> Response:
            if depth == len(self.interceptors):
                return self._logs.respond(request) if self._logs.has(request) else self._respond(request)
            return self.interceptors[depth](request, functools.partial(proceed, depth + 1))

        with self._clock.lock:
            return proceed()

    def within(self, request: Request) -> str | None:
        """The path of `request` after the repository; None where it isn't about this repository.

        GitHub's own links name the repository by its number.
        """
        path = self._path(request)
        if path is None:
            return None
        place = self._house.place
        kind, _, rest = path[1:].partition("/")
        if kind == "repositories":
            number, slash, rest = rest.partition("/")
            return slash + rest if number == str(place.id) else None
        if kind != "repos":
            return None
        parts = rest.split("/", 2)
        if unquote("/".join(parts[:2])).lower() != place.name.lower():
            return None
        return f"/{parts[2]}" if len(parts) > 2 else ""  # noqa: PLR2004 - owner, name, and what follows

    def fail(self, request: Request, refusal: Refused) -> Response:
        """The answer to `request` that refuses it, whatever the endpoint would have said."""
        path = self.within(request)
        match = find(request.method, path) if path is not None else None
        return self._finish(
            request,
            self._login(request) or "",
            _refusal(refusal, match.route.docs if match else DOCUMENTATION),
        )

    def exhaust(self, request: Request) -> None:
        """Have whoever sends `request` find the allowance of their account used up."""
        self.limits.exhaust(self._login(request) or "")

    def _respond(self, request: Request) -> Response:
        try:
            login = self._admit(request)
            if self._path(request) == "/rate_limit":
                return self._finish(request, login, Answer(payload=_rates(self.limits.of(login))), free=True)
            self.limits.require(login)
        except Refused as refusal:
            refused = _refusal(refusal, DOCUMENTATION)
            return self._finish(request, self._login(request) or "", refused, free=True)
        return self._finish(request, login, self._answer(request, login))

    def _admit(self, request: Request) -> str:
        """See that `request` can be answered; returns who asks, empty without a token."""
        if not request.headers.get("user-agent"):
            raise Refused(
                HTTPStatus.FORBIDDEN,
                "Request forbidden by administrative rules. "
                "Please make sure your request has a User-Agent header.",
            )
        login = self._login(request)
        if login is None:
            raise Refused(HTTPStatus.UNAUTHORIZED, "Bad credentials")
        if request.headers.get("x-github-api-version", VERSION) != VERSION:
            raise Refused(
                HTTPStatus.BAD_REQUEST,
                "The X-GitHub-Api-Version header is not one that is supported.",
                docs=f"{DOCUMENTATION}/about-the-rest-api/api-versions",
            )
        return login

    def _answer(self, request: Request, login: str) -> Answer:
        path = self.within(request)
        match = find(request.method, path) if path is not None else None
        store = self._house.store
        if match is None or (store.private and not login):
            return _refusal(not_found(), match.route.docs if match else DOCUMENTATION)
        ask = Ask(
            login=login,
            permission=store.permission(login) if login else Permission.READ,
            fine_grained=self._token(request).startswith(_FINE_GRAINED),
            parameters=match.parameters,
            query=dict(parse_qsl(request.query)),
            body=request.body,
            address=f"{self._house.place.api}/repositories/{self._house.place.id}{path}",
        )
        try:
            return match.route.answer(self._house, ask)
        except Refused as refusal:
            return _refusal(refusal, match.route.docs)

    def _path(self, request: Request) -> str | None:
        """The path below the base URL; None elsewhere."""
        if not request.path.startswith(f"{self._root}/"):
            return None
        return request.path.removeprefix(self._root)

    def _finish(self, request: Request, login: str, answer: Answer, *, free: bool = False) -> Response:
        """The answer with what every answer of GitHub carries; one that says "not modified" is free."""
        body = b"" if answer.payload is None else json.dumps(answer.payload, separators=(",", ":")).encode()
        headers = {"X-GitHub-Media-Type": "github.v3; format=json", **answer.headers}
        status = answer.status
        if body:
            headers["Content-Type"] = "application/json; charset=utf-8"
        if status == HTTPStatus.OK and request.method == "GET" and not free:
            headers |= {"Cache-Control": "private, max-age=60, s-maxage=60"} if login else _PUBLIC
            tag = headers["ETag"] = f'W/"{hashlib.sha256(body).hexdigest()}"'
            if _matches(request.headers.get("if-none-match", ""), tag):
                status, body, free = HTTPStatus.NOT_MODIFIED, b"", True
                del headers["Content-Type"]
        if not free:
            self.limits.spend(login)
        if login and not self._token(request).startswith(_FINE_GRAINED):
            headers |= {"X-OAuth-Scopes": SCOPES, "X-Accepted-OAuth-Scopes": ""}
        return Response(
            status=status,
            body=body,
            headers={
                **headers,
                **self.limits.of(login).headers(),
                "Vary": "Accept, Authorization, Cookie, X-GitHub-OTP, Accept-Encoding, X-Requested-With",
                "X-GitHub-Api-Version-Selected": VERSION,
                "X-GitHub-Request-Id": f"C0DE:1A2B:{next(self._requests):06X}:0:0",
            },
        )

    def _login(self, request: Request) -> str | None:
        """Who asks; empty without a token, None with a wrong one."""
        if not request.headers.get("authorization"):
            return ""
        return self._tokens.get(self._token(request))

    def _token(self, request: Request) -> str:
        """The token, given as such or as the password or the user of basic authentication."""
        scheme, _, value = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() in {"bearer", "token"}:
            return value.strip()
        if scheme.lower() != "basic":
            return ""
        try:
            user, _, password = base64.b64decode(value).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return ""
        return password if password in self._tokens else user


_PUBLIC: Final = {"Cache-Control": "public, max-age=60, s-maxage=60"}


def _refusal(refusal: Refused, docs: str) -> Answer:
    return Answer(payload=refusal.render(docs), status=refusal.status, headers=refusal.headers)


def _matches(condition: str, tag: str) -> bool:
    """Whether one of the tags of ``If-None-Match`` is `tag`; weak ones are compared as strong ones are."""
    tags = (part.strip().removeprefix("W/") for part in condition.split(","))
    return tag.removeprefix("W/") in tags


def _rates(allowance: Allowance) -> dict[str, object]:
    core = allowance.render()
    search = {"limit": 30, "used": 0, "remaining": 30, "reset": allowance.reset}
    return {"resources": {"core": core, "search": search}, "rate": core}
