"""The merge attributes of a tree, laid out for a git that has no working tree to read them in."""

from __future__ import annotations

import re
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rollback.git.objects import Commits

_NAME: Final = ".gitattributes"
_PROGRAM: Final = re.compile(rb"(?<!\S)merge=(?!(?:text|binary|union)(?!\S))\S+")
"""A merge driver of a person's own settings (gitattributes(5))."""
_NOWHERE: Final = frozenset({"", ".", "..", ".git"})


@contextmanager
def laid_out(commits: Commits, tree: str, paths: Iterable[str]) -> Iterator[Path | None]:
    """A directory with nothing but the ``.gitattributes`` of `tree` that are about `paths`, or None without any.

    A revert must not depend on a program that one operator has set up and another hasn't: what asks for one is
    treated as binary, which conflicts where both sides have changed it.
    """
    files = sorted({file for path in paths for file in _about(path)})
    if not files:
        yield None
        return
    told = commits.objects(f"{tree}:{file}" for file in files)
    found = {file: content for file, (_, kind, content) in zip(files, told, strict=True) if kind == "blob"}
    if not found:
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="rollback-attributes-") as directory:
        for file, content in found.items():
            path = Path(directory) / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(_PROGRAM.sub(b"-merge", content))
        yield Path(directory)


def _about(path: str) -> Iterator[str]:
    """The files that may say something of `path`: in its directory, and in each above."""
    directory = path
    while directory:
        directory = directory.rpartition("/")[0]
        # A tree made by hand may point out of itself; and a line break can't be asked for.
        if "\n" not in directory and not (directory and _NOWHERE & set(directory.split("/"))):
            yield f"{directory}/{_NAME}".removeprefix("/")
