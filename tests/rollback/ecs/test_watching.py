from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rollback.ecs import look
from rollback.ecs.result import Outcome
from rollback.ecs.watching import Awaited, adopted, interval, judged, watch
from rollback.errors import AccessDenied, AwsError, CredentialsExpired, Throttled
from rollback.journal import Kind, read
from tests.rollback.builders import app, deployment, service, with_deadline
from tests.rollback.wire import answering

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from rehearsal.clock import VirtualClock
    from rollback.access import Access
    from rollback.ecs.model import Deployment, Service
    from rollback.environment import Environment
    from tests.rollback.wire import Wire

BAD: Final = deployment(42)
OURS: Final = deployment(41, id="ours")
AWAITED: Final = Awaited(app(41), "ours", frozenset({BAD.id}))
UNNAMED: Final = replace(AWAITED, deployment="")

BREAKER: Final = "ECS deployment circuit breaker: rolling back to deploymentId ecs-svc/1."
GIVEN_UP: Final = "ECS deployment circuit breaker: tasks failed to start."
ALARMED: Final = "ECS deployment alarms detector: alarm detected."


# How often it is asked.


def test_it_asks_often_at_first_and_then_less() -> None:
    pauses = [interval(elapsed) for elapsed in range(1200)]
    assert pauses == sorted(pauses)
    assert (pauses[0], pauses[-1]) == (5, 15)


def test_it_never_asks_more_than_12_times_a_minute() -> None:
    polls = [0.0]
    while polls[-1] < 1800:
        polls.append(polls[-1] + interval(polls[-1]))
    for start in polls:
        assert sum(start <= poll < start + 60 for poll in polls) <= 12


# How it ended.


@pytest.mark.parametrize(
    ("outcome", "seen"),
    [
        pytest.param(Outcome.LANDED, service(OURS), id="ours alone runs"),
        pytest.param(Outcome.LANDED, service(replace(OURS, state="")), id="ECS tells no rollout state"),
        pytest.param(
            Outcome.LANDED,
            service(OURS, deployment(42, status="ACTIVE", running=0)),
            id="the old one is empty",
        ),
        pytest.param(None, service(replace(OURS, state="IN_PROGRESS")), id="ECS is not done"),
        pytest.param(None, service(replace(OURS, running=1)), id="too few run"),
        pytest.param(None, service(replace(OURS, running=3)), id="too many run"),
        pytest.param(None, service(OURS, running=3), id="a task of nobody runs"),
        pytest.param(None, service(OURS, pending=1), id="a task is pending"),
        pytest.param(
            None, service(OURS, deployment(42, status="ACTIVE", running=1), running=2), id="an old task runs"
        ),
        pytest.param(
            None,
            service(OURS, deployment(42, status="ACTIVE", running=0, pending=1), pending=0),
            id="an old task is pending",
        ),
        pytest.param(
            None, service(replace(OURS, running=0), desired=0), id="nothing is wanted, so nothing is proven"
        ),
        pytest.param(Outcome.FAILED, service(replace(OURS, state="FAILED", running=0)), id="ECS gave it up"),
        pytest.param(
            Outcome.REVERSED,
            service(
                deployment(42, id="new", state="IN_PROGRESS"),
                replace(OURS, status="ACTIVE", state="FAILED", reason=GIVEN_UP),
            ),
            id="the breaker gave ours up",
        ),
        pytest.param(
            Outcome.REVERSED, service(deployment(42, id="new", reason=BREAKER)), id="the breaker names itself"
        ),
        pytest.param(
            Outcome.REVERSED,
            service(
                deployment(42, id="new", state="IN_PROGRESS"),
                replace(OURS, status="ACTIVE", state="FAILED", reason=ALARMED),
            ),
            id="an alarm gave ours up",
        ),
        pytest.param(
            Outcome.SUPERSEDED,
            service(
                deployment(42, id="theirs", state="IN_PROGRESS"),
                replace(OURS, status="ACTIVE", state="FAILED", reason="Deployment stopped."),
            ),
            id="somebody stopped ours",
        ),
        pytest.param(
            Outcome.SUPERSEDED,
            service(deployment(43, id="theirs"), replace(OURS, status="ACTIVE", state="IN_PROGRESS")),
            id="somebody deployed another",
        ),
        pytest.param(
            Outcome.SUPERSEDED, service(deployment(41, id="theirs")), id="somebody deployed the same revision"
        ),
        pytest.param(
            Outcome.SUPERSEDED, service(deployment(43, id="ours")), id="our id with another revision"
        ),
        pytest.param(Outcome.SUPERSEDED, service(), id="no deployment at all"),
    ],
)
def test_one_look_is_judged(outcome: Outcome | None, seen: Service) -> None:
    assert judged(seen, AWAITED) is outcome


