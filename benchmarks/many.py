"""Whether rehearsals in one process stay as cheap as the first, in time and in memory."""

from __future__ import annotations

import gc
import json
import resource
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Final

from benchmarks.harness import Answer, Figure, median
from benchmarks.setting import opened

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.harness import Size

SLOPE: Final = 1.10
"""How much dearer a rehearsal of the last quarter may be than one of the first."""
KIB: Final = 4
"""How many KiB a rehearsal may leave behind: at this rate a thousand leave 4 MiB."""
WARM_UP: Final = 20


def lighter(seed: int) -> None:
    """A rehearsal of a small, quick service on a history of two revisions: plan, apply and verify, all of it."""
    with opened("development", seed=seed, quick=True) as on:
        on.incidents.worked_with(40, 41)
        on.operator.roll_back()
        assert on.operator.result.landed
        assert on.operator.verify().landed


def fixed() -> None:
    """A piece of work that is always the same: how fast this machine is just now."""
    json.loads(json.dumps(list(range(30_000))))


def answer(size: Size) -> Answer:
    """Play them in a process of their own, since what another question has freed would hide what they keep."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as fresh:
        return fresh.submit(measured, size).result()


def measured(size: Size) -> Answer:
    """Play them one after another, and compare the last quarter, and what is held then, with the first."""
    for seed in range(WARM_UP):
        lighter(seed)
    quarter = max(1, size.rehearsals // 4)
    costs, relative = [], []
    objects, memory = held(), resident()
    for number in range(size.rehearsals):
        if number == quarter:
            objects, memory = held(), resident()
        costs.append(spent(lambda: lighter(number % WARM_UP)))  # noqa: B023 - it is run at once
        relative.append(costs[-1] / spent(fixed))
    later = max(1, size.rehearsals - quarter)
    objects, memory = held() - objects, resident() - memory
    slope = median(relative[-quarter:]) / median(relative[:quarter])
    return Answer(
        (
            Figure(f"{size.rehearsals} rehearsals: the last quarter / the first", slope, bound=SLOPE),
            Figure("memory kept of each after the first quarter", memory / later, "KiB", KIB),
            Figure("objects kept of each", objects / later, "objects"),
            Figure("one of them, in processor time", median(costs) * 1000, "ms"),
        ),
        (
            f"A lighter rehearsal: two tasks, quick targets, no bad revision; {WARM_UP} go before and don't count.",
            "Each in processor time, against a fixed piece of work that follows it: how busy the machine is cancels out.",
        ),
    )


def spent(action: Callable[[], object]) -> float:
    """The processor time of `action`, with the rubbish that it makes the collector look through."""
    began = time.process_time()
    action()
    return time.process_time() - began


def held() -> int:
    """How many objects the garbage collector knows of, after it has been."""
    gc.collect()
    return len(gc.get_objects())


def resident() -> float:
    """How much memory this process holds, in KiB: now where Linux tells, else the most it ever held."""
    status = Path("/proc/self/status")
    if not status.exists():
        return float(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
    line = next(each for each in status.read_text(encoding="ascii").splitlines() if each.startswith("VmRSS"))
    return float(line.split()[1])
