"""What git says of a commit, and what a revert of it would make."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """A commit.

    Attributes:
        sha: its whole object name, 40 (or 64) hexadecimal digits.
        parents: those of its parents, the first the branch it was made on.
        tree: that of its tree.
        author: the author's name.
        at: when it was committed, UTC.
        message: the whole message.
    """

    sha: str
    parents: tuple[str, ...]
    tree: str
    author: str
    at: datetime
    message: str

    @property
    def short(self) -> str:
        """The first ten digits, as people read them."""
        return self.sha[:10]

    @property
    def subject(self) -> str:
        """The first line of the message."""
        return self.message.partition("\n")[0]

    @property
    def is_merge(self) -> bool:
        """Whether it joins branches, so that a revert has to say which parent stays."""
        return len(self.parents) > 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What came of trying a revert, without a working tree and before anything is pushed.

    Attributes:
        trees: the tree after each reverted commit, in the order of the attempt; empty with conflicts.
        conflicts: the files that can't be reverted by themselves.
        stopped_at: the commit whose revert conflicts; empty without conflicts.
        empty: whether it would change nothing at all.
    """

    trees: tuple[str, ...]
    conflicts: tuple[str, ...] = ()
    stopped_at: str = ""
    empty: bool = False

    @property
    def tree(self) -> str:
        """The tree at the end."""
        return self.trees[-1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who would be named as the committer."""

    name: str
    email: str
