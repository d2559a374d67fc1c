"""What the list says of a team that may not have been told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import requests
from requests.adapters import HTTPAdapter

from rollback.checklist import Before, Item, Line, before, checks
from rollback.notify import Event, Notifier, Webhook
from tests.rollback.builders import ENVIRONMENT
from tests.rollback.notify.receiving import Receiver

if TYPE_CHECKING:
    from rollback.access import Access


class _Nowhere(HTTPAdapter):
    def send(self, *_: object, **__: object) -> requests.Response:
        raise requests.ConnectionError


@pytest.fixture(autouse=True)
def nowhere(access: Access) -> None:
    """The application itself can't be asked."""
    access.http.mount("https://", _Nowhere())


def line(access: Access, notifier: Notifier | None) -> Line:
    return before(ENVIRONMENT, access, Before(notifier=notifier)).line(Item.NOTIFIED)


def test_a_webhook_that_does_not_answer_keeps_nobody_waiting(
    access: Access, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checks, "PATIENCE_SECONDS", 0.0)
    with Receiver() as receiver:
        receiver.hangs = True
        notifier = Notifier(ENVIRONMENT, access, Webhook(receiver.url))
        notifier.post(Event.BEGINS, "It begins.")
        found = line(access, notifier)
    assert not found.done
    assert "The team's webhook has not answered yet." in found.told


def test_what_one_process_has_sent_the_next_one_knows(access: Access) -> None:
    with Receiver() as receiver:
        notifier = Notifier(ENVIRONMENT, access, Webhook(receiver.url))
        notifier.post(Event.BEGINS, "It begins.")
        assert line(access, notifier).proven
    assert line(access, None).proven


def test_nobody_has_told_anybody(access: Access) -> None:
    assert "Nobody has told the team." in line(access, None).told
