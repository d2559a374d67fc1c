"""A million log events are counted without being held."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).parent / "a_million.py"
LIMIT = 100 * 2**20


def test_a_million_events_stay_under_100_mb() -> None:
    """Measured in a process of its own, as all the memory that it ever had."""
    ran = subprocess.run(  # noqa: S603 - our own script
        [sys.executable, SCRIPT], capture_output=True, text=True, check=True, cwd=Path(__file__).parents[3]
    )
    errors, groups, most = map(int, ran.stdout.split())
    assert (errors, groups) == (10_000, 1)
    assert most < LIMIT
