"""What an entry in the journal costs besides having it on disk."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final
from unittest import mock

from benchmarks.harness import Answer, Figure, cost, in_turns, median
from rehearsal.clock import VirtualClock
from rollback.journal import Journal, Kind

if TYPE_CHECKING:
    from benchmarks.harness import Cost, Size

ENTRIES: Final = 500


def answer(size: Size) -> Answer:
    """Write entries with and without fsync in turns."""
    costs = in_turns(
        {"synced": lambda: written(synced=True), "bare": lambda: written(synced=False)}, size.rounds
    )
    bare = median(each.seconds for each in costs["bare"]) / ENTRIES
    synced = median(each.seconds for each in costs["synced"]) / ENTRIES
    return Answer(
        (
            Figure("a journal entry besides fsync", bare * 1e6, "µs"),
            Figure("with this disk's fsync", synced * 1e6, "µs"),
        )
    )


def written(*, synced: bool) -> Cost:
    """What `ENTRIES` answers of AWS cost to write down."""
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "journal.jsonl"
        with (
            mock.patch.object(os, "fsync", os.fsync if synced else lambda _: None),
            Journal.create(path, VirtualClock()) as journal,
        ):

            def write() -> None:
                for _ in range(ENTRIES):
                    journal.record(Kind.ANSWER, "ecs:DescribeServices", status=200, seconds=0.1)

            return cost(write)
