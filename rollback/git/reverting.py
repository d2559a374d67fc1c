"""A revert, tried without a working tree."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from rollback.git.attributes import laid_out
from rollback.git.model import Trial
from rollback.git.objects import EMPTY_TREES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rollback.git.model import Commit
    from rollback.git.objects import Commits
    from rollback.git.run import Git

_TRIAL: Final = b"rollback <rollback@invalid> 1000000000 +0000"
"""Always the same, so that trying again adds nothing to the copy."""
_ALGORITHMS: Final = {40: "sha1", 64: "sha256"}
_AUTO_MERGED: Final = "Auto-merging"
_SIDE: Final = re.compile(r"~[0-9a-f]{40,64}(?:_[0-9]+)?\Z")


@dataclass(frozen=True, slots=True)
class _Merge:
    """What came of a merge: the tree, the files that conflict, and those of which both sides had changed the content."""

    tree: str
    conflicts: tuple[str, ...]
    both: tuple[str, ...]


def tried(git: Git, commits: Commits, tip: Commit, reverted: Sequence[Commit]) -> Trial:
    """Revert these one after another on top of `tip`, a merge always against its first parent.

    A revert of C on T is a three-way merge of T and C's parent with C as their base (git-revert(1)).
    """
    tree, trees = tip.tree, []
    for commit in reverted:
        parent = commits.get(commit.parents[0]).tree if commit.parents else EMPTY_TREES[len(commit.sha)]
        sides = _sides(git, base=commit.tree, ours=tree, theirs=parent)
        merge = _merged(git, sides)
        with laid_out(commits, tree, merge.both) as attributes:
            if attributes:
                merge = _merged(git, sides, attributes)
        if merge.conflicts:
            return Trial(trees=(), conflicts=merge.conflicts, stopped_at=commit.sha)
        tree = merge.tree
        trees.append(tree)
    return Trial(trees=tuple(trees), empty=tree == tip.tree)


def _merged(git: Git, sides: tuple[str, str], attributes: Path | None = None) -> _Merge:
    """Merge two commits, by what the files in the directory `attributes` say (git-merge-tree(1), "Output")."""
    done = replace(git, checkout=attributes).run(
        *("merge-tree", "--write-tree", "-z", "--name-only", "--messages", *sides),
        ok=(0, 1),
        env={"GIT_WORK_TREE": str(attributes)} if attributes else None,
    )
    words = iter(done.stdout.decode(errors="surrogateescape").split("\0"))
    tree = next(words)
    conflicts = {_SIDE.sub("", name) for name in iter(lambda: next(words, ""), "")}
    both = []
    while count := next(words, ""):
        paths = [next(words) for _ in range(int(count))]
        kind, _ = next(words), next(words)
        both += paths if kind == _AUTO_MERGED else []
    return _Merge(tree, tuple(sorted(conflicts)), tuple(both))


def _sides(git: Git, *, base: str, ours: str, theirs: str) -> tuple[str, str]:
    """Two commits of the trees `ours` and `theirs` whose only base is one of the tree `base`.

    Before 2.40 git can't be told a base, and finding that of real commits takes the longer the older it is.
    """
    root = _content(base)
    digest = hashlib.new(_ALGORITHMS[len(base)], b"commit %d\0" % len(root) + root, usedforsecurity=False)
    contents = (root, *(_content(tree, digest.hexdigest()) for tree in (ours, theirs)))
    with tempfile.TemporaryDirectory(prefix="rollback-trial-") as directory:
        paths = [Path(directory) / str(number) for number in range(len(contents))]
        for path, content in zip(paths, contents, strict=True):
            path.write_bytes(content)
        asked = b"".join(os.fsencode(path) + b"\n" for path in paths)
        made = git.run("hash-object", "-t", "commit", "-w", "--no-filters", "--stdin-paths", stdin=asked)
    _, one, other = made.text.split()
    return one, other


def _content(tree: str, parent: str = "") -> bytes:
    """A commit object."""
    head = f"tree {tree}\n" + (f"parent {parent}\n" if parent else "")
    return head.encode() + b"author " + _TRIAL + b"\ncommitter " + _TRIAL + b"\n\na trial\n"
