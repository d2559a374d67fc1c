"""A request as an endpoint sees it, what it answers, and how it refuses."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Generic, TypeAlias, TypeVar
from urllib.parse import urlencode

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from rehearsal.origin.github.store import Permission

JsonObject: TypeAlias = "dict[str, object]"
"""An object of the wire format."""
Item = TypeVar("Item")

MOST_PER_PAGE = 100
"""GitHub Docs, "Using pagination in the REST API"; who asks for more gets as many."""
DEFAULT_PER_PAGE = 30


@dataclass(frozen=True, slots=True)
class Problem:
    """An entry of ``errors`` in a refusal: what is wrong with which field of which resource."""

    resource: str
    code: str
    field: str = ""
    message: str = ""

    def render(self) -> JsonObject:
        """As GitHub writes it: without what there is nothing to say of."""
        told: JsonObject = {"resource": self.resource, "code": self.code}
        if self.field:
            told["field"] = self.field
        if self.message:
            told["message"] = self.message
        return told


class Refused(Exception):
    """The API refuses, in GitHub's own words.

    Attributes:
        status: the HTTP status.
        message: why.
        problems: what is wrong in detail.
        docs: the documentation that GitHub names; empty where that is the endpoint's own.
        headers: what else the answer carries.
    """

    def __init__(
        self,
        status: int,
        message: str,
        *problems: Problem,
        docs: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.problems = problems
        self.docs = docs
        self.headers = headers or {}

    def render(self, docs: str) -> JsonObject:
        """The body of the answer; `docs` is the endpoint's own documentation."""
        told: JsonObject = {"message": self.message}
        if self.problems:
            told["errors"] = [problem.render() for problem in self.problems]
        return told | {"documentation_url": self.docs or docs, "status": str(self.status)}


def not_found() -> Refused:
    """There is no such thing, or it is none of the caller's business: GitHub doesn't say which."""
    return Refused(HTTPStatus.NOT_FOUND, "Not Found")


def invalid(*problems: Problem) -> Refused:
    """What was asked for can't be."""
    return Refused(HTTPStatus.UNPROCESSABLE_ENTITY, "Validation Failed", *problems)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What an endpoint answers; `payload` becomes JSON unless it is None."""

    payload: object
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """One page of a list, and the ``Link`` header that leads to the others."""

    items: Sequence[Item]
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """A request, known to be allowed.

    Attributes:
        login: who asks; empty without a token.
        permission: what they may do with the repository.
        fine_grained: whether the token is a fine-grained one, which is told that it lacks something where a
            classic one is told that there is nothing.
        parameters: those of the path, in their order.
        query: the query's.
        body: what was sent.
        address: the URL that was asked for, as GitHub writes it in links, without its query.
    """

    login: str
    permission: Permission
    fine_grained: bool
    parameters: tuple[str, ...]
    query: Mapping[str, str]
    body: bytes
    address: str

    def require(self, needed: Permission, *, accepted: str) -> None:
        """See that the caller may do what needs `needed`.

        Raises:
            Refused: they may not; a fine-grained token is told which permission would be `accepted`.
        """
        if self.permission.covers(needed):
            return
        if self.fine_grained:
            raise Refused(
                HTTPStatus.FORBIDDEN,
                "Resource not accessible by personal access token",
                headers={"X-Accepted-GitHub-Permissions": accepted},
            )
        raise not_found()

    def number(self, at: int = 0) -> int:
        """The parameter of the path at that place, which is a number.

        Raises:
            Refused: it is none.
        """
        text = self.parameters[at]
        if not (text.isascii() and text.isdecimal()):
            raise not_found()
        return int(text)

    def page(self, items: Sequence[Item]) -> Page[Item]:
        """The page of `items` that is asked for."""
        size = min(self._count("per_page", DEFAULT_PER_PAGE), MOST_PER_PAGE)
        number = self._count("page", 1)
        last = max(1, -(-len(items) // size))
        links = []
        if number > 1:
            links.append(self._link(min(number - 1, last), "prev"))
        if number < last:
            links += [self._link(number + 1, "next"), self._link(last, "last")]
        if number > 1:
            links.append(self._link(1, "first"))
        start = (number - 1) * size
        return Page(items[start : start + size], {"Link": ", ".join(links)} if links else {})

    def json(self, rules: Mapping[str, type], required: Sequence[str]) -> Mapping[str, object]:
        """The body, whose fields are of the types that `rules` names.

        Raises:
            Refused: it is no JSON object, a field is missing, or one is of another type.
        """
        try:
            sent: object = json.loads(self.body or b"{}")
        except ValueError:
            raise Refused(HTTPStatus.BAD_REQUEST, "Problems parsing JSON") from None
        if not isinstance(sent, dict):
            raise Refused(HTTPStatus.BAD_REQUEST, "Body should be a JSON object")
        wrong = [f'"{name}" wasn\'t supplied.' for name in required if name not in sent]
        for name, kind in rules.items():
            if sent.get(name) is not None and type(sent[name]) is not kind:
                wrong.append(f"For 'properties/{name}', {json.dumps(sent[name])} is not {_KINDS[kind]}.")
        if wrong:
            raise Refused(HTTPStatus.UNPROCESSABLE_ENTITY, "Invalid request.\n\n" + "\n".join(wrong))
        return sent

    def _count(self, name: str, default: int) -> int:
        text = self.query.get(name, "")
        return int(text) if text.isascii() and text.isdecimal() and int(text) else default

    def _link(self, number: int, relation: str) -> str:
        return f'<{self.address}?{urlencode({**self.query, "page": number})}>; rel="{relation}"'


_KINDS = {str: "a string", bool: "a boolean", int: "an integer"}

Endpoint: TypeAlias = "Callable[[Ask], Answer]"
"""What answers one kind of request."""
