"""The report on disk, and what it proves of the list after a rollback."""

from __future__ import annotations

import os
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

from rollback._text import printable
from rollback.checklist.model import Evidence, Item, Shown
from rollback.errors import RollbackError
from rollback.journal import Kind, read
from rollback.record.report import Report, fingerprint, report

if TYPE_CHECKING:
    from rollback.access import Access
    from rollback.checklist.model import Check
    from rollback.environment import Environment
    from rollback.journal import Entry

_WRITE: Final = "Write it from the journal, and read it."


def write(environment: Environment, access: Access, path: Path) -> Report:
    """Write the incident report of this journal to `path`, whole or not at all, and take that down.

    Raises:
        RollbackError: there is a file already, which somebody may have worked on, or the disk can't be written.
        JournalError: the journal can't be read or written, or is of another environment.
    """
    made = report(environment, read(access.journal.path))
    try:
        with path.open("x", encoding="utf-8") as file:
            _fill(path, file, made.markdown())
    except OSError as error:
        raise RollbackError(
            f"The report can't be written to {printable(path)}: {error.strerror}.",
            remedy="Name another file; one that is there is never overwritten.",
        ) from None
    access.journal.record(
        Kind.OBSERVATION,
        f"The incident report was written to {printable(path)}.",
        environment=environment.name,
        report=str(path.absolute()),
    )
    return made


def _fill(path: Path, file: IO[str], text: str) -> None:
    """Write a file that was just made, or leave none."""
    try:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def proofs(environment: Environment, access: Access) -> dict[Item, Check]:
    """The checks of the report and of the post-mortem, for `rollback.checklist.after(..., more=...)`."""
    checks: dict[Item, Check] = {Item.POST_MORTEM: lambda: _post_mortem(environment, access)}
    if environment.checklist.incident_report:
        checks[Item.REPORT] = lambda: _report(access)
    return checks


def _report(access: Access) -> Evidence:
    """A report of just this journal was written after the rollback had ended, and is still there."""
    entries = read(access.journal.path)
    written = next((entry for entry in reversed(entries) if "report" in entry.detail), None)
    if written is None:
        return _open("No incident report has been written.", _WRITE)
    path = Path(str(written.detail["report"]))
    shown = f"{printable(path)}, written at {written.at:%Y-%m-%d %H:%M:%S} UTC"
    if any(entry.kind is Kind.OUTCOME and entry.number > written.number for entry in entries):
        return _open(f"The report {shown}, is from before the end of the rollback.", _WRITE)
    try:
        content = path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        return _open(f"The report {shown}, can't be read: {error.strerror}.", _WRITE)
    if _mark(entries) not in content:
        return _open(f"What is at {printable(path)} is not the report of this journal.", _WRITE)
    return Evidence(Shown.PROVEN, f"{shown}, is the report of this journal.")


def _post_mortem(environment: Environment, access: Access) -> Evidence:
    """None is due: that is all that can be proven."""
    verdict = report(environment, read(access.journal.path)).due
    if not verdict.reasons and not verdict.unknown:
        return Evidence(Shown.PROVEN, verdict.sentence)
    return _open(verdict.sentence, "Hold it, or agree on a date for it.")


def _mark(entries: list[Entry]) -> str:
    return f"<!-- journal {fingerprint(entries)} -->"


def _open(seen: str, remedy: str) -> Evidence:
    return Evidence(Shown.OPEN, seen, remedy)
