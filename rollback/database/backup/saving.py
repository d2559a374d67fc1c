"""The saved point of a restore in the journal."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import TYPE_CHECKING, Any

from rollback._text import printable
from rollback.database.backup.model import Loss, Point
from rollback.database.backup.result import WAY, SavedPoint
from rollback.errors import JournalError
from rollback.journal import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rollback.access import Access
    from rollback.environment import Environment
    from rollback.journal import Entry


def version_id(secret: str, before: str, target: str) -> str:
    """The id of the version that leads to `target`.

    It follows from what it is made of, so that who goes on after a crash makes no second one: Secrets Manager takes the
    ``ClientRequestToken`` for the version's id and ignores a request that it has done already (API reference,
    ``PutSecretValue``).
    """
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{secret}\n{before}\n{target}"))


def save(access: Access, saved: SavedPoint) -> SavedPoint:
    """Take down how it is before a change.

    Raises:
        JournalError: the journal can't be written.
    """
    access.journal.record(
        Kind.SAVED,
        f"The application uses {saved.instance}; it will be {saved.target}, restored to {saved.point}.",
        way=WAY,
        environment=saved.environment,
        instance=saved.instance,
        target=saved.target,
        point=saved.point.at.isoformat(),
        snapshot=saved.point.snapshot,
        arn=saved.secret,
        version_before=saved.version_before,
        version_after=saved.version_after,
        lost_since=saved.confirmed.since.isoformat(),
        lost_rows=saved.confirmed.rows,
        lost_uncounted=saved.confirmed.uncounted,
        rows=dict(saved.rows),
        restored=dict(saved.restored),
        at=saved.at.isoformat(),
    )
    return saved


def saved_point(environment: Environment, entries: Sequence[Entry]) -> SavedPoint:
    """How it was before, as a journal tells of its last restore of the database.

    Raises:
        JournalError: it tells of none, or of another environment's.
    """
    for entry in reversed(entries):
        if entry.kind is Kind.SAVED and entry.detail.get("way") == WAY:
            try:
                saved = _read(entry.detail)
            except (KeyError, TypeError, ValueError, AttributeError):
                raise JournalError(
                    "What this journal has saved can't be read.",
                    remedy="Look at the secret and RDS themselves.",
                ) from None
            must_be_of(environment, saved)
            return saved
    raise JournalError(
        "This journal tells of no restore of the database.",
        remedy="There is nothing to go on with or to undo.",
    )


def must_be_of(environment: Environment, saved: SavedPoint) -> None:
    """Refuse the saved point of another environment.

    Raises:
        JournalError: it is another's.
    """
    if saved.environment != environment.name:
        raise JournalError(
            f"This is of the database of {printable(saved.environment)}, not of {environment.name}.",
            remedy="Name the environment that it belongs to.",
        )


def _read(told: Mapping[str, Any]) -> SavedPoint:
    rows = told["lost_rows"]
    return SavedPoint(
        environment=_text(told["environment"]),
        instance=_text(told["instance"]),
        target=_text(told["target"]),
        point=Point(datetime.fromisoformat(_text(told["point"])), _text(told["snapshot"])),
        secret=_text(told["arn"]),
        version_before=_text(told["version_before"]),
        version_after=_text(told["version_after"]),
        confirmed=Loss(
            since=datetime.fromisoformat(_text(told["lost_since"])),
            rows=None if rows is None else int(rows),
            uncounted=bool(told["lost_uncounted"]),
        ),
        rows={_text(table): int(count) for table, count in told["rows"].items()},
        restored={_text(table): int(count) for table, count in told["restored"].items()},
        at=datetime.fromisoformat(_text(told["at"])),
    )


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value
