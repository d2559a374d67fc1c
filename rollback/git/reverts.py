"""Which reverts of a commit are in force, by what commits say of themselves."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from rollback.git.model import Commit
    from rollback.git.objects import Commits
    from rollback.git.run import Git

_REVERTS: Final = re.compile(r"\b[Tt]his reverts (?:commit|merge) ([0-9a-f]{7,64})\b")
_REVERTS_PULL: Final = re.compile(r"\bReverts ([A-Za-z0-9-]+/[A-Za-z0-9_.-]+)#([0-9]+)\b")
_MERGE_OF_PULL: Final = re.compile(r"Merge pull request #([0-9]+) ")
_SQUASH_OF_PULL: Final = re.compile(r" \(#([0-9]+)\)\s*\Z")


def reverts(commit: Commit) -> str:
    """The object name that this commit says it reverts, or nothing."""
    found = _REVERTS.search(commit.message)
    return found[1] if found else ""


def pull_request_of(commit: Commit) -> str:
    """The number of the pull request that this commit says it brought, or nothing."""
    found = _MERGE_OF_PULL.match(commit.subject) or _SQUASH_OF_PULL.search(commit.subject)
    return found[1] if found else ""


class Reverts:
    """The reverts between a commit and the tip of a branch.

    A revert is in force unless it is itself reverted, or a merge that brought it is: GitHub reverts a pull request by a
    pull request, and the revert of that one names its merge.
    """

    def __init__(self, git: Git, commits: Commits, commit: Commit, tip: Commit, *, repository: str) -> None:
        self._git = git
        self._commits = commits
        self._range = (tip.sha, f"^{commit.sha}")
        self._found = self._saying(("This reverts commit ", "This reverts merge ", f"Reverts {repository}#"))
        # Most times there is none, and walking through all that came later is saved.
        self._parents = self._graph() | {commit.sha: commit.parents} if self._found else {}
        self._named = self._names(commit, repository.lower())

    def of(self, sha: str, asking: frozenset[str] = frozenset()) -> Commit | None:
        """The newest revert of the commit `sha` that is in force."""
        for revert in self._found:
            if revert.sha in asking or revert.sha == sha or not self._undoes(revert.sha, sha):
                continue
            if not self.of(revert.sha, asking | {sha, revert.sha}):
                return revert
        return None

    def _undoes(self, revert: str, sha: str) -> bool:
        return any(named == sha or self._brought(named, sha) for named in self._named[revert])

    def _brought(self, merge: str, sha: str) -> bool:
        """Whether `sha` came onto the line of `merge` with it."""
        first, *others = self._parents[merge] or ("",)
        return any(self._reaches(other, sha) for other in others) and not self._reaches(first, sha)

    def _reaches(self, start: str, sha: str) -> bool:
        seen, waiting = set(), [start]
        while waiting:
            here = waiting.pop()
            if here == sha:
                return True
            if here not in seen:
                seen.add(here)
                waiting += self._parents.get(here, ())
        return False

    def _graph(self) -> dict[str, tuple[str, ...]]:
        """The parents of each commit that came later."""
        listed = self._git.run("rev-list", "--parents", *self._range).text
        return {sha: tuple(parents) for sha, *parents in map(str.split, listed.splitlines())}

    def _saying(self, words: Iterable[str]) -> tuple[Commit, ...]:
        """The later commits whose message holds one of `words`, newest first."""
        asked = [arg for word in words for arg in ("--grep", word)]
        found = self._git.run(
            "rev-list", "--date-order", "--fixed-strings", "--regexp-ignore-case", *asked, *self._range
        )
        return self._commits.all(found.text.split())

    def _names(self, commit: Commit, repository: str) -> Mapping[str, set[str]]:
        """What each revert says it reverts, of what is there to be reverted."""
        named: defaultdict[str, set[str]] = defaultdict(set)
        pulls: defaultdict[str, set[str]] = defaultdict(set)
        for revert in self._found:
            for name in _REVERTS.findall(revert.message):
                named[revert.sha] |= self._beginning_with(name)
            for place, number in _REVERTS_PULL.findall(revert.message):
                if place.lower() == repository:
                    pulls[number].add(revert.sha)
        if pulls:
            words = [word for number in pulls for word in (f"Merge pull request #{number} ", f"(#{number})")]
            for each in (commit, *self._saying(words)):
                for revert_sha in pulls.get(pull_request_of(each), ()):
                    named[revert_sha].add(each.sha)
        return named

    def _beginning_with(self, name: str) -> set[str]:
        if name in self._parents:
            return {name}
        return {sha for sha in self._parents if sha.startswith(name)}
