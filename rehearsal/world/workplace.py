"""A directory in which Terraform can be run: a commit's infrastructure, initialised.

What `init` leaves behind is made once in a process for each stack, and copied from then on: it says which backend and
which modules there are, by relative paths, and nothing of a stage.
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
    """

    code: int
    lines: tuple[str, ...]
    left: Mapping[str, bytes]


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
        if not known.code and not (root / _DATA / "providers").exists():
            _known[stack] = known
        return known
    for path, content in known.left.items():
        place = root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
    return known


def _init(stage: EmbeddedStage, root: Path) -> Initialised:
    completed = stage.teams_terraform.run("init", "-input=false", "-no-color", cwd=root)
    lines = tuple((completed.text + completed.error_text).splitlines())
    kept = [path for path in (root / _DATA).rglob("*") if path.is_file()]
    return Initialised(
        completed.code, lines, {path.relative_to(root).as_posix(): path.read_bytes() for path in kept}
    )
