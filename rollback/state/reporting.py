"""Saying how a restore ended: which state is in force, who holds the lock, and what to do next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rollback._text import printable
from rollback.clock import spoken
from rollback.state import by_hand
from rollback.state.checks import named, resources
from rollback.state.result import Outcome, Result, Was, Way
from rollback.state.writing import Place

if TYPE_CHECKING:
    from rollback.access import Access
    from rollback.environment import Environment
    from rollback.errors import RollbackError
    from rollback.state.applying import Ended
    from rollback.state.planning import StatePlan
    from rollback.state.result import Before, SavedPoint
    from rollback.state.writing import Seen

_GO_ON = "Go on with it from its journal: that finishes it from wherever it broke off."


def told(
    environment: Environment,
    access: Access,
    saved: SavedPoint,
    ended: Ended,
    *,
    unreleased: RollbackError | None,
    began: float,
) -> Result:
    """The result of a restore that began when the clock read `began`.

    Args:
        environment: the place.
        access: the hands.
        saved: what was there, and what was about to be written.
        ended: how it ended under the lock.
        unreleased: why our lock couldn't be released, if it couldn't.
        began: when.
    """
    seconds = access.clock.monotonic() - began
    restored = ended.outcome is Outcome.RESTORED
    outcome = Outcome.UNFINISHED if unreleased else ended.outcome
    sentence = [_in_force(environment, saved, ended, seconds=seconds)]
    if ended.error is not None:
        sentence.append(ended.error.sentence)
    if unreleased is not None:
        sentence.append(f"Our lock {saved.lock} couldn't be released: {unreleased.sentence}")
    elif outcome in {Outcome.UNFINISHED, Outcome.LOST}:
        sentence.append(f"Our lock {saved.lock} may still be held, so that nobody works on it meanwhile.")
    state = ended.seen.state if ended.seen else None
    return Result(
        outcome=outcome,
        sentence=" ".join(sentence),
        remedy=_remedy(environment, outcome, ended),
        saved=saved,
        seconds=seconds,
        version=_version(ended.seen) if _is_ours(ended) else "",
        serial=state.serial if state else 0,
        resources=state.resources if state else 0,
        orphans=saved.orphans if restored else (),
        commands=_commands(environment, saved, outcome),
    )


def nothing_to_do(access: Access, plan: StatePlan, *, began: float) -> Result:
    """The result where the chosen state is in force already."""
    version = printable(plan.chosen.id) if plan.chosen else "none"
    return Result(
        outcome=Outcome.NOTHING,
        sentence=f"Nothing to do: what version {version} says is in force already.",
        saved=None,
        seconds=access.clock.monotonic() - began,
        serial=plan.before.serial if plan.before else 0,
        resources=plan.state.resources if plan.state else 0,
    )


def described(before: Before) -> str:
    """What was at the state's key."""
    match before.was:
        case Was.WHOLE:
            return f"serial {before.serial}, version {printable(before.version)}"
        case Was.DAMAGED:
            return f"damaged, version {printable(before.version)}"
        case Was.DELETED:
            return "deleted"


def _in_force(environment: Environment, saved: SavedPoint, ended: Ended, *, seconds: float) -> str:
    """Which state there is now."""
    whose = f"The state of {environment.name}"
    if _is_ours(ended):
        how = "is restored" if ended.outcome is Outcome.RESTORED else "is written, but it isn't finished"
        return f"{whose} {how} after {spoken(seconds)}: {_now(saved, ended)}."
    if ended.outcome is Outcome.LOST:
        return (
            f"Whether {whose[0].lower()}{whose[1:]} has been written can't be told; it is whole either way."
        )
    return f"{whose} is as it was: {described(saved.before)}."


def _now(saved: SavedPoint, ended: Ended) -> str:
    state = ended.seen.state if ended.seen else None
    version = printable(_version(ended.seen))
    if state is None:
        return (
            f"deleted, by version {version}"
            if saved.writing.way is Way.DELETE
            else f"as it was damaged, version {version}"
        )
    left = (
        f", without {resources(len(saved.orphans))} that newer ones had ({named(saved.orphans)})"
        if saved.orphans
        else ""
    )
    return f"serial {state.serial}, {resources(state.resources)}, version {version}{left}"


def _is_ours(ended: Ended) -> bool:
    return ended.seen is not None and ended.seen.place is Place.OURS


def _version(seen: Seen | None) -> str:
    return seen.version.id if seen and seen.version else ""


def _remedy(environment: Environment, outcome: Outcome, ended: Ended) -> str:
    if outcome is Outcome.RESTORED:
        return f"Verify it before anybody applies in {environment.name}."
    if outcome in {Outcome.UNFINISHED, Outcome.LOST}:
        return _GO_ON
    remedy = ended.error.remedy if ended.error else ""
    return remedy or "Plan again once what stood against it is gone."


def _commands(environment: Environment, saved: SavedPoint, outcome: Outcome) -> tuple[str, ...]:
    match outcome:
        case Outcome.RESTORED:
            return by_hand.plan(environment)
        case Outcome.UNFINISHED | Outcome.LOST:
            return (by_hand.list_versions(environment), *by_hand.unlock(environment, saved.lock))
        case _:
            return (by_hand.list_versions(environment),)
