"""What a scenario of the chapters about Terraform costs beyond its terraform, git and moto calls."""

from __future__ import annotations

import os
import subprocess
import threading
from collections import defaultdict
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from unittest import mock

import botocore.client
import requests

import rehearsal.clock
import rehearsal.embedded
import rollback.journal
import rollback.process
from benchmarks.harness import Answer, Figure, cost, median
from benchmarks.setting import CHECKOUT, opened
from benchmarks.stopwatch import CALLS, FSYNC, JOURNAL, SCHEDULER, Stopwatch
from rehearsal.notes import Notes
from rehearsal.origin import smart_http
from rehearsal.restorer import Restorer
from rehearsal.terraformer import Terraformer
from rollback import terraform
from rollback.environment import load

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from benchmarks.harness import Size
    from benchmarks.setting import Setting
    from rehearsal.origin.origin import Origin
    from rehearsal.state_keeper import StateKeeper

BOUND: Final = 1.3
SET_UP: Final = 50.0
"""The most of Terraform's time, in per cent, that may go into what the runbook doesn't ask for."""
GIT: Final = "git, on either side"
TEAM: Final = "terraform of the team and its pipeline"
OPERATOR: Final = "terraform "
"""How the operator's commands begin; the command follows."""
VERSION: Final = OPERATOR + "version"
REQUESTS: Final = "requests to GitHub and to the application"
SERVING: Final = "the remote besides its git, and the pipeline's start"
PROVIDING: Final = "making true in AWS what Terraform's resources say"
REST: Final = "the rest: opening, planning, the pipeline, judging, closing"
_ELSEWHERE: Final = "counted in the thread that waits for it"
_TITLE: Final = "Close the service's port"


@dataclass(slots=True)
class Watches:
    """The stopwatches of all threads.

    Attributes:
        main: the thread that plays the scenario.
        of: the stopwatch of each thread.
    """

    main: int = field(default_factory=threading.get_ident)
    of: defaultdict[int, Stopwatch] = field(default_factory=lambda: defaultdict(Stopwatch))
    waits_for: str = REST

    def timed(self, named: Callable[..., str], function: Callable[..., Any]) -> Callable[..., Any]:
        """`function`, whose time counts for what `named` says of its arguments."""

        @wraps(function)
        def run(*args: Any, **kwargs: Any) -> Any:
            name = named(*args, **kwargs)
            if threading.get_ident() != self.main:
                with self.of[threading.get_ident()].part(f"{self.waits_for}\n{name}"):
                    return function(*args, **kwargs)
            before, self.waits_for = self.waits_for, name
            try:
                with self.of[self.main].part(name):
                    return function(*args, **kwargs)
            finally:
                self.waits_for = before

        return run

    def seconds(self) -> Mapping[str, float]:
        """All of it by part: what a program waited for another part is that part's."""
        seconds = defaultdict(float, self.of[self.main].seconds)
        for thread, watch in self.of.items():
            if thread == self.main:
                continue
            for label, spent in watch.seconds.items():
                waiting, name = label.split("\n")
                if name not in {_ELSEWHERE, waiting}:
                    seconds[waiting] -= spent
                    seconds[name] += spent
        return seconds


def answer(size: Size) -> Answer:
    """Play the scenarios again and again, and take each run apart."""
    figures: list[Figure] = []
    for name, play in {"state": restored, "manual": rolled_back}.items():
        first = cost(play).seconds
        runs = [measured(play, synced=False) for _ in range(size.rounds)]
        synced = [measured(play, synced=True) for _ in range(size.rounds)]
        figures += [
            Figure(
                f"{name}: one scenario / its terraform, git and moto calls",
                median(map(beyond, runs)),
                bound=BOUND,
            ),
            Figure("  with git counted among what is beyond", median(beyond(run, git=False) for run in runs)),
            Figure("  with this disk's fsync of the journal", median(map(beyond, synced))),
            Figure("  which takes", median(sum(run.values()) for run in synced) * 1000, "ms"),
            Figure("  the first of a process takes", first * 1000, "ms"),
            Figure(
                "  of Terraform's time: what the runbook doesn't ask for",
                median(map(set_up, runs)),
                "%",
                SET_UP,
            ),
            *shares(name, runs),
        ]
    return Answer(
        tuple(figures),
        (
            "state: a state that broke off is restored by a conditional write, and one that is whole and wrong by `state push`; both are verified.",
            "manual: a pull request that closes the service's port is merged and applied; it is rolled back by hand, and verified.",
            "While a program waits for AWS, what AWS does on the stage counts for AWS; HTTP itself and the provisioners' Python count for Terraform.",
        ),
    )


def shares(name: str, runs: Iterable[Mapping[str, float]]) -> Iterator[Figure]:
    """How a scenario is divided, the greatest part first."""
    each = list(runs)
    parts = {part for run in each for part in run}
    share = {part: median(run.get(part, 0.0) / sum(run.values()) * 100 for run in each) for part in parts}
    for part in sorted(share, key=share.__getitem__, reverse=True):
        yield Figure(f"  of {name}: {part}", share[part], "%")