@pytest.mark.parametrize(
    ("outcome", "seen"),
    [
        pytest.param(None, service(BAD), id="ECS has yet to show it"),
        pytest.param(Outcome.SUPERSEDED, service(deployment(43, id="theirs")), id="somebody was faster"),
    ],
)
def test_one_look_is_judged_before_our_deployment_has_a_name(outcome: Outcome | None, seen: Service) -> None:
    assert judged(seen, UNNAMED) is outcome


def test_the_new_primary_of_our_target_is_ours() -> None:
    assert adopted(UNNAMED, service(OURS, BAD)) == AWAITED


@pytest.mark.parametrize(
    "seen",
    [
        service(BAD),
        service(deployment(41, id=BAD.id)),
        service(deployment(43, id="theirs")),
        service(BAD, replace(OURS, status="ACTIVE")),
        service(),
    ],
)
def test_nothing_else_is_taken_for_ours(seen: Service) -> None:
    assert adopted(UNNAMED, seen) == UNNAMED


def test_a_deployment_that_has_a_name_keeps_it() -> None:
    assert adopted(AWAITED, service(deployment(41, id="theirs"))) == AWAITED


deployments = st.builds(
    lambda number, name, state, reason, running, pending: deployment(
        number, id=name, state=state, reason=reason, running=running, pending=pending
    ),
    st.sampled_from([41, 42, 43]),
    st.sampled_from(["ours", "theirs", BAD.id]),
    st.sampled_from(["IN_PROGRESS", "COMPLETED", "FAILED", ""]),
    st.sampled_from(["", BREAKER]),
    st.integers(min_value=0, max_value=3),
    st.integers(min_value=0, max_value=1),
)


@st.composite
def services(draw: st.DrawFn) -> Service:
    listed: list[Deployment] = draw(st.lists(deployments, max_size=3, unique_by=lambda d: d.id))
    shown = [replace(d, status="ACTIVE" if n else "PRIMARY") for n, d in enumerate(listed)]
    made = service(*shown, desired=draw(st.integers(min_value=0, max_value=3)))
    return replace(made, running=draw(st.sampled_from([made.running, 0, 1, 2, 3])))


@given(seen=services(), awaited=st.sampled_from([AWAITED, UNNAMED]))
def test_landed_means_that_our_target_runs_and_nothing_else(seen: Service, awaited: Awaited) -> None:
    awaited = adopted(awaited, seen)
    if judged(seen, awaited) is not Outcome.LANDED:
        return
    primary = seen.primary
    assert primary is not None
    assert primary.id == awaited.deployment
    assert primary.revision == app(41)
    assert primary.id not in awaited.replaced
    assert primary.state in {"COMPLETED", ""}
    assert primary.running == seen.running == seen.desired >= 1
    assert not any(d.running or d.pending for d in seen.deployments if d is not primary)


@given(seen=services(), awaited=st.sampled_from([AWAITED, UNNAMED]))
def test_an_end_is_never_said_while_our_deployment_goes_on(seen: Service, awaited: Awaited) -> None:
    primary = seen.primary
    if primary and primary.revision == app(41) and primary.id == "ours" and primary.state == "IN_PROGRESS":
        assert judged(seen, adopted(awaited, seen)) is None


# The waiting itself.


class Script:
    """The service as it is from certain seconds on, or the error that is met instead."""

    def __init__(self, clock: VirtualClock, *scenes: tuple[float, Service | AwsError]) -> None:
        self.clock = clock
        self.scenes = scenes
        self.polls: list[float] = []

    def __call__(self, _: Environment, __: Access) -> Service:
        now = self.clock.monotonic()
        self.polls.append(now)
        seen = [scene for since, scene in self.scenes if since <= now][-1]
        if isinstance(seen, AwsError):
            raise seen
        return seen


@pytest.fixture
def play(monkeypatch: pytest.MonkeyPatch, clock: VirtualClock) -> Callable[..., Script]:
    def made(*scenes: tuple[float, Service | AwsError]) -> Script:
        script = Script(clock, *scenes)
        monkeypatch.setattr(look, "service", script)
        return script

    return made


