"""A revert, tried without a working tree."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from rollback.git.attributes import laid_out
from rollback.git.model import Trial
from rollback.git.objects import EMPTY_TREES, names

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from rollback.git.model import Commit
    from rollback.git.objects import Commits
    from rollback.git.run import Git

_SOMEBODY: Final[Mapping[str, str | None]] = {
    # The same three commits each time, so that trying again adds nothing to the copy.
    **{f"GIT_{who}_NAME": "rollback" for who in ("AUTHOR", "COMMITTER")},
    **{f"GIT_{who}_EMAIL": "rollback@invalid" for who in ("AUTHOR", "COMMITTER")},
    **{f"GIT_{who}_DATE": "@1000000000 +0000" for who in ("AUTHOR", "COMMITTER")},
}
_SIDE: Final = re.compile(r"~[0-9a-f]{40,64}(?:_[0-9]+)?\Z")


def tried(git: Git, commits: Commits, tip: Commit, reverted: Sequence[Commit]) -> Trial:
    """Revert these one after another on top of `tip`, a merge always against its first parent.

    A revert of C on T is a three-way merge of T and C's parent with C as their base (git-revert(1)). Which base
    a merge has can't be said to git before 2.40, so three commits are made that have no other.
    """
    tree, trees = tip.tree, []
    for commit in reverted:
        parent = commits.get(commit.parents[0]).tree if commit.parents else EMPTY_TREES[len(commit.sha)]
        with laid_out(git, commits, tree) as attributes:
            tree, conflicts = _merged(git, attributes, base=commit.tree, ours=tree, theirs=parent)
        if conflicts:
            return Trial(trees=(), conflicts=conflicts, stopped_at=commit.sha)
        trees.append(tree)
    return Trial(trees=tuple(trees), empty=tree == tip.tree)


def _merged(
    git: Git, attributes: Path | None, *, base: str, ours: str, theirs: str
) -> tuple[str, tuple[str, ...]]:
    """The tree of a merge, and the files that conflict in it."""
    root = _commit(git, base)
    merge = replace(git, checkout=attributes).run(
        *("merge-tree", "--write-tree", "-z", "--name-only", "--no-messages"),
        *(_commit(git, ours, root), _commit(git, theirs, root)),
        ok=(0, 1),
        env={"GIT_WORK_TREE": str(attributes)} if attributes else None,
    )
    tree, *conflicts = names(merge.stdout)
    return tree, tuple(sorted({_SIDE.sub("", name) for name in conflicts}))


def _commit(git: Git, tree: str, *parents: str) -> str:
    args = [arg for parent in parents for arg in ("-p", parent)]
    return git.run("commit-tree", "--no-gpg-sign", *args, "-m", "a trial", tree, env=_SOMEBODY).text.strip()
