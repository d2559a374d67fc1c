"""Commits, read from git's own objects, so that no setting of a person changes what is read."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from rollback.git.errors import CopyDamaged
from rollback.git.model import Commit

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rollback.git.run import Git

_PERSON: Final = re.compile(rb"(?P<name>.*?) ?<(?P<email>[^<>]*)> ?(?P<at>-?[0-9]+)?")
_HEADER: Final = re.compile(rb"(?P<name>[0-9a-f]{40,64}) (?P<kind>[a-z]+) (?P<size>[0-9]+)")
_LATEST: Final = 253402300799  # the last second of the year 9999
EMPTY_TREES: Final = {
    40: "4b825dc642cb6eb9a060e54bf8d69288fbee4904",
    64: "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321",
}
"""The tree without a file, by the length of an object name; every repository has it."""


class Commits:
    """The commits of a repository, each read once."""

    __slots__ = ("_git", "_known")

    def __init__(self, git: Git, known: Iterable[Commit]) -> None:
        self._git = git
        self._known = {commit.sha: commit for commit in known}

    def get(self, sha: str) -> Commit:
        """The commit of that whole name, which must be there."""
        return self.all((sha,))[0]

    def all(self, shas: Sequence[str]) -> tuple[Commit, ...]:
        """The commits of these whole names, in that order, which must be there.

        Raises:
            CopyDamaged: one isn't, or is no commit.
        """
        if new := [sha for sha in dict.fromkeys(shas) if sha not in self._known]:
            for sha, kind, content in self.objects(new):
                if kind != "commit":
                    raise CopyDamaged(
                        f"The copy of the repository is damaged: the commit {sha[:10]} is {kind or 'missing'}.",
                        remedy="Start again: it is made anew then.",
                    )
                self._known[sha] = parsed(sha, content)
        return tuple(self._known[sha] for sha in shas)

    def kinds(self, shas: Sequence[str]) -> list[tuple[str, str]]:
        """Name and kind of each of these that is there."""
        asked = "".join(f"{sha}\n" for sha in shas).encode()
        answer = self._git.run("cat-file", "--batch-check=%(objectname) %(objecttype)", stdin=asked).text
        told = (line.split(" ") for line in answer.splitlines())
        return [(sha, kind) for sha, kind in told if kind != "missing"]

    def preload(self, sha: str) -> str:
        """Read the commit of that whole name together with its first parent, and say what kind of object it is."""
        for name, kind, content in self.objects((sha, f"{sha}^")):
            if kind == "commit":
                self._known[name] = parsed(name, content)
            if name == sha and kind != "commit":
                return kind
        return "commit"

    def objects(self, expressions: Iterable[str]) -> list[tuple[str, str, bytes]]:
        """Name, kind and content of each of these; the kind is empty where there is no such object.

        Args:
            expressions: object names, or what git makes one of, as ``<tree>:<path>``; without line breaks.
        """
        asked = list(expressions)
        lines = "".join(f"{each}\n" for each in asked).encode(errors="surrogateescape")
        answer = self._git.run("cat-file", "--batch", stdin=lines).stdout
        found, at = [], 0
        for each in asked:
            end = answer.index(b"\n", at)
            told = _HEADER.fullmatch(answer[at:end])
            at = end + 1
            if not told:
                found.append((each, "", b""))
                continue
            content = answer[at : at + int(told["size"])]
            found.append((told["name"].decode(), told["kind"].decode(), content))
            at += len(content) + 1
        return found


def parsed(sha: str, content: bytes) -> Commit:
    """A commit object (gitformat: headers, an empty line, the message), whatever its encoding."""
    head, _, message = content.partition(b"\n\n")
    # A line that begins with a space goes on with a signature: its key is empty.
    headers = [
        (key.decode(errors="replace"), value)
        for key, _, value in (line.partition(b" ") for line in head.split(b"\n"))
    ]
    first = dict(headers)
    encoding = first.get("encoding", b"utf-8").decode(errors="replace")
    author = _PERSON.match(first.get("author", b""))
    committer = _PERSON.match(first.get("committer", b""))
    seconds = int(committer["at"] or 0) if committer else 0
    return Commit(
        sha=sha,
        parents=tuple(value.decode() for key, value in headers if key == "parent"),
        tree=first["tree"].decode(),
        author=_text(author["name"], encoding) if author else "",
        at=datetime.fromtimestamp(min(max(seconds, 0), _LATEST), UTC),
        message=_text(message, encoding).strip("\n"),
    )


def _text(content: bytes, encoding: str) -> str:
    """What it says; what can't be read is replaced."""
    try:
        return content.decode(encoding)
    except (LookupError, UnicodeError):
        return content.decode(errors="replace")


def names(output: bytes) -> tuple[str, ...]:
    """The file names of a command's ``-z`` output; a byte that isn't UTF-8 becomes half a character (PEP 383)."""
    return tuple(name.decode(errors="surrogateescape") for name in output.split(b"\0") if name)
