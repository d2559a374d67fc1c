"""The saved point in the journal, before anything is changed."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from rollback._text import printable
from rollback.certificates.result import WAY, SavedPoint
from rollback.errors import JournalError
from rollback.journal import Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rollback.access import Access
    from rollback.certificates.model import Certificate, Listener, Record
    from rollback.environment import Environment
    from rollback.journal import Entry


def save(
    environment: Environment,
    access: Access,
    listener: Listener,
    chosen: Certificate | None,
    records: Sequence[Record],
) -> SavedPoint:
    """Take down what is attached and what is in the records that are about to be written.

    Raises:
        JournalError: the journal can't be written.
    """
    saved = SavedPoint(
        environment=environment.name,
        listener=listener.arn,
        before=listener.certificate,
        chosen=chosen.arn if chosen else "",
        at=access.clock.now(),
    )
    access.journal.record(
        Kind.SAVED,
        f"The listener has {saved.before or 'no certificate'}.",
        way=WAY,
        environment=saved.environment,
        listener=saved.listener,
        certificate_before=saved.before,
        certificate=saved.chosen,
        at=saved.at.isoformat(),
        zone=environment.certificate.hosted_zone,
        records=[{"name": each.name, "before": each.found, "value": each.value} for each in records],
    )
    return saved


def saved_point(environment: Environment, entries: Sequence[Entry]) -> SavedPoint:
    """How it was before, as a journal tells of its last repair of a certificate.

    Raises:
        JournalError: it tells of none, or of another environment's.
    """
    for entry in reversed(entries):
        if entry.kind is not Kind.SAVED or "certificate_before" not in entry.detail:
            continue
        told = entry.detail
        try:
            saved = SavedPoint(
                environment=_text(told["environment"]),
                listener=_text(told["listener"]),
                before=_text(told["certificate_before"]),
                chosen=_text(told["certificate"]),
                at=datetime.fromisoformat(_text(told["at"])),
            )
        except (KeyError, TypeError, ValueError):
            raise JournalError(
                "What this journal has saved can't be read.", remedy="Look at the listener itself."
            ) from None
        must_be_of(environment, saved)
        return saved
    raise JournalError(
        "This journal tells of no repair of a certificate.", remedy="There is nothing to undo."
    )


def must_be_of(environment: Environment, saved: SavedPoint) -> None:
    """Refuse the saved point of another environment.

    Raises:
        JournalError: it is another's.
    """
    if saved.environment != environment.name:
        raise JournalError(
            f"This is of the certificate of {printable(saved.environment)}, not of {environment.name}.",
            remedy="Name the environment that it belongs to.",
        )


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value
