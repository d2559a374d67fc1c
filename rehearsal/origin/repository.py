"""The remote repository, worked on directly on its disk, as GitHub's own servers do."""

from __future__ import annotations

import os
from threading import RLock
from typing import TYPE_CHECKING, Final

from rehearsal.origin.command import GitFailed, git
from rehearsal.origin.drafts import DEVELOPER, WEB_FLOW, Draft, Person, message_of, stream
from rehearsal.origin.hooks import Hooks
from rehearsal.origin.objects import EMPTY_TREE, Commit, Objects, UnknownRevision, split

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from rollback.clock import Clock

__all__ = ["DEVELOPER", "Bare", "Commit", "MergeConflict", "NothingToMerge", "Person", "UnknownRevision"]

_SETTINGS: Final = """\
[core]
	repositoryFormatVersion = 0
	bare = true
	fsync = none
	attributesFile = {devnull}
[fastimport]
	unpackLimit = 1
[gc]
	auto = 0
[receive]
	fsckObjects = true
	hideRefs = refs/pull
[uploadpack]
	allowFilter = true
	allowTipSHA1InWant = true
	allowReachableSHA1InWant = true
"""
"""As GitHub answers: partial clones and wants by object name are allowed, objects are checked, and pull requests'
references can't be pushed to. Nothing is kept for longer than a rehearsal, so nothing is synced or collected."""


class NothingToMerge(Exception):
    """All of it is there already: GitHub would refuse with "No commits between"."""


class MergeConflict(Exception):
    """Both sides have changed the same; nothing was merged.

    Attributes:
        files: the files in conflict.
    """

    def __init__(self, into: str, head: str, files: tuple[str, ...]) -> None:
        super().__init__(f"{head} can't be merged to {into} by itself: conflicts in {', '.join(files)}.")
        self.files = files


