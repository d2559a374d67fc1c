"""Saying how a fix forward ended: what the database is now, and what to do next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rollback._text import printable
from rollback.clock import spoken
from rollback.database.fixing.address import address
from rollback.database.fixing.planning import schema_of
from rollback.database.fixing.result import Outcome, Result
from rollback.database.fixing.verification import digest, look_at_the_database
from rollback.ecs import look
from rollback.errors import RollbackError
from rollback.plan import Severity, of_severity
from rollback.revert import Outcome as Delivered
from rollback.revert import reporting

if TYPE_CHECKING:
    from rollback import revert
    from rollback.access import Access
    from rollback.database.fixing.planning import FixPlan
    from rollback.database.fixing.result import SavedPoint
    from rollback.environment import Environment

_PLAN_AGAIN = "Plan the fix again: the plan looks at the schema itself and says what is left to do."


def delivered(
    environment: Environment, access: Access, delivery: revert.Result, saved: SavedPoint, *, began: float
) -> Result:
    """The result of a migration that is on its way, from how far it has come."""
    match delivery.outcome:
        case Delivered.LANDED | Delivered.STILL_BROKEN:
            return _landed(environment, access, delivery, saved, began=began)
        case Delivered.PROPOSED:
            return _made(access, Outcome.PROPOSED, delivery.sentence, delivery, saved, began=began)
        case Delivered.LOST:
            outcome = Outcome.LOST
        case _:
            outcome = Outcome.NOT_DELIVERED
    now = _now(environment, access, saved)
    return _made(access, outcome, f"{delivery.sentence} {now}", delivery, saved, began=began)


def _landed(
    environment: Environment, access: Access, delivery: revert.Result, saved: SavedPoint, *, began: float
) -> Result:
    try:
        findings = tuple(look_at_the_database(environment, access, saved))
    except RollbackError as error:
        sentence = f"{delivery.sentence} The database can't be looked at: {error.sentence}"
        return _made(access, Outcome.LOST, sentence, delivery, saved, began=began, remedy=error.remedy)
    wrong = of_severity(findings, Severity.REFUSAL)
    if wrong:
        return Result(
            outcome=Outcome.NOT_AS_TRIED,
            sentence=f"The migration {printable(saved.revision)} is deployed, and the database is not as it was on the "
            f"copy: {' '.join(each.seen for each in wrong)}",
            remedy=wrong[0].remedy,
            saved=saved,
            seconds=access.clock.monotonic() - began,
            delivery=delivery,
            findings=findings,
            commands=wrong[0].commands,
        )
    if delivery.outcome is not Delivered.LANDED:
        return _made(access, Outcome.STILL_BROKEN, delivery.sentence, delivery, saved, began=began)
    seconds = access.clock.monotonic() - began
    return Result(
        outcome=Outcome.FIXED,
        sentence=f"The database of {environment.name} is fixed forward after {spoken(seconds)}: it is at "
        f"{printable(saved.revision)}, as it was on the copy, and {environment.service} runs on it as "
        f"{delivery.revision}.",
        saved=saved,
        seconds=seconds,
        delivery=delivery,
        findings=findings,
    )


def _now(environment: Environment, access: Access, saved: SavedPoint) -> str:
    """What the schema is after a migration that was not brought about."""
    try:
        real = schema_of(access, address(environment, access, look.service(environment, access)))
    except RollbackError as error:
        return f"What the database is now can't be told: {error.sentence}"
    at = ", ".join(printable(each) for each in real.revisions or ()) or "nothing"
    if real.revisions == (saved.revision,) and digest(real) == saved.schema:
        return f"The migration itself has been run: the database is at {at}, as it was on the copy."
    if real.revisions == (saved.before,):
        return f"The database says that it is where it was, at {at}."
    return f"The database says that it is at {at}."


def _made(
    access: Access,
    outcome: Outcome,
    sentence: str,
    delivery: revert.Result,
    saved: SavedPoint,
    *,
    began: float,
    remedy: str = "",
) -> Result:
    both = f"{delivery.remedy} {_PLAN_AGAIN}".strip() if outcome is Outcome.NOT_DELIVERED else delivery.remedy
    return Result(
        outcome=outcome,
        sentence=sentence,
        remedy=remedy or both,
        saved=saved,
        seconds=access.clock.monotonic() - began,
        delivery=delivery,
        commands=delivery.commands,
    )


def uncertain(
    environment: Environment,
    access: Access,
    branch: str,
    error: RollbackError,
    *,
    saved: SavedPoint,
    began: float,
) -> Result:
    """The result where it can't be told whether the push has arrived."""
    delivery = reporting.uncertain(environment, access, branch, error, saved=saved.delivery, began=began)
    return _made(access, Outcome.LOST, delivery.sentence, delivery, saved, began=began)


def nothing(environment: Environment, access: Access, plan: FixPlan, *, began: float) -> Result:
    """The result where the schema has all that is needed."""
    seen = next((each.seen for each in plan.findings if each.check == "schema-needed"), "")
    return Result(
        outcome=Outcome.NOTHING,
        sentence=f"Nothing to do for the database of {environment.name}: {seen}".strip(),
        remedy="If the application is not well, look for what is wrong elsewhere.",
        saved=None,
        seconds=access.clock.monotonic() - began,
    )