@contextmanager
def played() -> Iterator[tuple[Setting, Origin, StateKeeper]]:
    """A service that runs the newest commit of its branch, whose infrastructure is what Terraform has applied."""
    with opened() as on:
        # They import moto, which only a stage may do first.
        from rehearsal.origin.origin import Origin  # noqa: PLC0415
        from rehearsal.state_keeper import StateKeeper  # noqa: PLC0415

        origin = Origin(on.stage, on.world, load(CHECKOUT / "environments.toml"), seed=0)
        try:
            origin.open_the_service()
            keeper = StateKeeper(on.stage, on.world, on.environment)
            keeper.open()
            yield on, origin, keeper
        finally:
            origin.close()


def restored() -> None:
    """A damaged state is restored, and then one that is whole and wrong, each from the opening of the stage on."""
    from rehearsal.state_keeper import DATABASE  # noqa: PLC0415

    def by_write(keeper: StateKeeper, engineer: Restorer) -> str:
        keeper.newest("broke off in the middle")
        return engineer.newest_whole()

    def by_push(keeper: StateKeeper, _: Restorer) -> str:
        keeper.remove(DATABASE)
        return keeper.before_the_last.id

    for choose in (by_write, by_push):
        with played() as (on, _, keeper):
            engineer = Restorer(on.environment, on.operator.access, Notes())
            engineer.restore(choose(keeper, engineer))
            assert engineer.result.landed, engineer.result.sentence
            told = engineer.verify()
            assert told.landed, told.contradictions


def rolled_back() -> None:
    """The service's port is closed by a pull request, and rolled back by hand."""
    with played() as (on, origin, _):
        from rehearsal.origin.people import Developers  # noqa: PLC0415

        developers = Developers(origin, on.environment)
        made = developers.merged(_TITLE, developers.infrastructure(_TITLE))
        origin.pipeline.settle()
        engineer = Terraformer(on.environment, on.operator.access, Notes())
        engineer.roll_back(made.before)
        assert engineer.result.outcome is terraform.Outcome.LANDED, engineer.result.sentence
        told = engineer.verify()
        assert told.landed, told.contradictions


def measured(play: Callable[[], None], *, synced: bool) -> Mapping[str, float]:
    """The seconds of each part of one run, with the journal on disk before each next thing or without that."""
    with mock.patch.object(os, "fsync", os.fsync if synced else lambda _: None), parts() as watches:
        play()
    return watches.seconds()


def beyond(seconds: Mapping[str, float], *, git: bool = True) -> float:
    """All of it by what terraform, moto and (unless told otherwise) git take of it."""
    programs = {CALLS, GIT} if git else {CALLS}
    called = sum(spent for name, spent in seconds.items() if name in programs or is_terraform(name))
    return sum(seconds.values()) / called


def set_up(seconds: Mapping[str, float]) -> float:
    """How much of Terraform's time goes into what the runbook doesn't ask for, in per cent."""
    all_of_it = sum(spent for name, spent in seconds.items() if is_terraform(name))
    return (seconds.get(TEAM, 0.0) + seconds.get(VERSION, 0.0)) / all_of_it * 100


def is_terraform(name: str) -> bool:
    """Whether the part is Terraform's."""
    return name.startswith(OPERATOR)


def command(argv: Iterable[str]) -> str:
    """The part that a program of the operator's belongs to."""
    program, *words = argv
    if Path(program).name.startswith("git"):
        return GIT
    while words and (words[0].startswith("-") or words[0].endswith("library.py")):
        words.pop(0)
    return OPERATOR + " ".join(words[: 2 if words[:1] == ["state"] else 1])


@contextmanager
def parts() -> Iterator[Watches]:
    """Time the parts of what is done in this block, by thread; what is in none of them is `REST`."""
    # They import moto, which only a stage may do first: a first run has been there.
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication  # noqa: PLC0415

    from rehearsal.teams_terraform import Lane  # noqa: PLC0415

    watches = Watches()

    def program(_: object, args: Iterable[str], **__: object) -> str:
        if threading.current_thread().name == "teams-terraform":
            return _ELSEWHERE
        return command(args)

    def always(name: str) -> Callable[..., str]:
        return lambda *_, **__: name

    timed: tuple[tuple[Callable[..., str], Any, str], ...] = (
        (program, rollback.process.Processes, "run"),
        (always(GIT), subprocess, "run"),  # with which the stage runs its git
        (always(TEAM), Lane, "work_until_done"),
        (always(CALLS), botocore.client.BaseClient, "_make_api_call"),
        (always(CALLS), DomainDispatcherApplication, "__call__"),
        (always(PROVIDING), rehearsal.embedded.EmbeddedStage, "_provide"),
        (always(REQUESTS), requests.Session, "request"),
        (always(SERVING), smart_http.GitHttp, "respond"),
        (always(JOURNAL), rollback.journal.Journal, "record"),
        (always(FSYNC), os, "fsync"),
        (always(SCHEDULER), rehearsal.clock.VirtualClock, "sleep"),
    )
    with ExitStack() as patches:
        for named, owner, method in timed:
            patch = mock.patch.object(owner, method, watches.timed(named, getattr(owner, method)))
            patches.enter_context(patch)
        with watches.of[watches.main].part(REST):
            yield watches
