"""What happened, in order, on disk before the next thing happens.

One JSON object a line, so that any tool reads it. A mutating call is written before it goes out and
its answer after it came back: a process killed in between leaves a journal that says what may have
been done.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import re
import shlex
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self, TypeAlias

from rollback._text import printable
from rollback.errors import JournalError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from rollback.clock import Clock

Json: TypeAlias = "bool | int | float | str | Sequence[Json] | Mapping[str, Json] | None"

_BEGINNING: Final = b'{"number": '
"""How every entry begins on disk, so that a torn one is told from a foreign line."""

_USER_IN_URL: Final = re.compile(r"(?<=://)[^/\s@]+@")
_OVERHEARING: Final[list[Callable[[Entry], None]]] = []
"""Who hears every journal of this process."""


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
        at: when, in UTC, to the millisecond.
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

    def __init__(self, path: Path, descriptor: int, clock: Clock) -> None:
        self.path = path
        self._descriptor = descriptor
        self._clock = clock
        self._number = 0
        self._listeners: list[Callable[[Entry], None]] = []

    @classmethod
    def create(cls, path: Path, clock: Clock) -> Self:
        """Begin a new journal, readable by its owner only.

        Raises:
            JournalError: there is one already, or it can't be written there.
        """
        return cls._acquire(path, clock, os.O_CREAT | os.O_EXCL)

    @classmethod
    def open(cls, path: Path, clock: Clock) -> Self:
        """Go on with a journal that exists; a torn last line is ended first, never overwritten.

        Raises:
            JournalError: it isn't there, isn't a journal, or another process writes it.
        """
        journal = cls._acquire(path, clock, 0)
        try:
            # Read once it is ours: what another process wrote until now has its numbers.
            entries = read(path)
            journal._number = len(entries)  # noqa: SLF001 - its own alternative constructor
            torn = os.fstat(journal._descriptor).st_size and not path.read_bytes().endswith(b"\n")  # noqa: SLF001
            if torn:
                journal._write(b"\n")  # noqa: SLF001
        except BaseException:
            journal.close()
            raise
        return journal

    @classmethod
    def _acquire(cls, path: Path, clock: Clock, flags: int) -> Self:
        try:
            if flags & os.O_CREAT:
                path.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC | flags, 0o600)
        except OSError as error:
            raise _unwritable(
                path, error, "Name another place for it; without a journal nothing is changed."
            ) from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(descriptor)
            raise JournalError(
                f"Another process is writing the journal {printable(path)}.",
                remedy="Let it end, or look at what it does, before you start a second rollback.",
            ) from error
        except OSError as error:
            os.close(descriptor)
            raise _unwritable(path, error, "Put it on a disk of this machine.") from error
        if flags & os.O_CREAT:
            with suppress(OSError):  # a directory that may be written but not read
                _sync_directory(path.parent)
        return cls(path, descriptor, clock)

    def record(self, kind: Kind, what: str, /, **detail: Json) -> Entry:
        """Write one entry and have it on disk.

        Raises:
            JournalError: it can't be written, as on a full disk; what was half written is taken back.
        """
        now = self._clock.now()
        at = now.replace(microsecond=now.microsecond // 1000 * 1000)
        entry = Entry(self._number + 1, at, kind, what, detail)
        line = json.dumps(
            {
                "number": entry.number,
                "at": at.isoformat(timespec="milliseconds"),
                "kind": kind.value,
                "what": what,
                **({"detail": detail} if detail else {}),
            },
            ensure_ascii=False,
        )
        # Half a character (as in a file name that isn't UTF-8) becomes its JSON escape.
        self._write(line.encode(errors="backslashreplace") + b"\n", number=entry.number)
        for listener in (*self._listeners, *_OVERHEARING):
            listener(entry)
        return entry

    def _write(self, line: bytes, *, number: int | None = None) -> None:
        """Append `line`, wholly or not at all, also when Ctrl-C comes in between."""
        if self._descriptor < 0:
            raise JournalError(f"The journal {printable(self.path)} is closed.", remedy="Open it again.")
        before = os.fstat(self._descriptor).st_size
        try:
            if os.write(self._descriptor, line) != len(line):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))  # noqa: TRY301 - a full disk
            os.fsync(self._descriptor)
            if number is not None:
                self._number = number
        except BaseException as error:
            with suppress(OSError):
                os.ftruncate(self._descriptor, before)
            if isinstance(error, OSError):
                raise _unwritable(
                    self.path,
                    error,
                    "Make room, then look at the world before you go on: nothing more was begun.",
                ) from error
            raise

    def subscribe(self, listener: Callable[[Entry], None]) -> None:
        """Have `listener` called with every entry from now on, after it is on disk."""
        self._listeners.append(listener)

    # What a process runner tells the journal (rollback.process.ProcessRecorder).

    def command(self, args: Sequence[str], cwd: Path | None) -> None:
        """Record a command line before it runs, without user and password of the URLs in it."""
        shown = without_users(args)
        self.record(Kind.COMMAND, shlex.join(shown), args=shown, cwd=str(cwd) if cwd else None)

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


@contextmanager
def overheard(listener: Callable[[Entry], None]) -> Iterator[None]:
    """Have `listener` called with every entry of every journal of this process, for as long as the block lasts."""
    _OVERHEARING.append(listener)
    try:
        yield
    finally:
        _OVERHEARING.remove(listener)


def without_users(args: Sequence[str]) -> list[str]:
    """Arguments of a program as they may be recorded: user and password of the URLs in them are `***`."""
    return [_USER_IN_URL.sub("***@", arg) for arg in args]


def read(path: Path) -> list[Entry]:
    """The entries of a journal, oldest first; a torn line (a process was killed) is left out.

    Raises:
        JournalError: it can't be read, isn't a journal, or lacks entries.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise JournalError(
            f"The journal {printable(path)} can't be read: {error.strerror}.",
            remedy="Name the journal of a rollback.",
        ) from error
    entries: list[Entry] = []
    for number, line in enumerate(content.split(b"\n"), start=1):
        try:
            entry = _parsed(line)
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            if _torn(line):
                continue
            raise JournalError(
                f"{printable(path)}, line {number} is not an entry of a journal.",
                remedy="Name a journal that this tool wrote.",
            ) from error
        if entry.number != len(entries) + 1:
            raise JournalError(
                f"{printable(path)}, line {number} holds entry {entry.number}, "
                f"but entry {len(entries) + 1} should follow: some are missing or damaged.",
                remedy="Don't rely on this journal; look at the world itself.",
            )
        entries.append(entry)
    return entries


def _torn(line: bytes) -> bool:
    """Whether this is the beginning of an entry, or the NULs that a power cut leaves in its place."""
    beginning = line.rstrip(b"\0")
    return beginning.startswith(_BEGINNING) or _BEGINNING.startswith(beginning)


def _parsed(line: bytes) -> Entry:
    fields = json.loads(line.decode())
    number, what, detail = fields["number"], fields["what"], fields.get("detail", {})
    at = datetime.fromisoformat(fields["at"])
    if not (type(number) is int and isinstance(what, str) and isinstance(detail, dict) and at.tzinfo):
        raise TypeError
    return Entry(number, at, Kind(fields["kind"]), what, detail)


def _unwritable(path: Path, error: OSError, remedy: str) -> JournalError:
    culprit = Path(os.fsdecode(error.filename)) if error.filename else path
    where = "" if culprit == path else f" ({printable(culprit)})"
    return JournalError(
        f"The journal {printable(path)} can't be written: {error.strerror}{where}.", remedy=remedy
    )


def _sync_directory(directory: Path) -> None:
    """Have the name of a new file on disk as well."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
