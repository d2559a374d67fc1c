"""What the API reads of the repository itself: branches, commits, and what lies between two of them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, Protocol

from rehearsal.origin import references
from rehearsal.origin.command import GitFailed, git
from rehearsal.origin.facts import once

if TYPE_CHECKING:
    from pathlib import Path

_EMPTY_TREE: Final = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
"""git's name of the tree without files: what a first commit is compared with."""
_PLAIN_NAME: Final = re.compile(r"[^~^:?*\[\\@{}\s.][^~^:?*\[\\@{}\s]*")
"""A name without git's own operators: GitHub takes no `main~1`."""
_FORMAT: Final = "%H%x00%T%x00%P%x00%an%x00%ae%x00%at%x00%cn%x00%ce%x00%ct%x00%B"
_STATUS: Final = {
    "A": "added",
    "D": "removed",
    "M": "modified",
    "R": "renamed",
    "C": "copied",
    "T": "changed",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """Who wrote or committed, and when, UTC."""

    name: str
    email: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """A commit of the repository."""

    sha: str
    tree: str
    parents: tuple[str, ...]
    author: Signature
    committer: Signature
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What happened to a file; `previous` is its former path where it was renamed, `blob` what it is now."""

    path: str
    status: str
    additions: int
    deletions: int
    blob: str
    previous: str = ""


class Reader(Protocol):
    """The repository, as the API reads it. Nothing of it may talk HTTP: the clock's lock is held."""

    def branches(self) -> dict[str, str]:
        """The commit of each branch."""
        ...

    def commit(self, ref: str) -> Commit | None:
        """The commit of that name, whole or short, or that a branch or a tag names; None where there is none."""
        ...

    def between(self, base: str, head: str) -> tuple[str, ...]:
        """The commits of `head` that `base` hasn't, the newest first."""
        ...

    def changes(self, before: str, after: str) -> tuple[Change, ...]:
        """What differs from one commit to another; `before` is empty for a commit without a parent."""
        ...

    def fork(self, base: str, head: str) -> str:
        """The commit where `head` left `base`; empty where they have none in common."""
        ...

    def conflicts(self, base: str, head: str) -> bool:
        """Whether `head` can't be merged to `base`."""
        ...


class GitReader:
    """A `Reader` of the bare repository at `path`. What can't change is read once."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._here: set[str] = set()

    def branches(self) -> dict[str, str]:
        """The commit of each branch."""
        found = references.branches(self._path)
        self._here.update(found.values())
        return found

    def commit(self, ref: str) -> Commit | None:
        """The commit of that name, whole or short, or that a branch or a tag names; None where there is none."""
        if ref in self._here:
            return once(("commit", ref), lambda: self._read(ref))
        if not _PLAIN_NAME.fullmatch(ref):
            return None
        try:
            found = self._read(ref)
        except GitFailed:
            return None
        self._here.add(found.sha)
        return once(("commit", found.sha), lambda: found)

    def between(self, base: str, head: str) -> tuple[str, ...]:
        """The commits of `head` that `base` hasn't, the newest first."""
        return once(("between", base, head), lambda: self._between(base, head))

    def changes(self, before: str, after: str) -> tuple[Change, ...]:
        """What differs from one commit to another; `before` is empty for a commit without a parent."""
        return once(("changes", before, after), lambda: self._changes(before, after))

    def fork(self, base: str, head: str) -> str:
        """The commit where `head` left `base`; empty where they have none in common."""
        return once(("fork", base, head), lambda: self._fork(base, head))

    def conflicts(self, base: str, head: str) -> bool:
        """Whether `head` can't be merged to `base`."""
        return once(("conflicts", base, head), lambda: self._conflicts(base, head))

    def _read(self, ref: str) -> Commit:
        shown = git(self._path, "log", "-1", f"--format={_FORMAT}", "--end-of-options", ref, "--")
        sha, tree, parents, *people, message = shown.decode(errors="replace").split("\0", 9)
        return Commit(
            sha=sha,
            tree=tree,
            parents=tuple(parents.split()),
            author=_signature(*people[:3]),
            committer=_signature(*people[3:]),
            message=message.rstrip("\n"),
        )

    def _between(self, base: str, head: str) -> tuple[str, ...]:
        return tuple(git(self._path, "rev-list", head, f"^{base}", "--").decode().split())

    def _fork(self, base: str, head: str) -> str:
        return git(self._path, "merge-base", base, head, fails=True).decode().strip()

    def _conflicts(self, base: str, head: str) -> bool:
        try:
            git(self._path, "merge-tree", "--write-tree", base, head)
        except GitFailed:
            return True
        return False

    def _changes(self, before: str, after: str) -> tuple[Change, ...]:
        compared = git(
            self._path,
            "diff-tree",
            "-r",
            "-M",
            "-z",
            "--raw",
            "--numstat",
            before or _EMPTY_TREE,
            after,
            "--",
        )
        words = iter(compared.decode(errors="replace").split("\0"))
        raw: dict[str, tuple[str, str, str]] = {}
        changes: list[Change] = []
        for word in words:
            if word.startswith(":"):
                blob, letter = word.split()[3:5]
                previous = next(words) if letter[0] in "RC" else ""
                raw[next(words)] = (_STATUS[letter[0]], blob, previous)
            elif word:
                added, deleted, path = word.split("\t", 2)
                if not path:  # of a renamed file both paths follow
                    next(words)
                    path = next(words)
                status, blob, previous = raw[path]
                changes.append(
                    Change(
                        path=path,
                        status=status,
                        additions=_count(added),
                        deletions=_count(deleted),
                        blob=blob,
                        previous=previous,
                    )
                )
        return tuple(changes)


def _signature(name: str, email: str, at: str) -> Signature:
    return Signature(name=name, email=email, at=datetime.fromtimestamp(int(at), UTC))


def _count(lines: str) -> int:
    """A binary file's lines are not counted."""
    return 0 if lines == "-" else int(lines)
