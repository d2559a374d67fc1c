from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from rollback.errors import JournalError
from rollback.journal import Entry, Journal, Kind, read

if TYPE_CHECKING:
    from collections.abc import Callable

    from rehearsal.clock import VirtualClock

ROOT = Path(__file__).parents[2]

# A full disk, and Ctrl-C.


def short_write(whole: Callable[[int, bytes], int]) -> Callable[[int, bytes], int]:
    return lambda descriptor, data: whole(descriptor, data[: len(data) // 2])


def full_disk(_: Callable[[int, bytes], int]) -> Callable[[int, bytes], int]:
    def write(_: int, __: bytes) -> int:
        raise OSError(28, os.strerror(28))

    return write


@pytest.mark.parametrize("fault", [short_write, full_disk])
def test_a_full_disk_leaves_the_journal_as_it_was(
    path: Path,
    journal: Journal,
    monkeypatch: pytest.MonkeyPatch,
    fault: Callable[..., Callable[[int, bytes], int]],
) -> None:
    journal.record(Kind.CALL, "before")
    before = path.read_bytes()
    told: list[Entry] = []
    journal.subscribe(told.append)
    with monkeypatch.context() as full:
        full.setattr(os, "write", fault(os.write))
        with pytest.raises(
            JournalError, match=r"can't be written: No space left on device\. Make room"
        ) as caught:
            journal.record(Kind.CALL, "never")
    assert "\n" not in str(caught.value)
    assert path.read_bytes() == before
    assert told == []
    assert journal.record(Kind.CALL, "after").number == 2


@pytest.mark.parametrize("door", ["write", "fsync"])
def test_ctrl_c_while_writing_leaves_a_journal_that_goes_on(
    path: Path, journal: Journal, monkeypatch: pytest.MonkeyPatch, door: str
) -> None:
    """The signal may come when the line is already there: then nothing of it stays."""
    real = getattr(os, door)

    def interrupted(*args: object) -> None:
        real(*args)
        raise KeyboardInterrupt

    with monkeypatch.context() as ctrl_c:
        ctrl_c.setattr(os, door, interrupted)
        with pytest.raises(KeyboardInterrupt):
            journal.record(Kind.CALL, "never went out")
    journal.record(Kind.INTERRUPTED, "Interrupted.")
    assert [(entry.number, entry.what) for entry in read(path)] == [(1, "Interrupted.")]


# Two processes.

WRITER = """
import sys
from pathlib import Path
from rollback.clock import SystemClock
from rollback.errors import JournalError
from rollback.journal import Journal, Kind

how, path = sys.argv[1:]
try:
    journal = getattr(Journal, how)(Path(path), SystemClock())
except JournalError as error:
    sys.exit(str(error))
n = 0
while how == "create":
    journal.record(Kind.CALL, "entry " + str(n), filler="x" * 300)
    n += 1
    if n == 20:
        print("writing", flush=True)
"""


def start(how: str, path: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", WRITER, how, str(path)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def test_two_processes_cannot_write_the_same_journal(path: Path, journal: Journal) -> None:
    journal.record(Kind.CALL, "mine")
    with start("open", path) as process:
        _, said = process.communicate()
    assert b"Another process is writing the journal" in said
    assert b"Traceback" not in said
    assert len(read(path)) == 1


def test_a_journal_is_free_again_once_its_writer_is_gone(
    path: Path, journal: Journal, clock: VirtualClock
) -> None:
    with pytest.raises(JournalError, match="Another process"):
        Journal.open(path, clock)
    journal.close()
    Journal.open(path, clock).close()


def test_a_disk_that_knows_no_locks_is_not_taken_for_another_process(
    path: Path, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_locks(*_: object) -> None:
        raise OSError(37, "No locks available")

    monkeypatch.setattr("fcntl.flock", no_locks)
    with pytest.raises(JournalError, match="can't be written: No locks available"):
        Journal.create(path, clock)


def test_kill_9_leaves_a_readable_journal(path: Path, clock: VirtualClock) -> None:
    process = start("create", path)
    assert process.stdout is not None
    with process:
        assert process.stdout.readline() == b"writing\n"
        process.send_signal(signal.SIGKILL)
    entries = read(path)
    assert len(entries) >= 20
    assert [entry.what for entry in entries] == [f"entry {n}" for n in range(len(entries))]
    with Journal.open(path, clock) as journal:
        assert journal.record(Kind.DECISION, "going on").number == len(entries) + 1
