"""Where everything is, and what GitHub calls it."""

from __future__ import annotations

import base64
import functools
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True)
class Place:
    """The addresses of a repository.

    Attributes:
        name: ``owner/name``.
        api: the base URL of the REST API, without a slash at its end.
        web: the base URL of the pages for people, without a slash at its end.
    """

    name: str
    api: str
    web: str

    @functools.cached_property
    def owner(self) -> str:
        """Whose it is."""
        return self.name.partition("/")[0]

    @functools.cached_property
    def short_name(self) -> str:
        """What it is called there."""
        return self.name.partition("/")[2]

    @functools.cached_property
    def id(self) -> int:
        """Its number."""
        return number_of(self.name)

    @functools.cached_property
    def url(self) -> str:
        """Its own address in the API."""
        return f"{self.api}/repos/{self.name}"

    @functools.cached_property
    def html(self) -> str:
        """Its page for people."""
        return f"{self.web}/{self.name}"

    def branch(self, name: str) -> str:
        """The address of a branch in the API."""
        return f"{self.url}/branches/{quote(name, safe='/')}"


def number_of(text: str) -> int:
    """A number that stands for `text`, the same in each rehearsal."""
    return 100_000_000 + zlib.crc32(text.encode()) % 900_000_000


def node_id(prefix: str, number: int) -> str:
    """A global node id, opaque as GitHub's are."""
    return f"{prefix}_{base64.urlsafe_b64encode(number.to_bytes(8, 'big')).decode().rstrip('=')}"


def stamp(moment: datetime) -> str:
    """A moment as GitHub writes it: UTC, to the second."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def stamp_or_none(moment: datetime | None) -> str | None:
    """A moment as GitHub writes it, if there is one."""
    return stamp(moment) if moment else None
