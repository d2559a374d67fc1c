"""What a scenario of the revert chapters costs beyond its git and moto calls."""

from __future__ import annotations

import os
import subprocess
import threading
from collections import defaultdict
from contextlib import ExitStack, contextmanager
from functools import wraps
from typing import TYPE_CHECKING, Any, Final
from unittest import mock

import botocore.client
import requests

import rehearsal.clock
import rollback.journal
import rollback.process
from benchmarks.harness import Answer, Figure, median
from benchmarks.setting import CHECKOUT, opened
from benchmarks.stopwatch import CALLS, FSYNC, JOURNAL, SCHEDULER, Stopwatch
from rehearsal.origin import smart_http
from rehearsal.world.version import Behaviour
from rollback import revert
from rollback.environment import load

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from benchmarks.harness import Size

BOUND: Final = 1.3
GIT: Final = "git, on either side"
REQUESTS: Final = "requests to GitHub and to the application"
SERVING: Final = "the remote besides its git, and the pipeline's start"
REST: Final = "the rest: opening, planning, the pipeline, judging, closing"
BAD: Final = "Faster checkout"

_PARTS: Final[tuple[tuple[str, Any, str], ...]] = (
    (GIT, rollback.process.Processes, "run"),
    (GIT, subprocess, "run"),  # with which the stage runs its git
    (CALLS, botocore.client.BaseClient, "_make_api_call"),
    (REQUESTS, requests.Session, "request"),
    (SERVING, smart_http.GitHttp, "respond"),
    (JOURNAL, rollback.journal.Journal, "record"),
    (FSYNC, os, "fsync"),
    (SCHEDULER, rehearsal.clock.VirtualClock, "sleep"),
)


def answer(size: Size) -> Answer:
    """Play the scenario again and again, and take each run apart."""
    play()
    runs = [measured(synced=False) for _ in range(size.rounds)]
    synced = [measured(synced=True) for _ in range(size.rounds)]
    shares = {name: median(run[name] / sum(run.values()) * 100 for run in runs) for name in runs[0]}
    return Answer(
        (
            Figure("one revert / its own git and moto calls", median(map(beyond, runs)), bound=BOUND),
            Figure("  with this disk's fsync of the journal", median(map(beyond, synced))),
            Figure("  which takes", median(sum(run.values()) for run in synced) * 1000, "ms"),
            *(
                Figure(f"  of a revert: {name}", share, "%")
                for name, share in sorted(shares.items(), key=lambda each: -each[1])
            ),
        ),
        (
            "A pull request is merged, deployed and bad; its revert is planned, pushed, deployed and verified.",
            "While git waits for the remote, what the remote does besides its own git counts for the remote.",
        ),
    )


def play() -> None:
    """The chapter's first scenario, from the opening of the stage to its close."""
    with opened() as on:
        # They import moto, which only a stage may do first.
        from rehearsal.origin.origin import Origin  # noqa: PLC0415
        from rehearsal.origin.people import Developers  # noqa: PLC0415

        origin = Origin(on.stage, on.world, load(CHECKOUT / "environments.toml"), seed=0)
        try:
            origin.open_the_service()
            developers = Developers(origin, on.environment)
            made = developers.merged(BAD, developers.code(BAD, Behaviour.ERRORS))
            origin.settle()
            access = on.operator.access
            plan = revert.plan(on.environment, access, what=made.commit, why="It answers with errors.")
            result = revert.apply(on.environment, access, plan)
            assert result.landed, result.sentence
            told = revert.verify(on.environment, access, result.saved)
            assert told.landed, told.contradictions
        finally:
            origin.close()


def measured(*, synced: bool) -> Mapping[str, float]:
    """The seconds of each part of one run, with the journal on disk before each next thing or without that."""
    with mock.patch.object(os, "fsync", os.fsync if synced else lambda _: None), parts() as watches:
        play()
    here = watches.pop(threading.get_ident())
    seconds = defaultdict(float, here.seconds)
    # What other threads do, they do while git waits for them in this one: of that, only their git is git.
    served = sum(watch.seconds[name] for watch in watches.values() for name in watch.seconds if name != GIT)
    seconds[GIT] -= served
    seconds[SERVING] += served
    return seconds


def beyond(seconds: Mapping[str, float]) -> float:
    """All of it by what git and moto take of it."""
    return sum(seconds.values()) / (seconds[GIT] + seconds[CALLS])


@contextmanager
def parts() -> Iterator[dict[int, Stopwatch]]:
    """Time the parts of what is done in this block, by thread; what is in none of them is `REST`."""
    watches: defaultdict[int, Stopwatch] = defaultdict(Stopwatch)

    def timed(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(function)
        def run(*args: Any, **kwargs: Any) -> Any:
            with watches[threading.get_ident()].part(name):
                return function(*args, **kwargs)

        return run

    with ExitStack() as patches:
        for name, owner, method in _PARTS:
            patches.enter_context(mock.patch.object(owner, method, timed(name, getattr(owner, method))))
        with watches[threading.get_ident()].part(REST):
            yield watches
