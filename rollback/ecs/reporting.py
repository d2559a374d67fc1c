"""Saying how a rollback ended: what runs now, why, and what to do next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rollback.clock import spoken
from rollback.ecs import by_hand, look
from rollback.ecs.model import distinct_reasons
from rollback.ecs.result import Outcome, Result

if TYPE_CHECKING:
    from rollback.access import Access
    from rollback.ecs.model import Revision, Service, StoppedTask
    from rollback.ecs.result import SavedPoint
    from rollback.ecs.watching import Watched
    from rollback.environment import Environment

_EXPLAINED_BY_TASKS: Final = frozenset({Outcome.FAILED, Outcome.REVERSED, Outcome.TIMED_OUT})
REASONS: Final = 3
"""How many different reasons of stopped tasks a sentence names."""


def told(
    environment: Environment,
    access: Access,
    watched: Watched,
    *,
    target: Revision,
    saved: SavedPoint,
    began: float,
) -> Result:
    """The result of a rollback that began when the clock read `began`."""
    seconds = access.clock.monotonic() - began
    stopped: tuple[StoppedTask, ...] = ()
    if watched.last is not None and watched.outcome in _EXPLAINED_BY_TASKS:
        stopped = look.stopped_tasks(watched.last, watched.deployment, access)
    sentence = _sentence(watched, environment, target, seconds) + _why(stopped)
    remedy, commands = _next(watched, environment, saved)
    return Result(
        outcome=watched.outcome,
        sentence=sentence,
        remedy=remedy,
        target=target,
        deployment=watched.deployment,
        seconds=seconds,
        stopped=stopped,
        saved=saved,
        commands=commands,
    )


def _sentence(watched: Watched, environment: Environment, target: Revision, seconds: float) -> str:
    name = environment.service
    now = _now(watched.last)
    primary = watched.last.primary if watched.last else None
    displaced = primary is not None and primary.revision != target
    instead = f"{primary.revision}" if primary and displaced else "the last completed deployment"
    after = f"after {spoken(seconds)}"
    match watched.outcome:
        case Outcome.LANDED:
            text = f"Rolled back: {name} runs {now} {after}."
        case Outcome.FAILED:
            reason = f" ({primary.reason.rstrip('.')})" if primary and primary.reason else ""
            text = f"The rollback to {target} failed {after}: ECS gave it up{reason}. {name} runs {now}."
        case Outcome.REVERSED:
            text = (
                f"The rollback to {target} failed {after}: ECS gave it up, by its circuit breaker or an alarm, "
                f"and is putting {instead} back. {name} runs {now}."
            )
        case Outcome.SUPERSEDED:
            how = f"replaced {after} by somebody else's deployment of {instead}"
            if not displaced:
                how = f"stopped {after} by somebody else, and ECS is putting {instead} back"
            text = f"The rollback to {target} was {how}. {name} runs {now}."
        case Outcome.TIMED_OUT:
            text = f"{target} has not landed {after}, which is the deadline. {name} runs {now}; ECS is still trying."
        case Outcome.LOST:
            text = (
                f"The rollback to {target} was asked for, but sight of it was lost {after}: "
                f"when last seen, {name} ran {now}."
            )
        case Outcome.NOT_STARTED:
            text = f"The rollback to {target} did not start: {name} runs {now}."
    return text + (f" {watched.error.sentence}" if watched.error else "")


def _now(service: Service | None) -> str:
    if service is None:
        return "unknown revisions"
    primary = service.primary
    if primary is not None and len([d for d in service.deployments if d.running]) == 1 and primary.running:
        return f"{primary.running} of {service.desired} tasks of {primary.revision}"
    return service.runs


def _why(stopped: tuple[StoppedTask, ...]) -> str:
    reasons = [reason.rstrip(".") for reason in distinct_reasons(stopped)[:REASONS]]
    if not reasons:
        return ""
    return f" {len(stopped)} task{'s' if len(stopped) != 1 else ''} stopped: {'; '.join(reasons)}."


def _next(watched: Watched, environment: Environment, saved: SavedPoint) -> tuple[str, tuple[str, ...]]:
    back = by_hand.update_service(environment, str(saved.revision))
    deployments = by_hand.describe_deployments(environment)
    match watched.outcome:
        case Outcome.LANDED:
            return "", ()
        case Outcome.FAILED | Outcome.REVERSED:
            return "Plan again with an earlier revision, or fix what stopped the tasks.", (
                by_hand.list_revisions(environment),
            )
        case Outcome.SUPERSEDED:
            return "Talk to whoever deployed, then plan again.", (deployments,)
        case Outcome.TIMED_OUT:
            return f"Read the events. Go back to {saved.revision}, or plan an earlier revision.", (
                by_hand.events(environment),
                back,
            )
        case Outcome.LOST | Outcome.NOT_STARTED:
            remedy = watched.error.remedy if watched.error else ""
            return remedy or "Look at the service, then plan again.", (deployments,)
