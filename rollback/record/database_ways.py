"""The ways back of the database, and how they are gone on with and taken back from their journals."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from rollback.database import backup, fixing
from rollback.errors import JournalError
from rollback.git import Copy
from rollback.record.way import Ready, Way, ready, text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rollback.access import Access
    from rollback.environment import Environment
    from rollback.journal import Json
    from rollback.plan import Ended
    from rollback.record.model import Begun


def _plan_again_restore(environment: Environment, access: Access, begun: Begun) -> Ready | None:
    asked = begun.attempt.asked
    if asked.get("undo") is True:
        return _plan_undo_restore(environment, access, begun)
    if begun.attempt.saved is not None:
        return None
    made = backup.plan(
        environment,
        access,
        to=text(asked, "to") or None,
        confirmed=_confirmed(asked),
        target=text(asked, "target"),
    )
    return ready(made, backup.apply)


def _resume_restore(environment: Environment, access: Access, begun: Begun) -> Ended:
    if begun.attempt.asked.get("undo") is True:
        return _undo_restore(environment, access, begun)
    if again := _plan_again_restore(environment, access, begun):
        return again.apply(environment, access)
    return backup.go_on(environment, access, backup.saved_point(environment, begun.entries))


def _confirmed(asked: Mapping[str, Json]) -> backup.Loss | None:
    """What may be lost, as somebody has confirmed it then."""
    since, rows = text(asked, "confirmed_since"), asked.get("confirmed_rows")
    if not since:
        return None
    try:
        moment = datetime.fromisoformat(since)
    except ValueError:
        raise JournalError(
            "The journal doesn't say what may be lost, and nothing was changed.", remedy="Make a new plan."
        ) from None
    return backup.Loss(
        since=moment,
        rows=rows if isinstance(rows, int) else None,
        uncounted=asked.get("uncounted") is True,
    )


def _plan_undo_restore(environment: Environment, access: Access, begun: Begun) -> Ready:
    saved = backup.saved_point(environment, begun.entries)
    return ready(backup.plan_undo(environment, access, saved), backup.apply_undo)


def _undo_restore(environment: Environment, access: Access, begun: Begun) -> Ended:
    return backup.undo(environment, access, backup.saved_point(environment, begun.entries))


def _resume_fix(environment: Environment, access: Access, begun: Begun) -> Ended:
    """What was pushed is followed; what was proposed waits for its merge; and else it is planned again."""
    asked = begun.attempt.asked
    if begun.attempt.saved is not None:
        saved = fixing.saved_point(environment, begun.entries)
        head = str(begun.attempt.saved.detail.get("head", ""))
        if fixing.is_on_the_branch(environment, access, saved) or _waits(environment, access, saved, head):
            return fixing.go_on(environment, access, saved)
    written = text(asked, "migration")
    made = fixing.plan(
        environment,
        access,
        migration=Path(written) if written else None,
        propose=asked.get("propose") is True,
    )
    return fixing.apply(environment, access, made)


def _waits(environment: Environment, access: Access, saved: fixing.SavedPoint, head: str) -> bool:
    """Whether the migration is on a branch of its own."""
    if head in {"", environment.branch}:
        return False
    return Copy.fetched(environment.repository, access).remote_tip(head) == saved.delivery.commit


def _plan_undo_fix(environment: Environment, access: Access, begun: Begun) -> Ready:
    """A plan that only says why there is no undo, and what there is instead."""
    saved = fixing.saved_point(environment, begun.entries)

    def refuse(environment: Environment, access: Access) -> Ended:
        return fixing.undo(environment, access, saved)

    return Ready(fixing.plan_undo(environment, access, saved), refuse)


def _undo_fix(environment: Environment, access: Access, begun: Begun) -> Ended:
    return fixing.undo(environment, access, fixing.saved_point(environment, begun.entries))


DATABASE_WAYS: Final = (
    Way(
        backup.WAY,
        "restore of the database",
        _resume_restore,
        _undo_restore,
        _plan_again_restore,
        _plan_undo_restore,
        resumes="The restore is finished from the step at which it broke off; no second instance is made.",
    ),
    Way(
        "fix-forward",
        "fix forward of the database",
        _resume_fix,
        _undo_fix,
        plans_undo=_plan_undo_fix,
        resumes="A migration that was pushed or proposed is followed; any other is tried on a copy again, and delivered.",
    ),
)
