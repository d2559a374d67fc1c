"""Builds the runbook of the kept runs: its pages, one Markdown file, and JSON."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from rehearsal.report import machine, markdown
from rehearsal.report.html import GENERATOR, MACHINE, MARKDOWN, pages
from rehearsal.report.making import make_runbook
from rehearsal.report.writing import Unwritable, write_all

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

    from rehearsal.report.views import Runbook
    from rollback.environment import Environments

_MARK: Final = f'<meta name="generator" content="{GENERATOR}">'.encode()
_HEAD: Final = 2000
"""How far into a page its head reaches, in bytes."""


@dataclass(frozen=True, slots=True)
class Built:
    """What was built.

    Attributes:
        runbook: what is shown.
        index: the first page.
        written: every file that was written.
        removed: pages of chapters that are no longer there.
    """

    runbook: Runbook
    index: Path
    written: tuple[Path, ...]
    removed: tuple[Path, ...]


def build(
    history: Path,
    out: Path,
    *,
    root: Path,
    features: Path,
    environments: Environments,
    now: datetime | None = None,
) -> Built:
    """Build the pages in `out` of the runs that are kept in `history`.

    Args:
        history: the folder of the runs' messages; one that isn't there holds none.
        out: the folder of the pages; it is made where it isn't there.
        root: the project, which the features' names are relative to.
        features: the folder of the runbook's text.
        environments: those that the runbook is for.
        now: when the pages are made; by default, now.

    Raises:
        Unwritable: `out` can't be written.
        rollback.errors.ConfigurationError: a `report` table of the environments is wrong.
    """
    runbook = make_runbook(history, root=root, features=features, environments=environments, now=now)
    written = write_all(out, _files(runbook))
    removed = tuple(_outlived(out, set(written)))
    for page in removed:
        with suppress(OSError):  # a page too many does no harm
            page.unlink()
    return Built(runbook, out / "index.html", written, removed)


def _files(runbook: Runbook) -> Iterator[tuple[str, str]]:
    """Each file, the first page last: what it leads to is there before it is."""
    yield MARKDOWN, markdown.document(runbook)
    yield MACHINE, machine.document(runbook)
    first: list[tuple[str, str]] = []
    for name, text in pages(runbook):
        if name == "index.html":
            first.append((name, text))
        else:
            yield name, text
    yield from first


def _outlived(out: Path, written: set[Path]) -> Iterator[Path]:
    """Pages that an earlier build has left and this one doesn't have; what others have put there is theirs."""
    for path in sorted(out.glob("*.html")):
        if path in written or path.is_symlink():
            continue
        with suppress(OSError), path.open("rb") as file:
            if _MARK in file.read(_HEAD):
                yield path


__all__ = ["Built", "Unwritable", "build"]
