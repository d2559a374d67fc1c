"""How soon a rollback knows its end, against ECS itself and the AWS waiter, on the same simulated rollouts."""

from __future__ import annotations

import statistics
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from benchmarks.calls import listened, split_at_the_change
from benchmarks.harness import Answer, Figure, densest
from benchmarks.setting import opened
from rehearsal.world.version import Behaviour
from rollback.ecs import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.harness import Size
    from benchmarks.setting import Setting

LATER: Final = 3.0
"""How many seconds after ECS was steady a rollback may end, on average."""
POLLS: Final = 12
"""How many polls there may be in any 60 seconds."""
FEWER: Final = 4
"""For each so many rollouts that succeed, one of each kind that fails is watched."""
GLANCE: Final = 0.1
"""How often the truth is looked at, in virtual seconds: so exact are the moments."""


@dataclass(slots=True)
class Truth:
    """What ECS itself knew and when, read off the stage's own state while the clock moves.

    Attributes:
        failed: the moment our deployment became FAILED.
        steady: the moment our deployment was COMPLETED and no target of the old one drained.
    """

    on: Setting
    before: str = ""
    failed: float | None = None
    steady: float | None = None

    def watch(self) -> None:
        """Look from now on."""
        self.before = self._service().deployments[0].id
        self._glance()

    def _glance(self) -> None:
        self.look()
        self.on.stage.clock.call_in(GLANCE, self._glance)

    def look(self) -> None:
        """Look once; what is seen first is what counts."""
        primary = self._service().deployments[0]
        mine = primary.id != self.before
        if self.failed is None and any(
            each.rollout_state == "FAILED" for each in self._service().deployments
        ):
            self.failed = self.on.now
        if self.steady is None and mine and primary.rollout_state == "COMPLETED" and not self._drains():
            self.steady = self.on.now

    def _service(self) -> Any:
        from moto.ecs.models import ecs_backends  # noqa: PLC0415 - which only a stage may import first

        name = self.on.environment
        return ecs_backends[name.account][name.region].services[f"{name.cluster}:{name.service}"]

    def _drains(self) -> bool:
        from moto.elbv2.models import elbv2_backends  # noqa: PLC0415 - likewise

        backend: Any = elbv2_backends[self.on.environment.account][self.on.environment.region]
        group = backend.target_groups[self.on.world.foundation.target_group]
        return any("Target" in each and each["Target"].state == "draining" for each in group.targets.values())


@dataclass(frozen=True, slots=True)
class Watched:
    """One rollout, watched to its end.

    Attributes:
        began: the moment before it was asked for.
        ended: the moment it was known how it ended.
        success: whether it was called one.
        outcome: what a rollback called it; None for the AWS waiter.
        truth: what ECS itself knew.
        polls: the moments of the looks at the service.
    """

    began: float
    ended: float
    success: bool
    outcome: Outcome | None
    truth: Truth
    polls: list[float] = field(default_factory=list)

    def after(self, known: float | None) -> float:
        """How many seconds after ECS knew it ended."""
        assert known is not None
        return self.ended - known


def ours(on: Setting) -> Watched:
    """Roll back with `rollback.ecs`."""
    truth, calls = Truth(on), listened(on)
    on.operator.make_plan()
    began = on.now
    truth.watch()
    on.operator.apply()
    truth.look()
    _, polls = split_at_the_change(calls)
    looks = [call.at for call in polls if call.operation == "ecs:DescribeServices"]
    result = on.operator.result
    return Watched(began, on.now, result.landed, result.outcome, truth, looks)


def waiters(on: Setting) -> Watched:
    """Roll back as the AWS documentation has it: update-service, then botocore's own services_stable."""
    truth, began = Truth(on), on.now
    truth.watch()
    on.incidents.another_deploys(40)
    success = on.world.team.stable()
    truth.look()
    return Watched(began, on.now, success, None, truth)


def healthy(on: Setting) -> None:
    """Revision 40 is as good as ever."""
    on.incidents.worked_with(40, 41)


def reversed_by_the_breaker(on: Setting) -> None:
    """The image of revision 40 crashes by now; the circuit breaker puts 41 back."""
    healthy(on)
    on.incidents.rebuilt(40, Behaviour.CRASHES)


def given_up(on: Setting) -> None:
    """The same, but the circuit breaker only stops."""
    reversed_by_the_breaker(on)
    on.world.team.set_circuit_breaker(enable=True, rollback=False)


def played(
    prepare: Callable[[Setting], None], watch: Callable[[Setting], Watched], seeds: int
) -> list[Watched]:
    """The rollouts of the seeds 0, 1, 2 and so on, of a small service."""
    rollouts = []
    for seed in range(seeds):
        with opened("development", seed=seed) as on:
            prepare(on)
            rollouts.append(watch(on))
    return rollouts


def answer(size: Size) -> Answer:
    """Watch rollouts that succeed and rollouts that fail, both ways."""
    few = max(1, size.seeds // FEWER)
    return Answer(
        (
            *successes(played(healthy, ours, size.seeds), played(healthy, waiters, size.seeds)),
            *failures(
                "reversed by the breaker",
                Outcome.REVERSED,
                played(reversed_by_the_breaker, ours, few),
                played(reversed_by_the_breaker, waiters, few),
            ),
            *failures(
                "given up", Outcome.FAILED, played(given_up, ours, few), played(given_up, waiters, few)
            ),
        ),
        (
            "All in virtual time, of the same seeds both ways; a rollback's calls take 0.1 s each, the waiter's none.",
            f"The moments are exact to {GLANCE} s.",
        ),
    )


def successes(mine: list[Watched], theirs: list[Watched]) -> list[Figure]:
    """How long after ECS both knew."""
    assert all(each.success for each in mine + theirs)
    lags, slower = ([each.after(each.truth.steady) for each in rollouts] for rollouts in (mine, theirs))
    return [
        Figure(
            f"{len(mine)} successes: our end after ECS is steady, on average",
            statistics.fmean(lags),
            "s",
            LATER,
        ),
        Figure("  at most", max(lags), "s"),
        Figure("  the AWS waiter, on average", statistics.fmean(slower), "s"),
        Figure("  the AWS waiter, at most", max(slower), "s"),
        Figure(
            "  most polls of ours in any 60 s", max(densest(each.polls, 60) for each in mine), "polls", POLLS
        ),
    ]


def failures(kind: str, outcome: Outcome, mine: list[Watched], theirs: list[Watched]) -> list[Figure]:
    """How many polls after ECS we knew, and what the AWS waiter made of it."""
    assert all(each.outcome is outcome for each in mine)
    lags, waits = ([each.after(each.truth.failed) for each in rollouts] for rollouts in (mine, theirs))
    late = [sum(at >= each.ended - lag for at in each.polls) for each, lag in zip(mine, lags, strict=True)]
    fooled = sum(each.success for each in theirs)
    return [
        Figure(f"{len(mine)} {kind}: polls of ours from when ECS knows, at most", max(late), "polls", 1),
        Figure("  in seconds, at most", max(lags), "s"),
        Figure(
            "  most polls of ours in any 60 s", max(densest(each.polls, 60) for each in mine), "polls", POLLS
        ),
        Figure("  the AWS waiter ends after ECS knows, on average", statistics.fmean(waits), "s"),
        Figure("  and waits in all, at most", max(each.ended - each.began for each in theirs), "s"),
        Figure("  and calls so many of them a success", fooled, "rollouts"),
    ]
