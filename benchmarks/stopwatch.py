"""Where the time of a rehearsal goes: each part without the parts within it."""

from __future__ import annotations

import os
import time
from collections import defaultdict
from contextlib import ExitStack, contextmanager
from functools import wraps
from typing import TYPE_CHECKING, Any, Final
from unittest import mock

import botocore.client
import requests

import rehearsal.clock
import rollback.journal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

CALLS: Final = "AWS calls: botocore, moto, the living stage"
JOURNAL: Final = "the journal, besides fsync"
FSYNC: Final = "fsync"
HTTP: Final = "HTTP to the application"
SCHEDULER: Final = "the living scheduler, while the clock moves"
REST: Final = "the rest: opening, planning, judging, closing"

_PARTS: Final[tuple[tuple[str, Any, str], ...]] = (
    (CALLS, botocore.client.BaseClient, "_make_api_call"),
    (JOURNAL, rollback.journal.Journal, "record"),
    (FSYNC, os, "fsync"),
    (HTTP, requests.Session, "request"),
    (SCHEDULER, rehearsal.clock.VirtualClock, "sleep"),
)


class Stopwatch:
    """Sums up time by part; a part within a part counts for itself only.

    Attributes:
        seconds: what each part took, by the wall.
        runs: how often each part was entered.
    """

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        self._clock = clock
        self._within: list[str] = []
        self._since = 0.0
        self.seconds: defaultdict[str, float] = defaultdict(float)
        self.runs: defaultdict[str, int] = defaultdict(int)

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        """Count the time of this block for `name`, but for the parts within it."""
        self._pass_on()
        self._within.append(name)
        self.runs[name] += 1
        try:
            yield
        finally:
            self._pass_on()
            self._within.pop()

    def _pass_on(self) -> None:
        now = self._clock()
        if self._within:
            self.seconds[self._within[-1]] += now - self._since
        self._since = now

    def timed(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """`function`, whose time counts for `name`."""

        @wraps(function)
        def run(*args: Any, **kwargs: Any) -> Any:
            with self.part(name):
                return function(*args, **kwargs)

        return run


@contextmanager
def split() -> Iterator[Stopwatch]:
    """Time the parts of what is done in this block; what is in none of them is `REST`."""
    watch = Stopwatch()
    with ExitStack() as patches:
        for name, owner, method in _PARTS:
            patches.enter_context(mock.patch.object(owner, method, watch.timed(name, getattr(owner, method))))
        with watch.part(REST):
            yield watch
