"""The merge attributes of a tree, laid out for a git that has no working tree to read them in."""

from __future__ import annotations

import re
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rollback.git.objects import Commits
    from rollback.git.run import Git

_NAME: Final = b".gitattributes"
_PROGRAM: Final = re.compile(rb"(?<!\S)merge=(?!(?:text|binary|union)(?!\S))\S+")
"""A merge driver of a person's own settings (gitattributes(5))."""
_NOWHERE: Final = frozenset({"", ".", "..", ".git"})


@contextmanager
def laid_out(git: Git, commits: Commits, tree: str) -> Iterator[Path | None]:
    """A directory with nothing but the ``.gitattributes`` of `tree`, or None where it has none.

    A revert must not depend on a program that one operator has set up and another hasn't: what asks for one is
    treated as binary, which conflicts where both sides have changed it.
    """
    found = _attributes(git, tree)
    if not found:
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="rollback-attributes-") as directory:
        root = Path(directory)
        for path, (_, _, content) in zip(found, commits.objects(found.values()), strict=True):
            file = root / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(_PROGRAM.sub(b"-merge", content))
        yield root


def _attributes(git: Git, tree: str) -> dict[str, str]:
    """The blobs of the files that give attributes, by path."""
    listed = git.run("ls-tree", "-r", "-z", "--full-tree", tree).stdout
    found = {}
    for entry in listed.split(b"\0"):
        if entry.endswith(_NAME):
            what, _, path = entry.partition(b"\t")
            mode, _, sha = what.decode().split(" ")
            name = path.decode(errors="surrogateescape")
            parts = name.split("/")
            # git reads none through a symbolic link; and a tree made by hand may point out of itself.
            if parts[-1] == _NAME.decode() and mode.startswith("100") and not _NOWHERE & set(parts):
                found[name] = sha
    return found