class Bare(Objects):
    """A bare repository. Wherever a commit is asked for, a branch or any other name that git understands will do.

    No method talks HTTP, so all of them may be called from the clock's events. The time of a commit is the
    clock's.

    Args:
        path: where it is made, unless one is there that was put down once more.
        clock: whose time it is.
        default: the branch that a clone checks out.

    Attributes:
        path: where it is.
        clock: as above.
        lock: held by whoever changes a branch, pushes included.
    """

    def __init__(self, path: Path, clock: Clock, *, default: str = "main") -> None:
        super().__init__(path)
        self.lock = RLock()
        self.clock = clock
        if not (path / "HEAD").exists():
            git(path, "init", "--quiet", "--bare", "--template=", f"--initial-branch={default}")
        (path / "config").write_text(_SETTINGS.format(devnull=os.devnull))
        self._hooks = Hooks(path)

    def commit(
        self,
        branch: str,
        subject: str,
        files: Mapping[str, str | None],
        *,
        author: Person = DEVELOPER,
        body: str = "",
        parent: str = "",
    ) -> str:
        """Commit on top of `branch`, or make the branch with a first commit on top of `parent`.

        Args:
            branch: the branch; only in an empty repository may it be new without a parent.
            subject: the first line of the message.
            files: the new text by path, None where the file goes.
            author: who commits.
            body: the rest of the message.
            parent: the commit that a new branch begins at.

        Returns:
            The object name of the commit.

        Raises:
            UnknownRevision: there is no such branch or parent, or no such file to delete.
            ValueError: there is such a branch already, and a parent was named.
        """
        with self.lock:
            parents = self._parents(branch, parent)
            gone = [path for path, text in files.items() if text is None]
            if gone:
                self._require_files(parents[0] if parents else EMPTY_TREE, gone)
            draft = Draft(
                ref=f"refs/heads/{branch}",
                parents=parents,
                message=message_of(subject, body),
                files=files,
                author=author,
                committer=author,
                at=self.clock.now(),
            )
            return self.make([draft])[0]

    def make(self, drafts: Sequence[Draft]) -> tuple[str, ...]:
        """Make commits, all in one go; returns their object names in the same order."""
        with self.lock:
            made = git(self.path, "fast-import", "--quiet", "--done", stdin=stream(drafts)).decode().split()
        self._here.update(made)
        return tuple(made)

    def merge(self, into: str, head: str, subject: str, *, body: str = "", author: Person = DEVELOPER) -> str:
        """Merge `head` to the branch `into` by a merge commit, as GitHub's "Create a merge commit" does.

        Returns:
            The object name of the merge, also where a fast-forward were possible.

        Raises:
            UnknownRevision: one of them isn't there.
            NothingToMerge: `into` has all of `head`.
            MergeConflict: both have changed the same.
        """
        with self.lock:
            ours, theirs, tree = self._merged(into, head)
            return self._advance(into, (ours, theirs), tree, message_of(subject, body), author)

    def squash(
        self, into: str, head: str, subject: str, *, body: str = "", author: Person = DEVELOPER
    ) -> str:
        """Merge `head` to the branch `into` as one commit with one parent, as "Squash and merge" does.

        Returns and raises what `merge` does.
        """
        with self.lock:
            ours, _, tree = self._merged(into, head)
            return self._advance(into, (ours,), tree, message_of(subject, body), author)

    def check_out(self, branch: str) -> None:
        """Make `branch` the default branch, which a clone checks out."""
        with self.lock:
            git(self.path, "symbolic-ref", "HEAD", f"refs/heads/{branch}")

    def point(self, branch: str, commit: str) -> None:
        """Have `branch` point to `commit`, whatever it pointed to."""
        with self.lock:
            git(self.path, "update-ref", f"refs/heads/{branch}", self.resolve(commit))

    def delete(self, branch: str) -> None:
        """Delete `branch`."""
        with self.lock:
            git(self.path, "update-ref", "-d", f"refs/heads/{branch}", self.tip(branch))

    def tag(self, name: str, commit: str, message: str = "") -> None:
        """Tag `commit`; with a message, by a tag object (an annotated tag)."""
        annotated = ["--annotate", f"--message={message}"] if message else []
        with self.lock:
            git(self.path, "tag", *annotated, "--", name, self.resolve(commit), env=self._signed(WEB_FLOW))

    def protect(self, branch: str, sentence: str, *, ruleset: bool = False) -> None:
        """Refuse every push to `branch`, as GitHub words it for a protected one; merges still go through.

        Args:
            branch: the branch.
            sentence: why, as "Changes must be made through a pull request."
            ruleset: whether a ruleset says so (GH013), and not a branch protection rule (GH006).
        """
        with self.lock:
            self._hooks.protect(branch, sentence, ruleset=ruleset)

    def unprotect(self, branch: str) -> None:
        """Accept pushes to `branch` again."""
        with self.lock:
            self._hooks.protect(branch, "", ruleset=False)

    def refuse_pushes(self, sentence: str) -> None:
        """Refuse every push with `sentence`, as an organisation's own hook does; an empty one ends that."""
        with self.lock:
            self._hooks.refuse(sentence)

    def moved(self) -> tuple[tuple[str, str, str], ...]:
        """What a push has moved since this was last asked: name before, name after, reference. Hold the lock."""
        return self._hooks.moved()

    def _parents(self, branch: str, parent: str) -> tuple[str, ...]:
        tip = self.found(f"refs/heads/{branch}")
        if parent and tip:
            raise ValueError(f"The branch {branch} is there already, so it can't begin at {parent}.")
        if parent or tip:
            return (tip or self.resolve(parent),)
        if self.branches():
            raise UnknownRevision(
                f"The stage's repository has no branch {branch}; name the parent to make it."
            )
        return ()

    def _require_files(self, commit: str, paths: Sequence[str]) -> None:
        there = self.blobs(commit)
        missing = [path for path in paths if path not in there]
        if missing:
            raise UnknownRevision(f"There is no {missing[0]} that could be deleted.")

    def _merged(self, into: str, head: str) -> tuple[str, str, str]:
        """The two commits, and the tree of their merge."""
        ours, theirs = self.tip(into), self.resolve(head)
        if not self._lines("rev-list", "--max-count=1", f"{ours}..{theirs}"):
            raise NothingToMerge(f"{into} has all that {head} has.")
        try:
            merged = git(
                self.path, "merge-tree", "--write-tree", "--no-messages", "--name-only", "-z", ours, theirs
            )
        except GitFailed as failure:
            if failure.code != 1:
                raise
            raise MergeConflict(into, head, tuple(split(failure.stdout)[1:])) from None
        return ours, theirs, split(merged)[0]

    def _advance(self, branch: str, parents: tuple[str, ...], tree: str, message: str, author: Person) -> str:
        """Commit `tree` on top of `parents` and move `branch` there."""
        named = [argument for parent in parents for argument in ("-p", parent)]
        made = git(self.path, "commit-tree", *named, tree, stdin=message.encode(), env=self._signed(author))
        sha = made.decode().strip()
        self._here.add(sha)
        git(self.path, "update-ref", f"refs/heads/{branch}", sha)
        return sha

    def _signed(self, author: Person) -> dict[str, str]:
        at = f"{int(self.clock.now().timestamp())} +0000"
        return {
            "GIT_AUTHOR_NAME": author.name,
            "GIT_AUTHOR_EMAIL": author.email,
            "GIT_AUTHOR_DATE": at,
            "GIT_COMMITTER_NAME": WEB_FLOW.name,
            "GIT_COMMITTER_EMAIL": WEB_FLOW.email,
            "GIT_COMMITTER_DATE": at,
        }
