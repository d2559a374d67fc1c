"""Figures, their bounds, and runs that take turns so that a ratio is of one and the same while."""

from __future__ import annotations

import gc
import statistics
import time
from bisect import bisect_left
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence


class Verdict(StrEnum):
    """What a figure says of its bound."""

    KEPT = "kept"
    MISSED = "missed"
    SHOWN = ""


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured thing.

    Attributes:
        what: what was measured, in words.
        value: the measure.
        unit: what it is counted in; ``x`` for a ratio.
        bound: the most it may be; None where it is only shown.
    """

    what: str
    value: float
    unit: str = "x"
    bound: float | None = None

    @property
    def verdict(self) -> Verdict:
        """Whether the bound is kept; what has none is only shown."""
        if self.bound is None:
            return Verdict.SHOWN
        return Verdict.KEPT if self.value <= self.bound else Verdict.MISSED


@dataclass(frozen=True, slots=True)
class Answer:
    """What a question came to.

    Attributes:
        figures: its figures.
        notes: what has to be known to read them, a sentence each.
    """

    figures: tuple[Figure, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How much is measured.

    Attributes:
        rounds: how often the rivals of a ratio take turns in this process.
        starts: how often each fresh process is started.
        seeds: how many simulated rollouts are watched.
        rehearsals: how many are played in a row in one process.
    """

    rounds: int = 9
    starts: int = 2
    seeds: int = 100
    rehearsals: int = 1000


@dataclass(frozen=True, slots=True)
class Cost:
    """What something took.

    Attributes:
        seconds: by the clock on the wall.
        processor: seconds of processor time, of this process.
    """

    seconds: float
    processor: float


def cost(action: Callable[[], object]) -> Cost:
    """What one run of `action` takes; no rubbish of an earlier run is collected at its expense."""
    gc.collect()
    wall, processor = time.perf_counter(), time.process_time()
    action()
    return Cost(time.perf_counter() - wall, time.process_time() - processor)


def in_turns(
    rivals: Mapping[str, Callable[[], Cost]], rounds: int, *, warm_up: int = 1
) -> dict[str, list[Cost]]:
    """Run the rivals one after another, again and again, each round in the opposite order of the last.

    Args:
        rivals: what is compared, by name; each says what its run cost.
        rounds: how many runs of each count.
        warm_up: how many rounds before these don't.
    """
    costs: dict[str, list[Cost]] = {name: [] for name in rivals}
    for number in range(warm_up + rounds):
        order = list(rivals.items())
        for name, run in reversed(order) if number % 2 else order:
            measured = run()
            if number >= warm_up:
                costs[name].append(measured)
    return costs


def median(values: Iterable[float]) -> float:
    """The median."""
    return statistics.median(values)


def ratio(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """The median of the ratios of the rounds: each is of two runs that were neighbours in time."""
    return median(one / other for one, other in zip(ours, theirs, strict=True))


def densest(moments: Sequence[float], window: float) -> int:
    """How many of `moments`, which ascend, lie within any one `window`, its end left out."""
    return max((bisect_left(moments, at + window) - first for first, at in enumerate(moments)), default=0)
