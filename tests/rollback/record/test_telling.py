from __future__ import annotations

from typing import TYPE_CHECKING, cast

from rollback import record
from rollback.journal import Kind, read
from rollback.notify import Event, Notifier
from tests.rollback.builders import ENVIRONMENT

if TYPE_CHECKING:
    from rollback.access import Access


class Spy:
    """A notifier that takes down what it is given, or fails."""

    def __init__(self, *, broken: bool = False) -> None:
        self.posted: list[tuple[Event, str]] = []
        self._broken = broken

    def post(self, event: Event, sentence: str) -> None:
        self.posted.append((event, sentence))
        if self._broken:
            raise ZeroDivisionError


def listen(access: Access, spy: Spy) -> None:
    record.told(cast("Notifier", spy), access)


def test_the_team_is_told_of_beginning_interruption_and_end(access: Access) -> None:
    spy = Spy()
    listen(access, spy)
    access.journal.record(Kind.PLAN, "Roll it back.")
    access.journal.record(Kind.SAVED, "It runs app:42.")
    access.journal.record(Kind.CALL, "ecs:UpdateService")
    access.journal.record(Kind.INTERRUPTED, "Interrupted on the way.")
    access.journal.record(Kind.OUTCOME, "Rolled back.")
    assert spy.posted == [
        (Event.BEGINS, "A rollback begins. Roll it back."),
        (Event.INTERRUPTED, "Interrupted on the way."),
        (Event.ENDED, "Rolled back."),
    ]


def test_a_notifier_that_fails_stops_nothing(access: Access) -> None:
    spy = Spy(broken=True)
    listen(access, spy)
    assert access.journal.record(Kind.SAVED, "It runs app:42.").number == 1
    assert len(spy.posted) == 1


def test_each_is_told_once_also_by_whoever_goes_on(access: Access) -> None:
    """The real notifier, without a webhook, writes down what it could not tell; once for each event."""
    record.told(Notifier(ENVIRONMENT, access, None), access)
    for _ in range(3):
        access.journal.record(Kind.SAVED, "It runs app:42.")
        access.journal.record(Kind.OUTCOME, "Rolled back.")
    said = [entry for entry in read(access.journal.path) if "notified" in entry.detail]
    assert [entry.detail["notified"] for entry in said] == ["begins", "ended"]