GOING: Final = service(
    replace(OURS, state="IN_PROGRESS", running=1), deployment(42, status="ACTIVE", running=1)
)
THROTTLED: Final = Throttled("Too fast.", operation="ecs:DescribeServices", code="Throttling")


def test_it_ends_at_the_first_look_that_shows_the_target(
    access: Access, play: Callable[..., Script], path: Path
) -> None:
    script = play((0, GOING), (61, service(OURS)))
    watched = watch(with_deadline(600), access, AWAITED)
    assert (watched.outcome, watched.deployment, script.polls[-1]) == (Outcome.LANDED, "ours", 65)
    told = [entry.what for entry in read(path) if entry.kind is Kind.OBSERVATION]
    assert told == [
        "app:41: 1 of 2 running, 0 pending, 0 failed; 1 of other revisions still running",
        "app:41: 2 of 2 running, 0 pending, 0 failed; 0 of other revisions still running",
    ]


@pytest.mark.parametrize("deadline", [0, 3, 60, 300, 599, 600])
def test_the_last_look_is_at_the_deadline(
    access: Access, play: Callable[..., Script], clock: VirtualClock, deadline: float
) -> None:
    script = play((0, GOING))
    watched = watch(with_deadline(deadline), access, AWAITED)
    assert watched.outcome is Outcome.TIMED_OUT
    assert script.polls[-1] == clock.monotonic() == deadline


def test_a_target_that_lands_just_before_the_deadline_has_landed(
    access: Access, play: Callable[..., Script]
) -> None:
    play((0, GOING), (599.5, service(OURS)))
    assert watch(with_deadline(600), access, AWAITED).outcome is Outcome.LANDED


def test_a_look_that_fails_is_told_and_looked_again(
    access: Access, play: Callable[..., Script], path: Path
) -> None:
    play((0, GOING), (10, THROTTLED), (20, service(OURS)))
    assert watch(with_deadline(600), access, AWAITED).outcome is Outcome.LANDED
    assert [e.what for e in read(path)].count("A look at the service failed: Too fast.") == 2


def test_sight_that_stays_lost_is_said_at_the_deadline(access: Access, play: Callable[..., Script]) -> None:
    play((0, GOING), (10, THROTTLED))
    watched = watch(with_deadline(60), access, AWAITED)
    assert (watched.outcome, watched.last, watched.error) == (Outcome.LOST, GOING, THROTTLED)


def test_sight_that_came_back_is_not_lost(access: Access, play: Callable[..., Script]) -> None:
    play((0, THROTTLED), (10, GOING))
    watched = watch(with_deadline(60), access, AWAITED)
    assert (watched.outcome, watched.last, watched.error) == (Outcome.TIMED_OUT, GOING, None)


@pytest.mark.parametrize("kind", [CredentialsExpired, AccessDenied])
def test_there_is_no_waiting_without_credentials(
    access: Access, play: Callable[..., Script], kind: type[AwsError]
) -> None:
    error = kind("No.", operation="ecs:DescribeServices", code="ExpiredTokenException")
    script = play((0, GOING), (7, error))
    watched = watch(with_deadline(600), access, AWAITED)
    assert (watched.outcome, watched.error, script.polls) == (Outcome.LOST, error, [0, 5, 10])


def test_a_poll_is_not_retried_within_itself(access: Access, wire: Wire, clock: VirtualClock) -> None:
    """It comes back by itself; retries would ask more often than 12 times a minute."""
    wire.faults.extend([answering(400, "ThrottlingException")] * 100)
    assert watch(with_deadline(60), access, AWAITED).outcome is Outcome.LOST
    assert (len(wire.attempts), clock.monotonic()) == (13, 60)


def test_the_target_has_not_landed_while_an_old_task_drains(
    access: Access, play: Callable[..., Script], monkeypatch: pytest.MonkeyPatch, clock: VirtualClock
) -> None:
    play((0, service(OURS)))
    monkeypatch.setattr(
        look,
        "target_states",
        lambda *_: {"a": "healthy", "b": "draining" if clock.monotonic() < 30 else "healthy"},
    )
    watched = watch(with_deadline(600), access, AWAITED)
    assert (watched.outcome, clock.monotonic()) == (Outcome.LANDED, 30)


def test_our_deployment_is_followed_from_when_it_shows(access: Access, play: Callable[..., Script]) -> None:
    play((0, service(BAD)), (10, GOING), (20, service(OURS)))
    watched = watch(with_deadline(600), access, UNNAMED)
    assert (watched.outcome, watched.deployment) == (Outcome.LANDED, "ours")
