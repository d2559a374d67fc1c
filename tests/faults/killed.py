"""A process that is killed right after an entry of its journal: not even its last words are written."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rollback.journal import Kind, read
from rollback.record.reading import changes_something

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from rehearsal.embedded import EmbeddedStage
    from rollback.access import Access
    from rollback.journal import Entry


class Killed(BaseException):
    """Nobody catches it, as nobody catches SIGKILL."""


@dataclass(frozen=True, slots=True)
class Cut:
    """Where a process is killed.

    Attributes:
        at: the entry after which it is.
        kept: how many entries are on disk then: one less where AWS did it and nobody has written it down.
        what: what that entry tells of.
    """

    at: int
    kept: int
    what: str

    @property
    def unseen(self) -> bool:
        """Whether it was done and nobody has written it down."""
        return self.at != self.kept

    def __str__(self) -> str:
        return f"{self.kept}-{self.what.replace(' ', '_')[:40]}{'-unseen' if self.unseen else ''}"


def cuts(entries: list[Entry]) -> list[Cut]:
    """Each entry, and each change that was made and not written down."""
    found = []
    for entry, following in zip(entries, [*entries[1:], None], strict=True):
        found.append(Cut(entry.number, entry.number, f"{entry.kind}-{entry.what}"))
        if changes_something(entry) and following is not None:
            found.append(Cut(following.number, entry.number, f"{entry.kind}-{entry.what}"))
    return found


@dataclass(frozen=True, slots=True)
class Around:
    """A change that a process is killed at, whatever entry tells of it.

    Attributes:
        change: 1 for the first thing that is asked for; 0 for right before that, once the world was saved.
        unseen: whether it was done and nobody has written it down, or was only about to be asked for.
    """

    change: int
    unseen: bool = False

    def __str__(self) -> str:
        return f"change-{self.change}{'-unseen' if self.unseen else ''}"


@contextmanager
def killed(access: Access, cut: Cut) -> Iterator[None]:
    """Kill what happens in the block there, if it comes that far, and leave the journal as it was on disk."""

    def kill(entry: Entry) -> None:
        if entry.number >= cut.at:
            raise Killed

    access.journal.subscribe(kill)
    with suppress(Killed):
        yield
    _leave(access, cut.kept)


@contextmanager
def killed_around(access: Access, place: Around) -> Iterator[None]:
    """Kill what happens in the block at a change; that it comes that far is part of the test."""
    changes: list[Entry] = []
    kept: list[int] = []

    def kill(entry: Entry) -> None:
        if kept:
            raise Killed
        if changes_something(entry):
            changes.append(entry)
        reached = len(changes) == place.change and (entry.kind is Kind.SAVED or bool(changes))
        if reached and not (place.unseen and entry is changes[-1]):
            kept.append(changes[-1].number if changes else entry.number)
            raise Killed

    access.journal.subscribe(kill)
    with suppress(Killed):
        yield
    assert kept, f"it has no {place}"
    _leave(access, kept[0])


def _leave(access: Access, kept: int) -> None:
    """Let go of everything, with so many entries on disk."""
    access.aws.close()
    access.journal.close()
    path = access.journal.path
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:kept]))
    assert len(read(path)) == kept


def another(stage: EmbeddedStage, path: Path) -> Access:
    """Somebody else's hands, with the journal that was left behind."""
    return stage.access(journal_at=path)
