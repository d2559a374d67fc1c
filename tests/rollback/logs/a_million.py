"""Count a million log events; print the errors, the different messages, and the most memory this process had, in bytes."""

from __future__ import annotations

import resource
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

sys.path.insert(0, ".")

from rollback.logs import reading
from rollback.logs.grouping import Tally

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = 10_000
PAGES = 100


class Pages:
    """A log of different events, a hundredth of them errors; each page is made when it is asked for."""

    def paginate(self, **_: object) -> Iterator[dict[str, Any]]:
        for number in range(PAGES):
            yield {"events": [self._event(number * PAGE + n) for n in range(PAGE)]}

    @staticmethod
    def _event(n: int) -> dict[str, Any]:
        level = "INFO" if n % 100 else "ERROR"
        return {"timestamp": n, "message": f"{level} order {n} was lost in transit", "logStreamName": "s"}


def most_memory() -> int:
    """In bytes. On Linux getrusage also knows what the parent had when it forked, /proc does not."""
    status = Path("/proc/self/status")
    if status.exists():
        return int(status.read_text().partition("VmHWM:")[2].split()[0]) * 1024
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024


def main() -> None:
    access = SimpleNamespace(aws=SimpleNamespace(logs=SimpleNamespace(get_paginator=lambda _: Pages())))
    environment = SimpleNamespace(logs=SimpleNamespace(group="g", errors=("ERROR", "Traceback")))
    tally = Tally(environment.logs.errors)
    noon = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)
    reading.count(cast("Any", environment), cast("Any", access), tally, noon, noon + timedelta(hours=1))
    print(tally.total, len(list(tally)), most_memory())  # noqa: T201


if __name__ == "__main__":
    main()
