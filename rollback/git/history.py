"""What stands where in the history of a branch, and what was reverted in it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from rollback.git.errors import NotOnBranch
from rollback.git.objects import names

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rollback.git.model import Commit
    from rollback.git.objects import Commits
    from rollback.git.run import Git

_REVERTS: Final = re.compile(r"\b[Tt]his reverts (?:commit|merge) ([0-9a-f]{7,64})\b")
_REVERTS_PULL: Final = re.compile(r"\bReverts ([A-Za-z0-9-]+/[A-Za-z0-9_.-]+)#([0-9]+)\b")
_MERGE_OF_PULL: Final = re.compile(r"Merge pull request #([0-9]+) ")
_SQUASH_OF_PULL: Final = re.compile(r" \(#([0-9]+)\)\s*\Z")
_SHORT: Final = 7


def reverts(commit: Commit) -> str:
    """The object name that this commit says it reverts, or nothing."""
    found = _REVERTS.search(commit.message)
    return found[1] if found else ""


def is_ancestor(git: Git, ancestor: str, descendant: str) -> bool:
    """Whether `descendant` holds `ancestor`."""
    return git.run("merge-base", "--is-ancestor", ancestor, descendant, ok=(0, 1)).code == 0


def changed(git: Git, before: str, after: str) -> tuple[str, ...]:
    """The files that differ between two trees; a renamed one by both its names."""
    return names(
        git.run(
            *(
                "diff-tree",
                "-r",
                "-z",
                "--name-only",
                "--no-renames",
                "--ignore-submodules=none",
                "--no-relative",
            ),
            *("--end-of-options", before, after),
        ).stdout
    )


def between(git: Git, commits: Commits, first: Commit, last: Commit, tip: Commit) -> tuple[Commit, ...]:
    """From `first` to `last`, both of them too, on the first-parent line of `tip`, oldest first.

    Raises:
        NotOnBranch: one of them isn't there, or they stand the other way round.
    """
    known = "".join(f"^{parent}\n" for parent in first.parents)
    line = git.run(
        "rev-list", "--first-parent", "--reverse", "--stdin", stdin=f"{tip.sha}\n{known}".encode()
    ).text.split()
    for each in (first, last):
        if each.sha not in line:
            if each is last and is_ancestor(git, last.sha, first.sha):
                raise NotOnBranch(
                    f"{last.short} is older than {first.short}.", remedy="Name the older one first."
                )
            raise NotOnBranch(
                f"{each.short} is not on the branch itself: it came with a merge, or stands on another branch.",
                remedy="Name commits of the branch's own line, as `git log --first-parent` shows it.",
            )
    return commits.all(line[line.index(first.sha) : line.index(last.sha) + 1])


class Later:
    """What came after a commit on a branch."""

    __slots__ = ("_commits", "_git", "_names", "_repository", "commit", "tip")

    def __init__(self, git: Git, commits: Commits, commit: Commit, tip: Commit, *, repository: str) -> None:
        self._git = git
        self._commits = commits
        self._repository = repository
        self.commit = commit
        self.tip = tip

    def touching(self, files: Iterable[str]) -> tuple[Commit, ...]:
        """Those that touch one of `files`, newest first, without those that only merge."""
        paths = dict.fromkeys(_askable(name) for name in files)
        if not paths:
            return ()
        asked = f"{self.tip.sha}\n^{self.commit.sha}\n--\n".encode()
        if "" not in paths:
            asked += b"".join(path.encode(errors="surrogateescape") + b"\n" for path in paths)
        found = self._git.run(
            "rev-list", "--date-order", "--full-history", "--no-merges", "--stdin", stdin=asked
        )
        return self._commits.all(found.text.split())

    def saying(self, words: Sequence[str]) -> tuple[Commit, ...]:
        """Those whose message holds one of `words`."""
        asked = [arg for word in words for arg in ("--grep", word)]
        found = self._git.run(
            *("rev-list", "--date-order", "--fixed-strings", *asked, self.tip.sha, f"^{self.commit.sha}")
        )
        return self._commits.all(found.text.split())

    def reverted_by(self) -> Commit | None:
        """The newest revert of it that is itself not reverted."""
        words = [f"his reverts {what} {self.commit.sha[:_SHORT]}" for what in ("commit", "merge")]
        pull = pull_request_of(self.commit)
        if pull:
            words.append(f"everts {self._repository}#{pull}")
        for each in self.saying(words):
            if self._means(each, pull) and not self._again(each).reverted_by():
                return each
        return None

    def _again(self, commit: Commit) -> Later:
        return Later(self._git, self._commits, commit, self.tip, repository=self._repository)

    def _means(self, revert: Commit, pull: str) -> bool:
        """Whether `revert` says that it reverts just this."""
        if any(self.commit.sha.startswith(name) for name in _REVERTS.findall(revert.message)):
            return True
        named = [(name.lower(), number) for name, number in _REVERTS_PULL.findall(revert.message)]
        return bool(pull) and (self._repository.lower(), pull) in named


def pull_request_of(commit: Commit) -> str:
    """The number of the pull request that this commit says it merged, or nothing."""
    found = _MERGE_OF_PULL.match(commit.subject) or _SQUASH_OF_PULL.search(commit.subject)
    return found[1] if found else ""


def _askable(name: str) -> str:
    """A path that can be asked for on a line of its own; for one with a line break in it, its directory."""
    while "\n" in name:
        name = name.rpartition("/")[0]
    return name
