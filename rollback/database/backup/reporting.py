"""Telling a person how a restore of the database has ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rollback.database.backup import by_hand, rows
from rollback.database.backup.result import WAY, Outcome, Result
from rollback.ecs import by_hand as ecs
from rollback.plan import conclude

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rollback.access import Access
    from rollback.database.backup.result import SavedPoint
    from rollback.environment import Environment

_AGAIN = "Plan again; what is done already is found and not done twice."


def told(
    environment: Environment,
    access: Access,
    outcome: Outcome,
    *,
    saved: SavedPoint,
    began: float,
    why: str = "",
    missing: Mapping[str, int] | None = None,
) -> Result:
    """The result, taken down in the journal."""
    sentence, remedy, commands = _said(environment, outcome, saved, missing)
    result = Result(
        outcome=outcome,
        sentence=f"{sentence} {why}".strip(),
        remedy=remedy,
        saved=saved,
        seconds=access.clock.monotonic() - began,
        missing=None if missing is None else sum(missing.values()),
        commands=commands,
    )
    conclude(access.journal, result, way=WAY)
    return result


def _said(
    environment: Environment, outcome: Outcome, saved: SavedPoint, missing: Mapping[str, int] | None
) -> tuple[str, str, tuple[str, ...]]:
    if outcome in {Outcome.RESTORED, Outcome.UNDONE, Outcome.LOST_MORE}:
        return _after(environment, outcome, saved, missing)
    if outcome in {Outcome.NOT_ROLLED_OUT, Outcome.NOT_PROVEN, Outcome.NOT_UNDONE}:
        return _led(environment, outcome, saved)
    return _before(environment, outcome, saved, missing)


def _before(
    environment: Environment, outcome: Outcome, saved: SavedPoint, missing: Mapping[str, int] | None
) -> tuple[str, str, tuple[str, ...]]:
    """Where the application has not been led anywhere."""
    old, new = saved.instance, saved.target
    serves = f"{old} still serves, and nothing was led elsewhere."
    describe = (by_hand.describe(environment, new),)
    if outcome is Outcome.UNCONFIRMED:
        return _unconfirmed(environment, saved, missing, serves)
    match outcome:
        case Outcome.NOT_STARTED:
            return f"RDS is not restoring {new}. {serves}", _AGAIN, describe
        case Outcome.STILL_RESTORING:
            minutes = environment.database.wait_seconds / 60
            return (
                f"{new} was not seen available, for which {minutes:.0f} minutes are allowed. {serves}",
                "Wait for it, then plan again: it is taken on.",
                (by_hand.wait(environment, new),),
            )
        case Outcome.FAILED:
            return (
                f"The restore to {new} has failed. {serves}",
                f"What remains is {new}: delete it, then plan again, for another moment if need be.",
                describe,
            )
        case Outcome.DIFFERENT:
            return (
                f"{new} is restored, but is not like {old}. {serves}",
                f"Give {new} what {old} has, then plan again: it is taken on.",
                (*describe, by_hand.modify(environment, new)),
            )
        case _:
            return f"{new} is restored, but the application could not be led there. {serves}", _AGAIN, ()


def _unconfirmed(
    environment: Environment, saved: SavedPoint, missing: Mapping[str, int] | None, serves: str
) -> tuple[str, str, tuple[str, ...]]:
    old, new = saved.instance, saved.target
    describe = (by_hand.describe(environment, new),)
    if missing is None:
        return (
            f"{new} is restored, and what it lacks of {old} isn't known. {serves}",
            "Compare by a way that reaches both, and confirm to go on uncounted.",
            describe,
        )
    total = sum(missing.values())
    return (
        f"{new} is restored and lacks {total} rows that {old} holds by now: {rows.told(missing)}. {serves}",
        f"Confirm that {total} rows may be lost, and more where rows are still written, then plan again. Or leave it.",
        describe,
    )


def _led(environment: Environment, outcome: Outcome, saved: SavedPoint) -> tuple[str, str, tuple[str, ...]]:
    """Where the application has been led, and something is left."""
    back = by_hand.put_back(environment, saved.secret, to=saved.version_before, away_from=saved.version_after)
    lines = (ecs.describe_deployments(environment), back, by_hand.start_anew(environment))
    if outcome is Outcome.NOT_UNDONE:
        return (
            f"The application's secret leads back to {saved.instance}, but that all tasks use it isn't proven.",
            "Look at the deployment, then undo again: what is done already is not done twice.",
            (ecs.describe_deployments(environment), by_hand.start_anew(environment)),
        )
    if outcome is Outcome.NOT_ROLLED_OUT:
        return (
            (
                f"The application's secret leads to {saved.target}, but not all tasks were started anew since: "
                f"some may still write to {saved.instance}."
            ),
            "Plan again to go on, or undo the restore.",
            lines,
        )
    return (
        f"The application is led to {saved.target}, but does not answer as it should.",
        "Read its logs: code that needs the newer schema has to be rolled back, too. Or undo the restore.",
        lines,
    )


def _after(
    environment: Environment, outcome: Outcome, saved: SavedPoint, missing: Mapping[str, int] | None
) -> tuple[str, str, tuple[str, ...]]:
    """Where the application works with what it should."""
    old, new = saved.instance, saved.target
    lost = "How many rows are missing isn't known."
    if missing is not None:
        lost = (
            f"{sum(missing.values())} rows are missing: {rows.told(missing)}."
            if missing
            else "No row is missing."
        )
    match outcome:
        case Outcome.UNDONE:
            return (
                f"The application uses {old} again, and answers. {new} stays, with what was written to it.",
                "",
                (),
            )
        case Outcome.LOST_MORE:
            return (
                (
                    f"The application uses {new}, restored to {saved.point}, and answers; but more was lost than was confirmed. "
                    f"{lost} {old} stays, and holds them."
                ),
                f"Bring the rows over from {old}, or undo the restore.",
                (by_hand.describe(environment, old),),
            )
        case _:
            return (
                (
                    f"The application uses {new}, restored to {saved.point}, and answers. {lost} "
                    f"{old} stays, with all that was written to it."
                ),
                "",
                (),
            )
