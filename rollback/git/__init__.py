"""What git knows of a change, and a revert of it tried and pushed without touching any checkout."""

from __future__ import annotations

from rollback.git.copy import Copy
from rollback.git.errors import (
    AmbiguousCommit,
    BranchMoved,
    CopyDamaged,
    DiskFull,
    GitError,
    GitTooOld,
    NoIdentity,
    NotACommit,
    NotOnBranch,
    NotSigned,
    PushRefused,
    PushUncertain,
    RemoteDenied,
    RemoteUnreachable,
    UnknownBranch,
    UnknownCommit,
)
from rollback.git.kinds import Kinds, kinds_of
from rollback.git.message import defused, revert_message
from rollback.git.model import Commit, Identity, Trial
from rollback.git.principle import PullRequestCheck, check_pull_request
from rollback.git.reading import File

__all__ = [
    "AmbiguousCommit",
    "BranchMoved",
    "Commit",
    "Copy",
    "CopyDamaged",
    "DiskFull",
    "File",
    "GitError",
    "GitTooOld",
    "Identity",
    "Kinds",
    "NoIdentity",
    "NotACommit",
    "NotOnBranch",
    "NotSigned",
    "PullRequestCheck",
    "PushRefused",
    "PushUncertain",
    "RemoteDenied",
    "RemoteUnreachable",
    "Trial",
    "UnknownBranch",
    "UnknownCommit",
    "check_pull_request",
    "defused",
    "kinds_of",
    "revert_message",
]
