"""The repository of a rehearsal and its history: built once in a process, and put down anew for each stage."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rehearsal.origin import history
from rehearsal.origin.repository import Bare
from rollback.environment import Environments

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Mapping
    from pathlib import Path

    from rehearsal.blueprint import Blueprint
    from rehearsal.origin.history import History
    from rollback.clock import Clock
    from rollback.environment import Environment

_BUILT: Final[dict[Hashable, tuple[Mapping[Path, bytes], History]]] = {}
"""The files of each repository by their paths in it, and the history that is in it."""
_MOST: Final = 16


def repository(
    path: Path, clock: Clock, environments: Iterable[Environment], blueprint: Blueprint
) -> tuple[Bare, History]:
    """A repository at `path` as `history.build` builds it, and what is in it.

    Its object names follow from what is asked for and from the clock's time, so that a repository that was built for
    the same is put down once more, file by file, before anybody has touched it.

    Args:
        path: where it is made; nothing may be there yet.
        clock: whose time it is.
        environments: those that are deployed from it.
        blueprint: how the service of each of them is built.
    """
    listed = tuple(environments)
    default = environments.default if isinstance(environments, Environments) else listed[-1]
    asked = (listed, default, blueprint, clock.now())
    if asked not in _BUILT:
        bare = Bare(path, clock)
        past = history.build(bare, environments, blueprint)
        if len(_BUILT) >= _MOST:
            _BUILT.clear()
        _BUILT[asked] = _files(path), past
        return bare, past
    files, past = _BUILT[asked]
    for name, content in files.items():
        file = path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    return Bare(path, clock), past


def _files(path: Path) -> dict[Path, bytes]:
    return {file.relative_to(path): file.read_bytes() for file in path.rglob("*") if file.is_file()}
