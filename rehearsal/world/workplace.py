"""A directory in which Terraform can be run: a commit's infrastructure, initialised.

What `init` leaves behind is made once in a process for each stack, and copied from then on: it says which backend and
which modules there are, by relative paths, and nothing of a stage. A provider is a link into its mirror; one that was
downloaded or unpacked is too big to copy, and `init` runs again.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from rehearsal.origin.terraform_files import top
from rehearsal.world.state_history import lay_out

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from rehearsal.embedded import EmbeddedStage

_DATA: Final = ".terraform"
_LOCK_FILE: Final = ".terraform.lock.hcl"


@dataclass(frozen=True, slots=True)
class Initialised:
    """How an `init` ended.

    Attributes:
        code: its exit code.
        lines: what it printed.
        left: the files it left in the root module's directory, by path.
        links: the links it left, and where they lead.
        whole: whether that is all it left.
    """

    code: int
    lines: tuple[str, ...]
    left: Mapping[str, bytes]
    links: Mapping[str, str]
    whole: bool


_known: dict[tuple[str, frozenset[tuple[str, str]]], Initialised] = {}


def prepare(stage: EmbeddedStage, files: Mapping[str, str], directory: Path) -> Initialised:
    """Lay the infrastructure of `files` out in `directory`, as the team, and initialise its root module.

    Args:
        stage: the stage, whose state is open.
        files: the texts of the repository's files by path.
        directory: what is in it is replaced.

    Returns:
        How the `init` ended, which is not run again where it is known how it would.
    """
    shutil.rmtree(directory, ignore_errors=True)
    below = top(stage.environment)
    mine = {path: text for path, text in files.items() if path.startswith(below)}
    lay_out(mine, directory)
    root = directory / stage.environment.terraform_directory
    root.mkdir(parents=True, exist_ok=True)
    told = frozenset(item for item in mine.items() if item[0].endswith((".tf", _LOCK_FILE)))
    stack = stage.environment.terraform_directory, told
    known = _known.get(stack)
    if known is None:
        known = _init(stage, root)
        if not known.code and known.whole:
            _known[stack] = known
        return known
    for path, content in known.left.items():
        place = root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
    for path, target in known.links.items():
        place = root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.symlink_to(target)
    return known


def _init(stage: EmbeddedStage, root: Path) -> Initialised:
    completed = stage.teams_terraform.run("init", "-input=false", "-no-color", cwd=root)
    lines = tuple((completed.text + completed.error_text).splitlines())
    found = list((root / _DATA).rglob("*"))
    links = {path.relative_to(root).as_posix(): str(path.readlink()) for path in found if path.is_symlink()}
    files = [path for path in found if path.is_file() and not path.is_symlink()]
    small = [path for path in files if root / _DATA / "providers" not in path.parents]
    left = {path.relative_to(root).as_posix(): path.read_bytes() for path in small}
    return Initialised(completed.code, lines, left, links, whole=len(small) == len(files))
