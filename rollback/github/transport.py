"""One request to GitHub, and what it takes to get its answer: time limits, retries, pages, redirects."""

from __future__ import annotations

from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from requests.utils import parse_header_links
from urllib3.exceptions import HTTPError

from rollback._text import printable
from rollback.github.errors import (
    Asked,
    GitHubError,
    Unauthorized,
    gave_up,
    refused,
    said_in,
    unexpected,
)
from rollback.github.places import as_safe, joined, within
from rollback.github.retrying import PAUSES, Trouble, answered, pause, unanswered
from rollback.github.token import Token
from rollback.http import GuardedSession, without_secrets
from rollback.journal import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import requests

    from rollback.clock import Clock
    from rollback.http import RequestGuard
    from rollback.journal import Journal

TIMEOUT: Final = (5.0, 20.0)
"""Seconds to connect, and between two pieces of an answer."""

VERSION: Final = "2022-11-28"
"""The version of the API. The next one, 2026-03-10, no longer tells a pull request's merge commit."""

REDIRECTS: Final = 5
PAGES: Final = 20
"""More pages than these, of 100 each, are not what a rollback looks for."""

REMEMBERED: Final = 64
"""So many answers are kept, to be asked for again by their ETag, which GitHub doesn't count."""

TAIL_BYTES: Final = 65536
_MOVED: Final = frozenset({301, 302, 303, 307, 308})
_CHUNK: Final = 16384


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back.

    Attributes:
        status: the HTTP status.
        body: as it came.
        following: the URL of the next page; empty on the last.
        etag: what GitHub calls this state of it; empty where it doesn't.
    """

    status: int
    body: bytes
    following: str = ""
    etag: str = ""


@dataclass(frozen=True, slots=True)
class _Call:
    """A request that is about to go out, perhaps more than once."""

    method: str
    url: str
    asked: Asked
    json: Mapping[str, object] | None = None
    tail: bool = False

    @property
    def mutating(self) -> bool:
        return self.method != "GET"


class Transport:
    """Requests to the API of one GitHub.

    A read is repeated after 5xx, rate limits, cut connections and time limits, with pauses on the clock, as
    `rollback.github.retrying` has them. What changes something is repeated only where it can't have been done.

    Args:
        http: the session, whose door is watched.
        api: the base URL, without a slash at its end.
        token: for the API; it goes nowhere else.
        variable: the environment variable that the token comes from.
        clock: what it waits by.
        journal: for its decisions to wait.
    """

    def __init__(
        self, http: requests.Session, *, api: str, token: str, variable: str, clock: Clock, journal: Journal
    ) -> None:
        self._http = http
        self._api = api
        self._token = Token(token, api)
        self._variable = variable
        self._clock = clock
        self._journal = journal
        self._retries = len(PAUSES)
        self._remembered: dict[str, Answer] = {}

    @property
    def signed_in(self) -> bool:
        """Whether there is a token."""
        return self._token.present

    def hidden_in(self, text: str) -> str:
        """`text` without the token, should it be there."""
        return self._token.hidden_in(text)

    def guarded(self, guard: RequestGuard) -> Transport:
        """The same, with `guard` before each request."""
        guarded = copy(self)
        guarded._http = GuardedSession(self._http, guard)  # noqa: SLF001 - its own copy
        return guarded

    @contextmanager
    def tried_once(self) -> Iterator[None]:
        """Within this block requests are not repeated: for a loop that comes back by itself."""
        before, self._retries = self._retries, 0
        try:
            yield
        finally:
            self._retries = before

    def asked(self, what: str, needs: str, *, about: str = "") -> Asked:
        """What a request is about, for its sentences."""
        return Asked(what=what, needs=needs, variable=self._variable, signed_in=self.signed_in, about=about)

    def get(self, path: str, asked: Asked, **query: str | int) -> Answer:
        """The answer to a GET of `path`, which begins with a slash.

        Raises:
            GitHubError: there is none, or it is a refusal.
        """
        return self._got(self._url(path, query), asked)

    def pages(self, path: str, asked: Asked, **query: str | int) -> Iterator[Answer]:
        """The pages of a list, of 100 entries each.

        Raises:
            GitHubError: as for `get`; also for pages without end, and for one elsewhere than the first.
        """
        url = self._url(path, {**query, "per_page": 100})
        for _ in range(PAGES):
            answer = self._got(url, asked)
            yield answer
            if not answer.following:
                return
            url = answer.following
            if not within(self._api, url):
                raise unexpected(
                    asked, answer.status, "its next page is at another host, where the token isn't sent"
                )
        raise unexpected(asked, HTTPStatus.OK, f"it has more than {PAGES} pages")

    def post(self, path: str, asked: Asked, body: Mapping[str, object]) -> Answer:
        """The answer to a POST of `body` to `path`.

        Raises:
            Unavailable: with `sent` it may have been done all the same: look before you ask again.
            GitHubError: it was refused.
        """
        call = _Call("POST", self._url(path, {}), asked, body)
        response = self._settled(call)
        if response.status_code in _MOVED:
            raise self._moved(call, response)
        return _read(response, call.url)

    def tail(self, path: str, asked: Asked) -> bytes:
        """The end of a file that may be large, and that GitHub may keep elsewhere.

        Raises:
            GitHubError: as for `get`.
        """
        return self._followed(_Call("GET", self._url(path, {}), asked, tail=True))[0].content

    def _url(self, path: str, query: Mapping[str, str | int]) -> str:
        return f"{self._api}{path}" + (f"?{urlencode(query)}" if query else "")

    def _got(self, url: str, asked: Asked) -> Answer:
        response, last = self._followed(_Call("GET", url, asked))
        known = self._remembered.pop(last, None)
        answer = known if response.status_code == HTTPStatus.NOT_MODIFIED and known else _read(response, last)
        if answer.etag:
            while len(self._remembered) >= REMEMBERED:
                self._remembered.pop(next(iter(self._remembered)))
            self._remembered[last] = answer
        return answer

    def _followed(self, call: _Call) -> tuple[requests.Response, str]:
        """The answer at the end of the redirects, and where that was."""
        for _ in range(REDIRECTS):
            response = self._settled(call)
            if response.status_code not in _MOVED:
                return response, call.url
            target = joined(call.url, response.headers.get("Location", ""))
            if not within(self._api, target) and not (call.tail and as_safe(self._api, target)):
                raise self._moved(call, response)
            call = _Call(call.method, target, call.asked, tail=call.tail)
        raise unexpected(call.asked, HTTPStatus.FOUND, "it redirects without end")

    def _moved(self, call: _Call, response: requests.Response) -> GitHubError:
        target = joined(call.url, response.headers.get("Location", ""))
        where = printable(self.hidden_in(without_secrets(target))) or "nowhere"
        return unexpected(call.asked, response.status_code, f"it redirects to {where}, where nothing is sent")

    def _settled(self, call: _Call) -> requests.Response:
        """The answer to one request, repeated as need be; a redirect and 304 are answers.

        Raises:
            GitHubError: it is a refusal, or there is none.
        """
        if not self._token.sendable:
            raise Unauthorized(
                f"What {self._variable} holds can't be a token: it has spaces or other characters that none has.",
                status=0,
                remedy=f"Set {self._variable} again, to the token alone.",
            )
        waited = 0.0
        for attempt in range(len(PAUSES) + 1):
            outcome = self._once(call)
            if isinstance(outcome, Trouble):
                trouble = outcome
            else:
                said = self.hidden_in(said_in(outcome.content)) if not outcome.ok else ""
                found = answered(outcome.status_code, outcome.headers, said, self._clock.now())
                if found is None:
                    if not outcome.ok:
                        raise refused(call.asked, outcome.status_code, said, outcome.headers)
                    return outcome
                trouble = found
            seconds = pause(trouble, attempt, waited, retries=self._retries, mutating=call.mutating)
            if seconds is None:
                raise gave_up(call.asked, trouble, self._clock.now())
            self._wait(call.asked, trouble, seconds)
            waited += seconds
        raise AssertionError  # the last attempt has no pause

    def _wait(self, asked: Asked, trouble: Trouble, seconds: float) -> None:
        kind = Kind.DECISION if trouble.asked_seconds else Kind.OBSERVATION
        self._journal.record(
            kind, f"GitHub did not give {asked.what} ({trouble.reason}); trying again in {seconds:.0f} s."
        )
        self._clock.sleep(seconds)

    def _once(self, call: _Call) -> requests.Response | Trouble:
        """Send the request once. No exception of requests' leaves: they hold the request, and it the token."""
        headers = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": VERSION}
        known = self._remembered.get(call.url)
        if known is not None:
            headers["If-None-Match"] = known.etag
        try:
            response = self._http.request(
                call.method,
                call.url,
                headers=headers,
                json=call.json,
                auth=self._token,
                timeout=TIMEOUT,
                allow_redirects=False,
                stream=call.tail,
            )
            if call.tail:
                _keep_tail(response)
        # A requests.RequestException is an OSError; a redirect that can't be read is a ValueError, followed or not.
        except (OSError, HTTPError, ValueError) as error:
            return unanswered(error)
        return response


def _read(response: requests.Response, url: str) -> Answer:
    links = parse_header_links(response.headers.get("Link", ""))
    following = next((link["url"] for link in links if link.get("rel") == "next"), "")
    return Answer(
        response.status_code,
        response.content,
        joined(url, following) or following,
        response.headers.get("ETag", ""),
    )


def _keep_tail(response: requests.Response) -> None:
    """Read it all, keep the end."""
    kept = b""
    with response:
        for chunk in response.iter_content(_CHUNK):
            kept = (kept + chunk)[-TAIL_BYTES:]
    response._content = kept  # noqa: SLF001 - so that it is a response like any other
