"""Files of a folder, each written whole or not at all."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING

from rollback.errors import RollbackError

if TYPE_CHECKING:
    from collections.abc import Iterable

_READABLE = 0o644


class Unwritable(RollbackError):
    """The report's folder can't be written."""


def write_all(folder: Path, texts: Iterable[tuple[str, str]]) -> tuple[Path, ...]:
    """Write each of `texts` into `folder`, as pairs of a path within it and what is to stand there.

    Each takes the place of what was there at once, so that whoever reads meanwhile sees the old or the new file.

    Raises:
        Unwritable: one couldn't be written; those before it are.
    """
    written = []
    for name, text in texts:
        path = folder / name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            _replace(path, text)
        except OSError as error:
            raise Unwritable(
                f"{path} can't be written: {error.strerror or error}.",
                remedy="Name a folder that can be, with --report for a run or --out for the page alone.",
            ) from None
        written.append(path)
    return tuple(written)


def _replace(path: Path, text: str) -> None:
    with NamedTemporaryFile(
        "w", encoding="utf-8", newline="\n", dir=path.parent, prefix=f".{path.name}.", delete=False
    ) as file:
        beside = Path(file.name)
        try:
            file.write(text)
            file.flush()
            # Another person may look at the page; a temporary file is for its owner alone.
            beside.chmod(_READABLE)
            os.replace(beside, path)  # noqa: PTH105 - as atomic as pathlib's, and says so
        except BaseException:
            with suppress(OSError):
                beside.unlink()
            raise
