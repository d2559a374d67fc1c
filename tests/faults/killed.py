"""A process that is killed right after an entry of its journal: not even its last words are written."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rollback.journal import Kind, read

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

    def __str__(self) -> str:
        return f"{self.kept}-{self.what.replace(' ', '_')[:40]}{'' if self.at == self.kept else '-unseen'}"


def cuts(entries: list[Entry]) -> list[Cut]:
    """Each entry, and each change that was made and not written down."""
    found = []
    for entry, following in zip(entries, [*entries[1:], None], strict=True):
        found.append(Cut(entry.number, entry.number, f"{entry.kind}-{entry.what}"))
        if entry.kind is Kind.CALL and following is not None:
            found.append(Cut(following.number, entry.number, f"{entry.kind}-{entry.what}"))
    return found


@contextmanager
def killed(access: Access, cut: Cut) -> Iterator[None]:
    """Kill what happens in the block there, if it comes that far, and leave the journal as it was on disk."""

    def kill(entry: Entry) -> None:
        if entry.number >= cut.at:
            raise Killed

    access.journal.subscribe(kill)
    with suppress(Killed):
        yield
    access.aws.close()
    access.journal.close()
    path = access.journal.path
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[: cut.kept]))
    assert len(read(path)) == cut.kept


def another(stage: EmbeddedStage, path: Path) -> Access:
    """Somebody else's hands, with the journal that was left behind."""
    return stage.access(journal_at=path)
