"""Telling the team what the journal tells: that it begins, that it was broken off, how it ended; once each."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Final

from rollback.journal import Kind
from rollback.notify import Event

if TYPE_CHECKING:
    from rollback.access import Access
    from rollback.journal import Entry
    from rollback.notify import Notifier

_EVENTS: Final = {
    Kind.SAVED: Event.BEGINS,
    Kind.INTERRUPTED: Event.INTERRUPTED,
    Kind.OUTCOME: Event.ENDED,
}


def told(notifier: Notifier, access: Access) -> None:
    """Have the team told from now on, as the entries come; whatever becomes of it, the rollback goes on.

    What a way back writes before its first change, when Ctrl-C breaks it off, and at its end are what the team is told of,
    so that no way has to know of it.
    """
    title = ""

    def tell(entry: Entry) -> None:
        nonlocal title
        if entry.kind is Kind.PLAN:
            title = entry.what
        event = _EVENTS.get(entry.kind)
        if event is None:
            return
        sentence = f"A rollback begins. {title}".strip() if event is Event.BEGINS else entry.what
        # The rollback is worth more than the message, whatever is wrong with it.
        with suppress(Exception):
            notifier.post(event, sentence)

    access.journal.subscribe(tell)
