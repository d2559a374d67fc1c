from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import pytest

from rollback.ecs import look
from rollback.ecs.model import Service, StoppedTask
from rollback.ecs.reporting import told
from rollback.ecs.result import Outcome, Result, SavedPoint
from rollback.ecs.watching import Watched
from rollback.errors import CredentialsExpired
from tests.rollback.builders import ENVIRONMENT, app, deployment, service

if TYPE_CHECKING:
    from rollback.access import Access

SAVED: Final = SavedPoint(environment="testing", service="service-test", revision=app(42))
OURS: Final = deployment(41, id="ours")
EXPIRED: Final = CredentialsExpired(
    "The credentials are no longer valid.",
    operation="ecs:DescribeServices",
    code="ExpiredToken",
    remedy="Sign in.",
)


@pytest.fixture
def tell(access: Access, monkeypatch: pytest.MonkeyPatch) -> Any:
    def made(
        outcome: Outcome,
        last: Service | None,
        *,
        stopped: tuple[StoppedTask, ...] = (),
        error: CredentialsExpired | None = None,
    ) -> Result:
        monkeypatch.setattr(look, "stopped_tasks", lambda *_: stopped)
        access.clock.sleep(130)
        watched = Watched(outcome, "ours", last, error)
        return told(ENVIRONMENT, access, watched, target=app(41), saved=SAVED, began=0)

    return made


CASES: Final[dict[Outcome, tuple[Service | None, CredentialsExpired | None, str, str]]] = {
    Outcome.LANDED: (
        service(OURS),
        None,
        "Rolled back: service-test runs 2 of 2 tasks of app:41 after 2 min 10 s.",
        "",
    ),
    Outcome.FAILED: (
        service(
            replace(
                OURS,
                state="FAILED",
                running=0,
                reason="ECS deployment circuit breaker: tasks failed to start.",
            ),
            deployment(42, status="ACTIVE"),
        ),
        None,
        (
            "The rollback to app:41 failed after 2 min 10 s: ECS gave it up (ECS deployment circuit breaker: tasks "
            "failed to start). service-test runs app:42 (2 tasks)."
        ),
        "Plan again with an earlier revision, or fix what stopped the tasks.",
    ),
    Outcome.REVERSED: (
        service(deployment(42, id="new"), replace(OURS, status="ACTIVE", running=0)),
        None,
        (
            "The rollback to app:41 failed after 2 min 10 s: ECS gave it up, by its circuit breaker or an alarm, and is putting app:42 back. "
            "service-test runs 2 of 2 tasks of app:42."
        ),
        "Plan again with an earlier revision, or fix what stopped the tasks.",
    ),
    Outcome.SUPERSEDED: (
        service(deployment(43, id="theirs", running=1), replace(OURS, status="ACTIVE", running=1)),
        None,
        (
            "The rollback to app:41 was replaced after 2 min 10 s by somebody else's deployment of app:43. "
            "service-test runs app:43 (1 task), app:41 (1 task)."
        ),
        "Talk to whoever deployed, then plan again.",
    ),
    Outcome.TIMED_OUT: (
        service(replace(OURS, state="IN_PROGRESS", running=0), deployment(42, status="ACTIVE")),
        None,
        (
            "app:41 has not landed after 2 min 10 s, which is the deadline. service-test runs app:42 (2 tasks); "
            "ECS is still trying."
        ),
        "Read the events. Go back to app:42, or plan an earlier revision.",
    ),
    Outcome.LOST: (
        service(deployment(42)),
        EXPIRED,
        (
            "The rollback to app:41 was asked for, but sight of it was lost after 2 min 10 s: when last seen, "
            "service-test ran 2 of 2 tasks of app:42. The credentials are no longer valid."
        ),
        "Sign in.",
    ),
    Outcome.NOT_STARTED: (
        service(deployment(42)),
        EXPIRED,
        (
            "The rollback to app:41 did not start: service-test runs 2 of 2 tasks of app:42. "
            "The credentials are no longer valid."
        ),
        "Sign in.",
    ),
}


@pytest.mark.parametrize("outcome", Outcome)
def test_each_end_says_what_runs_now_and_what_to_do_next(tell: Any, outcome: Outcome) -> None:
    last, error, sentence, remedy = CASES[outcome]
    result = tell(outcome, last, error=error)
    assert (result.outcome, result.sentence, result.remedy) == (outcome, sentence, remedy)
    assert (result.seconds, result.deployment, result.saved, result.target) == (130, "ours", SAVED, app(41))
    assert bool(result.commands) is not result.landed


@pytest.mark.parametrize("outcome", Outcome)
@pytest.mark.parametrize("last", [None, service(), service(deployment(42)), service(OURS)])
def test_rolled_back_is_said_of_nothing_else(tell: Any, outcome: Outcome, last: Service | None) -> None:
    result = tell(outcome, last)
    assert result.sentence.startswith("Rolled back") == result.landed == (outcome is Outcome.LANDED)
    assert ".." not in result.sentence


@pytest.mark.parametrize("outcome", [Outcome.FAILED, Outcome.REVERSED, Outcome.TIMED_OUT])
def test_why_tasks_stopped_is_said_each_reason_once(tell: Any, outcome: Outcome) -> None:
    reasons = ["it crashed.", "no image", "no image", "unhealthy", "too many"]
    stopped = tuple(StoppedTask(str(n), "", reason) for n, reason in enumerate(reasons))
    result = tell(outcome, service(OURS), stopped=stopped)
    assert result.sentence.endswith(" 5 tasks stopped: no image; it crashed; unhealthy.")
    assert result.stopped == stopped


def test_one_stopped_task_is_one_task(tell: Any) -> None:
    result = tell(Outcome.FAILED, service(OURS), stopped=(StoppedTask("1", "", "it crashed"),))
    assert result.sentence.endswith(" 1 task stopped: it crashed.")


def test_who_lost_sight_of_everything_says_so(tell: Any) -> None:
    assert "when last seen, service-test ran unknown revisions." in tell(Outcome.LOST, None).sentence
