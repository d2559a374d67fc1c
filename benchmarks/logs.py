"""What it costs to watch a log group of a million events."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from benchmarks.a_million import PAGE, PAGES, counted
from benchmarks.harness import Answer, Figure, median

if TYPE_CHECKING:
    from benchmarks.harness import Size

BOUND_MB: Final = 100.0


def answer(size: Size) -> Answer:
    """Count them in fresh processes, and take the most memory that any of them had."""
    runs = [counted(parsed=True) for _ in range(size.starts)]
    assert all((run.errors, run.messages) == (PAGE * PAGES // 100, 1) for run in runs)
    return Answer(
        (
            Figure(
                f"memory of a process that counts {PAGE * PAGES:,} log events",
                max(run.memory for run in runs) / 2**20,
                "MB",
                BOUND_MB,
            ),
            Figure("  which takes of the processor", median(run.seconds for run in runs), "s"),
        ),
        ("All of the process, boto3 and its parsing of each page included.",),
    )
