"""What a person asks to have reverted: a commit, a pull request, or a range of commits."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias
from urllib.parse import urlsplit

from rollback._text import quoted
from rollback.errors import RollbackError

if TYPE_CHECKING:
    from rollback.environment import Repository

_NUMBER: Final = re.compile(r"#([1-9][0-9]{0,8})")
_ADDRESS: Final = re.compile(r"/([^/]+/[^/]+)/pull/([1-9][0-9]{0,8})(?:/[a-z]*)?/?")
_OBJECT_NAME: Final = re.compile(r"[0-9a-fA-F]{4,64}")


@dataclass(frozen=True, slots=True)
class NamedCommit:
    """A commit, by its whole or short object name."""

    name: str

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class NamedPullRequest:
    """A pull request of the environment's repository."""

    number: int

    def __str__(self) -> str:
        return f"#{self.number}"


@dataclass(frozen=True, slots=True)
class NamedRange:
    """The commits after `after` up to `last`, as git's ``after..last`` has it."""

    after: str
    last: str

    def __str__(self) -> str:
        return f"{self.after}..{self.last}"


Change: TypeAlias = NamedCommit | NamedPullRequest | NamedRange


def parse(text: str, repository: Repository) -> Change:
    """Read ``3f2a91c``, ``#12``, the address of a pull request, or ``3f2a91c..9b1d0e2``.

    Names that can move (a branch, a tag, HEAD) are not taken: what is reverted must be the same tomorrow.

    Raises:
        RollbackError: it is none of these, or a pull request of another repository.
    """
    wanted = text.strip()
    if match := _NUMBER.fullmatch(wanted):
        return NamedPullRequest(int(match[1]))
    if "://" in wanted:
        return _by_address(wanted, repository)
    first, dots, last = wanted.partition("..")
    if dots and _OBJECT_NAME.fullmatch(first) and _OBJECT_NAME.fullmatch(last):
        return NamedRange(first.lower(), last.lower())
    if _OBJECT_NAME.fullmatch(wanted):
        return NamedCommit(wanted.lower())
    raise RollbackError(
        f"{quoted(text)} names no commit that can be reverted; a branch, a tag or HEAD may mean another one tomorrow.",
        remedy='Give the commit\'s object name ("3f2a91c"), a pull request ("#12") or a range ("3f2a91c..9b1d0e2").',
    )


def web_host(repository: Repository) -> str:
    """Where people read the repository, by where its API answers (GitHub Enterprise Server: the same host)."""
    host = (urlsplit(repository.api).hostname or "").lower()
    return "github.com" if host == "api.github.com" else host


def _by_address(text: str, repository: Repository) -> Change:
    try:
        parts = urlsplit(text)
        host = (parts.hostname or "").lower()
    except ValueError:
        host, path = "", ""
    else:
        path = parts.path
    match = _ADDRESS.fullmatch(path)
    if match is None:
        raise RollbackError(
            f"{quoted(text)} is not the address of a pull request.",
            remedy=f'Give one as "https://{web_host(repository)}/{repository.name}/pull/12", or just "#12".',
        )
    if (host, match[1].lower()) != (web_host(repository), repository.name.lower()):
        raise RollbackError(
            f"Pull request {match[2]} is one of {quoted(f'{host}/{match[1]}')}, "
            f"and this environment is deployed from {repository.name}.",
            remedy=f"Name a pull request of {repository.name}.",
        )
    return NamedPullRequest(int(match[2]))
