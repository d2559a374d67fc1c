"""What happened, in order, on disk before the next thing happens.

One JSON object a line, so that any tool reads it. A mutating call is written before it goes out and
its answer after it came back: a process killed in between leaves a journal that says what may have
been done.
"""

from __future__ import annotations

import fcntl
import json
import os
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Self, TypeAlias

from rollback.errors import JournalError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from rollback.clock import Clock

Json: TypeAlias = "bool | int | float | str | Sequence[Json] | Mapping[str, Json] | None"


class Kind(StrEnum):
    """What an entry tells of."""

    CALL = "call"
    ANSWER = "answer"
    COMMAND = "command"
    EXIT = "exit"
    REQUEST = "request"
    RESPONSE = "response"
    PLAN = "plan"
    SAVED = "saved"
    DECISION = "decision"
    OBSERVATION = "observation"
    OUTCOME = "outcome"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened.

    Attributes:
        number: 1 for the first entry of the journal, without gaps.
        at: when, in UTC.
        kind: what it tells of.
        what: the operation, command line or sentence.
        detail: plain values that belong to it; never a secret.
    """

    number: int
    at: datetime
    kind: Kind
    what: str
    detail: Mapping[str, Json]


class Journal:
    """The record of one rollback, append-only, each entry on disk when `record` returns.

    Two processes can't write the same journal. Use `create` or `open`, and `close` it or use it as
    a context manager.
    """

    def __init__(self, path: Path, descriptor: int, clock: Clock, written: int) -> None:
        self.path = path
        self._descriptor = descriptor
        self._clock = clock
        self._number = written
        self._listeners: list[Callable[[Entry], None]] = []

    @classmethod
    def create(cls, path: Path, clock: Clock) -> Self:
        """Begin a new journal, readable by its owner only.

        Raises:
            JournalError: there is one already, or it can't be written there.
        """
        return cls._acquire(path, clock, os.O_CREAT | os.O_EXCL, written=0)

    @classmethod
    def open(cls, path: Path, clock: Clock) -> Self:
        """Go on with a journal that exists; a torn last line is ended first, never overwritten.

        Raises:
            JournalError: it isn't there, isn't a journal, or another process writes it.
        """
        entries = read(path)
        journal = cls._acquire(path, clock, 0, written=entries[-1].number if entries else 0)
        if not path.read_bytes().endswith(b"\n"):
            os.write(journal._descriptor, b"\n")  # noqa: SLF001 - its own alternative constructor
        return journal

    @classmethod
    def _acquire(cls, path: Path, clock: Clock, flags: int, *, written: int) -> Self:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC | flags, 0o600)
        except OSError as error:
            raise JournalError(
                f"The journal {path} can't be written: {error.strerror}.",
                remedy="Name another place for it; without a journal nothing is changed.",
            ) from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(descriptor)
            raise JournalError(
                f"Another process is writing the journal {path}.",
                remedy="Let it end, or look at what it does, before you start a second rollback.",
            ) from error
        return cls(path, descriptor, clock, written)

    def record(self, kind: Kind, what: str, /, **detail: Json) -> Entry:
        """Write one entry and have it on disk.

        Raises:
            JournalError: it can't be written, as on a full disk; what was half written is taken back.
        """
        entry = Entry(self._number + 1, self._clock.now(), kind, what, detail)
        line = json.dumps(
            {
                "number": entry.number,
                "at": entry.at.isoformat(timespec="milliseconds"),
                "kind": kind.value,
                "what": what,
                **({"detail": detail} if detail else {}),
            },
            ensure_ascii=False,
        )
        self._append(line.encode() + b"\n")
        self._number = entry.number
        for listener in self._listeners:
            listener(entry)
        return entry

    def _append(self, line: bytes) -> None:
        before = os.fstat(self._descriptor).st_size
        try:
            if os.write(self._descriptor, line) != len(line):
                raise OSError(28, os.strerror(28))  # noqa: TRY301 - a short write is a full disk
            os.fsync(self._descriptor)
        except OSError as error:
            os.ftruncate(self._descriptor, before)
            raise JournalError(
                f"The journal {self.path} can't be written: {error.strerror}.",
                remedy="Make room, then look at the world before you go on: nothing more was begun.",
            ) from error

    def subscribe(self, listener: Callable[[Entry], None]) -> None:
        """Have `listener` called with every entry from now on, after it is on disk."""
        self._listeners.append(listener)

    # What a process runner tells the journal (rollback.process.ProcessRecorder).

    def command(self, args: Sequence[str], cwd: Path | None) -> None:
        """Record a command line before it runs."""
        self.record(Kind.COMMAND, " ".join(args), args=list(args), cwd=str(cwd) if cwd else None)

    def exited(self, args: Sequence[str], code: int, seconds: float) -> None:
        """Record how a command ended, after `seconds`."""
        self.record(Kind.EXIT, args[0], code=code, seconds=round(seconds, 3))

    def close(self) -> None:
        """Let go of the file."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def read(path: Path) -> list[Entry]:
    """The entries of a journal, oldest first; a torn last line (a process was killed) is left out.

    Raises:
        JournalError: it can't be read, or isn't a journal.
    """
    try:
        lines = path.read_bytes().split(b"\n")
    except OSError as error:
        raise JournalError(f"The journal {path} can't be read: {error.strerror}.") from error
    entries: list[Entry] = []
    last = len(lines) - 1
    for index, line in enumerate(lines):
        if not line:
            continue
        try:
            entries.append(_parsed(line))
        except (ValueError, KeyError, TypeError) as error:
            if index == last:
                break
            raise JournalError(
                f"{path}, line {index + 1} is not an entry of a journal.",
                remedy="Name a journal that this tool wrote.",
            ) from error
    return entries


def _parsed(line: bytes) -> Entry:
    fields = json.loads(line)
    return Entry(
        number=int(fields["number"]),
        at=datetime.fromisoformat(fields["at"]),
        kind=Kind(fields["kind"]),
        what=str(fields["what"]),
        detail=dict(fields.get("detail", {})),
    )
