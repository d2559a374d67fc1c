"""The ways git, the remote or the disk says no."""

from __future__ import annotations

from rollback.errors import RollbackError


class GitError(RollbackError):
    """Git, the remote or the disk did not do what was asked."""


class GitTooOld(GitError):
    """The git of this machine lacks what is needed."""


class CopyDamaged(GitError):
    """The copy of the repository lacks something; the next run makes it anew."""


class DiskFull(GitError):
    """There is no room for what had to be written."""


class RemoteUnreachable(GitError):
    """The remote didn't answer, or broke off."""


class RemoteDenied(GitError):
    """The remote answered, and doesn't let these credentials in, or knows no such repository."""


class PushRefused(GitError):
    """A hook or a rule of the remote refused the push; its own reason is in the sentence."""


class PushUncertain(GitError):
    """The answer to a push was lost and the remote can't be asked: it may have arrived."""


class BranchMoved(GitError):
    """The branch is no longer where it was planned from."""


class UnknownBranch(GitError):
    """The remote has no such branch."""


class UnknownCommit(GitError):
    """The remote has no such commit."""


class AmbiguousCommit(GitError):
    """A short object name fits more than one commit."""


class NotACommit(GitError):
    """What was named is no object name of a commit: a tag, a branch, HEAD, an expression, a tree."""


class NotOnBranch(GitError):
    """A commit is not on the line of a branch where it had to be."""


class NoIdentity(GitError):
    """Git doesn't know whom to name as the committer."""


class NotSigned(GitError):
    """Commits have to be signed here, and signing failed."""
