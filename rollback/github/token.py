"""The token for GitHub's API, which shows itself nowhere and goes nowhere else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from requests.auth import AuthBase

from rollback.github.places import within

if TYPE_CHECKING:
    import requests

HIDDEN: Final = "***"


class Token(AuthBase):
    """A token that is seen in no repr and no `vars`. As the auth of a request it signs it, at the API only.

    It is the auth of all requests, also where there is no token: without an auth, requests would look for a
    password in ``~/.netrc`` and send that.

    Args:
        text: the token; empty where there is none.
        api: the base URL of what it is for.
    """

    __slots__ = ("_api", "_text")  # a slot isn't in `vars`

    def __init__(self, text: str, api: str) -> None:
        self._text = text.strip()
        self._api = api

    def __repr__(self) -> str:
        return HIDDEN

    @property
    def present(self) -> bool:
        """Whether there is one. It is no `__bool__`: requests looks for a password in place of a false auth."""
        return bool(self._text)

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Sign `request`, if there is a token and the request really goes to the API."""
        if self._text and within(self._api, request.url or ""):
            request.headers["Authorization"] = f"Bearer {self._text}"
        return request

    @property
    def sendable(self) -> bool:
        """Whether it can be the value of a header at all."""
        return self._text.isascii() and self._text.isprintable() and " " not in self._text

    def hidden_in(self, text: str) -> str:
        """`text` without the token, should it be there."""
        return text.replace(self._text, HIDDEN) if self._text else text
