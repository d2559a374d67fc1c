"""GitHub's own OpenAPI description, through the client that githubkit generates from it."""

from __future__ import annotations

import functools
import importlib
import inspect
import json
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx
from pydantic import TypeAdapter

from rehearsal.origin.github.api import VERSION
from rehearsal.origin.github.routes import REPOSITORY, ROUTES
from rehearsal.origin.wire import Request
from tests.stage.origin.github_house import API, OCTAVIA, key

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rehearsal.origin.github.api import Api

AREAS = ("actions", "pulls", "repos", "rate_limit")
ENDPOINTS = {(route.method, REPOSITORY + route.template): route.docs for route in ROUTES} | {
    ("GET", "/rate_limit"): "https://docs.github.com/rest/rate-limit/rate-limit"
    "#get-rate-limit-status-for-the-authenticated-user"
}
"""What our API answers, and where GitHub documents it."""
UNDESCRIBED_OF_ERRORS = {".status"}
"""GitHub sends the status in the body of every error; its description says so of the basic ones only."""

# githubkit has a model for everything at GitHub; only what is asked for here should be read by mypy.
githubkit: Any = importlib.import_module("githubkit")


class Client:
    """The client that GitHub's description describes, speaking to our API and to nothing else."""

    def __init__(self, api: Api, *, who: str = OCTAVIA, base_url: str = API) -> None:
        self._api = api
        self._github = githubkit.GitHub(
            key(who) or None,
            base_url=base_url,
            transport=httpx.MockTransport(self._send),
            auto_retry=False,
            http_cache=False,
            follow_redirects=False,
        )
        self.rest = self._github.rest(VERSION)

    def call(self, method: str, path: str, *args: object, **parameters: object) -> Any:
        """What the endpoint of that method and path template answers; an error is an answer as well."""
        area, name, _ = methods()[method, path]
        try:
            return getattr(getattr(self.rest, area), name)(*args, **parameters)
        except githubkit.exception.RequestFailed as error:
            return error.response

    def _send(self, request: httpx.Request) -> httpx.Response:
        parts = urlsplit(str(request.url))
        response = self._api.respond(
            Request(
                method=request.method,
                host=parts.hostname or "",
                path=parts.path,
                query=parts.query,
                headers=dict(request.headers),
                body=request.content,
            )
        )
        return httpx.Response(response.status, headers=dict(response.headers), content=response.body)


@functools.cache
def methods() -> dict[tuple[str, str], tuple[str, str, str]]:
    """Area, name and documentation of the client's method, by HTTP method and path template."""
    github = githubkit.GitHub("unused")
    rest = github.rest(VERSION)
    found: dict[tuple[str, str], tuple[str, str, str]] = {}
    for area in AREAS:
        for name, function in inspect.getmembers(type(getattr(rest, area)), inspect.isfunction):
            words = function.__doc__ or ""
            described = re.search(r"^\s*([A-Z]+) (/\S+)$", words, re.MULTILINE)
            docs = re.search(r"See also: (\S+)", words)
            if described and docs and not name.startswith("async_"):
                found[described[1], described[2]] = (area, name, docs[1])
    return found


def check(response: Any) -> None:
    """See that a body is exactly what the description says for that endpoint and status.

    Nothing that is required is missing, everything has its very type, and nothing is there that the
    description doesn't know. An error for which it names no model is one of its basic errors.
    """
    raw = response._response.content
    model = response._data_model
    failed = response.status_code >= 400
    if failed and model is Any:
        model = models().BasicError
    assert model is not Any, f"the description says nothing of {response.url}"
    adapter = TypeAdapter(model)
    kept = adapter.dump_python(adapter.validate_json(raw, strict=True), by_alias=True, exclude_unset=True)
    invented = set(unknown(json.loads(raw), kept)) - (UNDESCRIBED_OF_ERRORS if failed else set())
    assert not invented, f"the description of {response.url} doesn't know {', '.join(sorted(invented))}"


@functools.cache
def models() -> Any:
    """All models of the version that our API tells."""
    return importlib.import_module(f"githubkit_schemas.v{VERSION.replace('-', '_')}.models")


def unknown(sent: Any, kept: Any, place: str = "") -> Iterator[str]:
    """The fields of `sent` that a model dropped."""
    if isinstance(sent, dict):
        for name in sent:
            if name in kept:
                yield from unknown(sent[name], kept[name], f"{place}.{name}")
            else:
                yield f"{place}.{name}"
    elif isinstance(sent, list):
        for number, (one, other) in enumerate(zip(sent, kept, strict=True)):
            yield from unknown(one, other, f"{place}[{number}]")
