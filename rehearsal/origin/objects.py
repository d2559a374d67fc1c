"""Reading a bare repository: its branches, its commits and their files."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from rehearsal.origin import references
from rehearsal.origin.command import git
from rehearsal.origin.drafts import Person, check_path
from rehearsal.origin.facts import once
from rehearsal.origin.push import ZERO

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

EMPTY_TREE: Final = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
"""The object name of a tree without files, which git knows without having it."""
_FIELDS: Final = ("%H", "%T", "%P", "%an", "%ae", "%at", "%cn", "%ce", "%ct", "%B")


FOLDER: Final = "origin.git"
"""Where the remote is, below a stage's directory."""


class UnknownRevision(Exception):
    """There is no such branch or commit in the repository."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """A commit, as git has it; times are UTC.

    Attributes:
        sha: its object name.
        tree: that of its tree.
        parents: those of its parents.
        author: who wrote it, with an empty login: git knows none.
        authored_at: when.
        committer: who committed it, likewise.
        at: when it was committed.
        message: the whole message.
    """

    sha: str
    tree: str
    parents: tuple[str, ...]
    author: Person
    authored_at: datetime
    committer: Person
    at: datetime
    message: str

    @property
    def subject(self) -> str:
        """The first line of the message."""
        return self.message.partition("\n")[0]


class Objects:
    """What can be read of a bare repository.

    Wherever a commit is asked for, a branch or any other name that git understands will do. What an object name
    stands for never changes, so that git is asked for it once (`facts`); whether it is here is asked here.

    Attributes:
        path: where it is.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._here: set[str] = set()

    def branches(self) -> dict[str, str]:
        """The object names of all branches' tips, by the name of the branch."""
        found = references.branches(self.path)
        self._here.update(found.values())
        return found

    def tip(self, branch: str) -> str:
        """The object name of the last commit of `branch`.

        Raises:
            UnknownRevision: there is no such branch.
        """
        return self.resolve(f"refs/heads/{branch}")

    def exists(self, branch: str) -> bool:
        """Whether there is a branch of that name."""
        return self.found(f"refs/heads/{branch}") is not None

    def resolve(self, revision: str) -> str:
        """The object name of the commit that `revision` names.

        Raises:
            UnknownRevision: it names none.
        """
        found = self.found(revision)
        if found is None:
            raise UnknownRevision(f"The stage's repository has no {revision}.")
        return found

    def read(self, commit: str, path: str) -> str | None:
        """The text of the file `path` in `commit`; None where there is none."""
        check_path(path)
        return self._files(self.resolve(commit)).get(path)

    def files(self, commit: str) -> dict[str, str]:
        """The texts of all files in `commit`, by path."""
        return dict(self._files(self.resolve(commit)))

    def changed(self, before: str, after: str) -> tuple[str, ...]:
        """The files that differ between two commits, a renamed one under both names.

        Either may be `ZERO`, for "there was nothing".
        """
        trees = [EMPTY_TREE if name == ZERO else self.resolve(name) for name in (before, after)]
        asked = ("diff-tree", "-r", "-z", "--name-only", *trees)
        return once(asked, lambda: tuple(split(git(self.path, *asked))))

    def message(self, commit: str) -> str:
        """The whole message of `commit`."""
        return self.show(commit).message

    def show(self, commit: str) -> Commit:
        """The commit itself."""
        return self._log(self.resolve(commit), 1)[0]

    def log(self, branch: str, limit: int = 20) -> list[Commit]:
        """The last commits of `branch` as ``git log`` lists them, newest first."""
        return self._log(self.resolve(branch), limit)

    def found(self, revision: str) -> str | None:
        """The object name of the commit that `revision` names; None where it names none."""
        if revision in self._here:
            return revision
        short = not revision.startswith(references.HEADS)
        tip = (references.tip_by_short_name if short else references.tip)(self.path, revision)
        sha = self._asked(revision) if tip is None else tip
        if sha:
            self._here.add(sha)
        return sha or None

    def blobs(self, commit: str, *paths: str) -> dict[str, str]:
        """The object names of the files in `commit`, by path."""
        listed = git(
            self.path, "--literal-pathspecs", "ls-tree", "-r", "-z", "--full-tree", commit, "--", *paths
        )
        entries = (entry.split("\t", 1) for entry in split(listed))
        return {path: meta.split(" ")[2] for meta, path in entries if " blob " in meta}

    def _asked(self, revision: str) -> str:
        """What git says that `revision` names; empty where it names no commit."""
        wanted = f"{revision}^{{commit}}"
        named = git(self.path, "rev-parse", "--verify", "--quiet", "--end-of-options", wanted, fails=True)
        return named.decode().strip()

    def _files(self, commit: str) -> dict[str, str]:
        return once(("files", commit), lambda: self._read_files(commit))

    def _read_files(self, commit: str) -> dict[str, str]:
        listed = self.blobs(commit)
        found = self._batch(list(listed.values()))
        return {path: blob[1] for path, blob in zip(listed, found, strict=True) if blob}

    def _batch(self, names: Sequence[str]) -> list[tuple[str, str] | None]:
        """The type and the text of each object; None where there is none of that name."""
        answer = git(self.path, "cat-file", "--batch", stdin="".join(f"{name}\n" for name in names).encode())
        found: list[tuple[str, str] | None] = []
        at = 0
        for _ in names:
            head = answer[at : answer.index(b"\n", at)]
            at += len(head) + 1
            if head.endswith((b" missing", b" ambiguous")):
                found.append(None)
                continue
            _, kind, size = head.decode().rsplit(" ", 2)
            found.append((kind, answer[at : at + int(size)].decode(errors="replace")))
            at += int(size) + 1
        return found

    def _log(self, commit: str, limit: int) -> list[Commit]:
        listed = once(("log", commit, limit), lambda: self._read_log(commit, limit))
        self._here.update(each.sha for each in listed)
        return list(listed)

    def _read_log(self, commit: str, limit: int) -> list[Commit]:
        printed = git(
            self.path,
            "log",
            "-z",
            f"--max-count={limit}",
            f"--format=tformat:{'%x00'.join(_FIELDS)}",
            commit,
            "--",
        )
        values = printed.decode(errors="replace").split("\0")
        width = len(_FIELDS)
        return [_commit(values[at : at + width]) for at in range(0, len(values) - 1, width)]

    def _lines(self, *args: str) -> list[str]:
        return git(self.path, *args).decode(errors="replace").splitlines()


def split(listed: bytes) -> list[str]:
    """What git lists with ``-z``."""
    return [entry.decode(errors="replace") for entry in listed.split(b"\0") if entry]


def _commit(values: Sequence[str]) -> Commit:
    sha, tree, parents, author, author_email, authored, committer, committer_email, at, message = values
    return Commit(
        sha=sha,
        tree=tree,
        parents=tuple(parents.split()),
        author=Person(author, author_email, ""),
        authored_at=datetime.fromtimestamp(int(authored), UTC),
        committer=Person(committer, committer_email, ""),
        at=datetime.fromtimestamp(int(at), UTC),
        message=message,
    )
