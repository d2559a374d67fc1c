"""The branches of a bare repository, read from their own files where git keeps them there.

git keeps a reference in a file below ``refs``, unless it was packed (git-pack-refs(1)); nothing on the stage packs any.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from rehearsal.origin.command import git

if TYPE_CHECKING:
    from pathlib import Path

HEADS: Final = "refs/heads/"
_WHOLE_NAME: Final = re.compile("[0-9a-f]{40}")
_PLAIN: Final = re.compile(r"(?:[A-Za-z0-9_-]+[./])*[A-Za-z0-9_-]+")
"""A name that is a path without surprises."""


def branches(path: Path) -> dict[str, str]:
    """The object names of all branches' tips in the repository at `path`, by the name of the branch, in its order."""
    if not _packed(path):
        heads = path / HEADS
        names = sorted(file.relative_to(heads).as_posix() for file in heads.rglob("*") if file.is_file())
        found = {name: _read(path, HEADS + name) for name in names if not name.endswith(".lock")}
        whole = {name: tip for name, tip in found.items() if tip}
        if len(whole) == len(found):
            return whole
    listed = git(path, "for-each-ref", "--format=%(objectname) %(refname:lstrip=2)", HEADS.rstrip("/"))
    return {name: sha for sha, name in (line.split(" ", 1) for line in listed.decode().splitlines())}


def tip(path: Path, reference: str) -> str | None:
    """What a reference below ``refs/heads`` points to, an empty text where there is none; None where git must say it."""
    if not _PLAIN.fullmatch(reference):
        return None
    return _read(path, reference) or (None if _packed(path) or (path / reference).exists() else "")


def tip_by_short_name(path: Path, name: str) -> str | None:
    """What the branch `name` points to; None where that must be asked of git, as where a tag goes by the same name.

    The order in which git looks is that of gitrevisions(7).
    """
    if not _PLAIN.fullmatch(name) or _WHOLE_NAME.fullmatch(name):
        return None
    others = (path / name, path / "refs" / name, path / "refs" / "tags" / name)
    if _packed(path) or any(other.exists() for other in others):
        return None
    return _read(path, HEADS + name) or None


def is_whole(name: str) -> bool:
    """Whether `name` is an object's whole name."""
    return bool(_WHOLE_NAME.fullmatch(name))


def _packed(path: Path) -> bool:
    return (path / "packed-refs").exists()


def _read(path: Path, reference: str) -> str:
    try:
        found = (path / reference).read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        return ""
    return found if _WHOLE_NAME.fullmatch(found) else ""
