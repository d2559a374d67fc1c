"""The token for GitHub's API, which shows itself nowhere."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from requests.auth import AuthBase

if TYPE_CHECKING:
    import requests

HIDDEN = "***"


class Token(AuthBase):
    """A token that is seen in no repr and no `vars`. As the auth of a request it signs it.

    It is the auth of unsigned requests as well: without one, requests would look for a password in
    ``~/.netrc`` and send that.
    """

    __slots__ = ("_text",)  # a slot isn't in `vars`

    def __init__(self, text: str) -> None:
        self._text = text.strip()

    def __repr__(self) -> str:
        return HIDDEN

    def __bool__(self) -> bool:
        return bool(self._text)

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Sign `request`, if there is a token."""
        if self:
            request.headers["Authorization"] = f"Bearer {self._text}"
        return request

    @property
    def sendable(self) -> bool:
        """Whether it can be the value of a header at all."""
        return self._text.isascii() and self._text.isprintable() and " " not in self._text

    def hidden_in(self, text: str) -> str:
        """`text` without the token, should it be there."""
        if not self._text:
            return text
        return text.replace(self._text, HIDDEN).replace(quote(self._text, safe=""), HIDDEN)


UNSIGNED = Token("")
