"""A copy of the remote, and all that is asked of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from rollback.git import history, pushing, reading, resolving, reverting, reverts, writing
from rollback.git.errors import CopyDamaged
from rollback.git.keeping import FIRST_SECONDS, kept
from rollback.git.kinds import matches
from rollback.git.objects import EMPTY_TREES, Commits
from rollback.git.reading import FILE_MODE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from rollback.access import Access
    from rollback.clock import Clock
    from rollback.environment import Repository
    from rollback.git.model import Commit, Identity, Trial
    from rollback.git.reading import File
    from rollback.git.run import Git


class Copy:
    """The remote as it was when it was fetched. Nothing of the operator's checkout is read or touched.

    Every method raises `GitError` where git, the remote or the disk says no.
    """

    __slots__ = ("_clock", "_commits", "_git", "_repository", "_tips")

    def __init__(self, git: Git, repository: Repository, tips: Mapping[str, Commit], clock: Clock) -> None:
        self._git = git
        self._repository = repository
        self._tips = tips
        self._clock = clock
        self._commits = Commits(git, tips.values())

    @classmethod
    def fetched(
        cls, repository: Repository, access: Access, *, at_most_seconds: float = FIRST_SECONDS
    ) -> Self:
        """A copy as the remote is now.

        It is kept in `access.directory`, readable by this user only: made on first use, fetched on later ones, and
        made anew where it is damaged or half made. Two processes wait for each other.

        Args:
            repository: which.
            access: the hands.
            at_most_seconds: for how long the remote is waited for at most.

        Raises:
            GitTooOld: git lacks what is needed.
            RemoteUnreachable: the remote didn't answer.
            RemoteDenied: it did, and doesn't let us in.
            DiskFull: there is no room.
        """
        git, tips = kept(repository, access.processes, access.directory, at_most_seconds=at_most_seconds)
        return cls(git, repository, tips, access.clock)

    @property
    def branches(self) -> tuple[str, ...]:
        """The names of the remote's branches."""
        return tuple(self._tips)

    def tip(self, branch: str) -> Commit:
        """The last commit of `branch`.

        Raises:
            UnknownBranch: the remote has none of that name.
        """
        return resolving.tip(self._tips, branch, self._repository.remote)

    def commit(self, text: str) -> Commit:
        """The commit whose whole or short object name `text` is.

        Raises:
            NotACommit: it names something else: a tag, a branch, HEAD, a tree.
            UnknownCommit: there is none.
            AmbiguousCommit: there are several; the sentence lists them.
            RollbackError: it is empty, would be read as an option, or can't be seen.
        """
        return resolving.commit(
            self._git, self._commits, text, tips=self._tips, remote=self._repository.remote
        )

    def holds(self, branch_tip: Commit, commit: Commit) -> bool:
        """Whether `commit` is in the history of `branch_tip`, or is it."""
        return branch_tip.sha == commit.sha or history.is_ancestor(self._git, commit.sha, branch_tip.sha)

    def between(self, first: Commit, last: Commit, tip: Commit) -> tuple[Commit, ...]:
        """From `first` to `last`, both of them too, on the first-parent line of `tip`, oldest first.

        Raises:
            NotOnBranch: one of them isn't there, or they stand the other way round.
        """
        return history.between(self._git, self._commits, first, last, tip)

    def newest(self, tip: Commit, count: int) -> tuple[Commit, ...]:
        """The last `count` commits on the first-parent line of `tip`, newest first, without a branch's very first."""
        return history.newest(self._git, self._commits, tip, count)

    def files(self, commit: Commit) -> tuple[str, ...]:
        """What `commit` changed against its first parent; a renamed file by both its names."""
        before = commit.parents[0] if commit.parents else EMPTY_TREES[len(commit.sha)]
        return history.changed(self._git, before, commit.sha)

    def later(self, commit: Commit, tip: Commit, files: Iterable[str]) -> tuple[Commit, ...]:
        """What came after `commit` and touches one of `files`, newest first, without what only merges."""
        return history.later(self._git, self._commits, commit, tip, files)

    def reverted_by(self, commit: Commit, tip: Commit) -> Commit | None:
        """The newest revert of `commit`, or of a merge that brought it, on the way to `tip` that is still in force.

        It goes by what commits say of themselves, so that the change may have returned by other ways: whether there
        is anything left to revert, a trial knows.
        """
        said = reverts.Reverts(self._git, self._commits, commit, tip, repository=self._repository.name)
        return said.of(commit.sha)

    def reverts(self, commit: Commit) -> str:
        """The object name, perhaps a short one, that `commit` says it reverts, or nothing."""
        return reverts.reverts(commit)

    def try_revert(self, tip: Commit, commits: Sequence[Commit]) -> Trial:
        """Revert `commits` one after another, in the order given, on top of `tip`; merges against the first parent."""
        return reverting.tried(self._git, self._commits, tip, commits)

    def identity(self) -> Identity | None:
        """Whom git would name as the committer; None where nobody has told it."""
        return writing.identity(self._git)

    def write(self, tree: str, parent: str, message: str) -> str:
        """Make a commit in the copy, signed where commit.gpgSign is set, and give its object name.

        Raises:
            NoIdentity: git doesn't know whom to name.
            NotSigned: it has to be signed, and couldn't be.
        """
        return writing.write(self._git, tree, parent, message, at=self._clock.now())

    def push(self, commit: str, branch: str, *, onto: str = "") -> None:
        """Put `commit` onto `branch`, never by force; `branch` must be where it was planned from, or be new.

        Args:
            commit: the last one that was made.
            branch: where it goes.
            onto: the commit that the first of several was made on; without it, the commit's own parent.

        Raises:
            BranchMoved: the branch is elsewhere now, or gone.
            PushRefused: a hook or a rule of the remote says no.
            PushUncertain: the answer was lost and the remote can't be asked.
        """
        made = self._commits.get(commit)
        pushing.push(
            self._git,
            self._repository.remote,
            made,
            branch,
            known=branch in self._tips,
            onto=onto or made.parents[0],
        )

    def remote_tip(self, branch: str) -> str:
        """Where `branch` is at the remote now, which is asked; nothing where there is none."""
        return pushing.remote_tip(self._git, self._repository.remote, branch)

    def tree_of(self, commit_sha: str) -> str:
        """The object name of the tree of a commit, given its whole name."""
        return self._commits.get(commit_sha).tree

    def changed(self, before: str, after: str) -> tuple[str, ...]:
        """The files that differ between two commits or trees, given their whole names."""
        return history.changed(self._git, before, after)

    def files_below(
        self, commit: Commit, directory: str, *, ending: tuple[str, ...] = ()
    ) -> tuple[File, ...]:
        """The files of `commit` in `directory` and below it, byte for byte, without submodules.

        Args:
            commit: whose.
            directory: from the root of the repository.
            ending: how the name ends of those that are wanted; without it, all.
        """
        return reading.files_below(self._git, self._commits, commit.sha, directory, ending=ending)

    def matching(self, tree: str, patterns: tuple[str, ...]) -> dict[str, str]:
        """The files of a commit or tree that `patterns` mean, with the object names of their contents, by their paths.

        Args:
            tree: its whole name.
            patterns: as `Repository` explains them.
        """
        if not patterns:
            return {}
        places = dict.fromkeys(each.partition("*")[0].rpartition("/")[0] for each in patterns)
        found = reading.blobs(self._git, tree, (f"{place}/" if place else "" for place in places))
        return {path: sha for path, sha in found.items() if matches(path, patterns)}

    def keeping(self, tree: str, commit: Commit, paths: Iterable[str]) -> str:
        """A tree that is `tree` and has these files as `commit` has them; returns its object name."""
        files = reading.entries(self._git, commit.sha, tuple(paths))
        return writing.with_files(self._git, tree, files)

    def with_file(self, tree: str, path: str, content: bytes) -> str:
        """A tree that is `tree` and has this file, whatever it had there; returns its object name."""
        sha = writing.blob(self._git, content)
        return writing.with_files(self._git, tree, {path: (FILE_MODE, sha)})

    def contents(self, shas: Iterable[str]) -> dict[str, bytes]:
        """What these objects hold, by their whole names.

        Raises:
            CopyDamaged: one of them isn't there.
        """
        asked = tuple(dict.fromkeys(shas))
        held = {sha: content for sha, kind, content in self._commits.objects(asked) if kind}
        if missing := [sha for sha in asked if sha not in held]:
            raise CopyDamaged(
                f"The copy of the repository is damaged: {missing[0][:10]} is missing.",
                remedy="Start again: it is made anew then.",
            )
        return held
