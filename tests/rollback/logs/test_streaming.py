"""A million log events are counted without being held."""

from __future__ import annotations

from benchmarks.a_million import counted

LIMIT = 100 * 2**20


def test_a_million_events_stay_under_100_mb() -> None:
    """Measured in a process of its own, as all the memory that it ever had."""
    found = counted(parsed=False)
    assert (found.errors, found.messages) == (10_000, 1)
    assert found.memory < LIMIT
