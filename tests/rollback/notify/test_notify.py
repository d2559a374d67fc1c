"""What the team is told, and what may happen to it without the rollback taking notice."""

from __future__ import annotations

import socket
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
import requests

from rollback import notify
from rollback.errors import ConfigurationError
from rollback.journal import Kind, read
from rollback.notify import PAUSES, Event, Notifier, Webhook, delivered, webhook
from tests.rollback.builders import ENVIRONMENT
from tests.rollback.notify.receiving import Receiver

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from rehearsal.clock import VirtualClock
    from rollback.access import Access

LONG = 30.0
"""No test waits so long: it is over as soon as the message is."""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as opened:
        yield opened


class Told:
    """A notifier, and the pauses it has asked for."""

    def __init__(self, access: Access, url: str) -> None:
        self.pauses: list[float] = []
        self.notifier = Notifier(ENVIRONMENT, access, Webhook(url) if url else None, pause=self.pauses.append)

    def post(self, event: Event = Event.BEGINS, text: str = "The rollback begins.") -> None:
        self.notifier.post(event, text)
        assert self.notifier.settled(LONG)


def last(path: Path) -> str:
    return read(path)[-1].what


class TestTelling:
    def test_the_team_reads_what_and_where(self, access: Access, receiver: Receiver, path: Path) -> None:
        Told(access, receiver.url).post()
        assert receiver.taken == [{"text": "[testing] service-test: The rollback begins."}]
        entry = delivered(ENVIRONMENT, read(path), Event.BEGINS)
        assert entry is not None
        assert entry.what == "The team was told by the webhook at 127.0.0.1."

    def test_of_each_event_once(self, access: Access, receiver: Receiver) -> None:
        told = Told(access, receiver.url)
        for event in (Event.BEGINS, Event.BEGINS, Event.ENDED):
            told.post(event)
        Told(access, receiver.url).post()  # somebody goes on with the same journal
        assert len(receiver.taken) == 2

    def test_markup_reaches_nobody(self, access: Access, receiver: Receiver) -> None:
        Told(access, receiver.url).post(text="<!channel> a & b\x1b[31m")
        assert receiver.taken[0]["text"].endswith("&lt;!channel&gt; a &amp; b\\x1b[31m")

    def test_the_address_is_seen_nowhere(self, access: Access, receiver: Receiver, path: Path) -> None:
        receiver.answers = [(404, {})]
        told = Told(access, receiver.url)
        told.post()
        told.post(Event.ENDED)
        assert "the-secret" not in path.read_text()
        assert "the-secret" not in repr(Webhook(receiver.url))


class TestTrouble:
    def test_a_receiver_that_fails_is_asked_again(
        self, access: Access, receiver: Receiver, path: Path
    ) -> None:
        receiver.answers = [(500, {}), (503, {})]
        told = Told(access, receiver.url)
        told.post()
        assert told.pauses == list(PAUSES[:2])
        assert len(receiver.taken) == 3
        assert delivered(ENVIRONMENT, read(path), Event.BEGINS)

    def test_it_is_given_up_after_the_last_pause(
        self, access: Access, receiver: Receiver, path: Path
    ) -> None:
        receiver.answers = [(500, {})] * 10
        told = Told(access, receiver.url)
        told.post()
        assert told.pauses == list(PAUSES)
        assert last(path) == "The team was not told: 127.0.0.1 answers 500. Tell them by telephone."
        assert delivered(ENVIRONMENT, read(path), Event.BEGINS) is None

    def test_a_receiver_that_asks_for_time_gets_it(self, access: Access, receiver: Receiver) -> None:
        receiver.answers = [(429, {"Retry-After": "7"}), (429, {"Retry-After": "86400"})]
        told = Told(access, receiver.url)
        told.post()
        assert told.pauses == [7, notify.LONGEST_PAUSE]

    @pytest.mark.parametrize("status", [301, 307, 400, 403, 404, 410])
    def test_a_refusal_is_not_repeated_and_nobody_is_sent_elsewhere(
        self, access: Access, receiver: Receiver, path: Path, status: int
    ) -> None:
        receiver.answers = [(status, {"Location": "/elsewhere"})]
        Told(access, receiver.url).post()
        assert len(receiver.taken) == 1
        assert f"answers {status}" in last(path)

    def test_a_receiver_that_is_not_there(self, access: Access, path: Path) -> None:
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            told = Told(access, f"http://127.0.0.1:{taken.getsockname()[1]}/x")
            told.post()
        assert told.pauses == list(PAUSES)
        assert "can't be reached" in last(path)

    def test_a_receiver_that_hangs_delays_nobody(
        self, access: Access, receiver: Receiver, path: Path, clock: VirtualClock
    ) -> None:
        receiver.hangs = True
        notifier = Notifier(ENVIRONMENT, access, Webhook(receiver.url))
        before = clock.monotonic()
        notifier.post(Event.BEGINS, "It begins.")
        assert receiver.arrived.wait(LONG)
        # The line is open and nobody answers: the rollback goes on, and so does its journal.
        notifier.post(Event.ENDED, "It has ended.")
        access.journal.record(Kind.OUTCOME, "Landed.")
        assert clock.monotonic() == before
        assert last(path) == "Landed."
        assert not notifier.settled(0)

    def test_a_message_that_may_have_been_taken_is_not_sent_again(
        self, access: Access, receiver: Receiver, path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(notify, "TIMEOUT_SECONDS", (LONG, 0.001))
        receiver.hangs = True
        Told(access, receiver.url).post()
        assert "Whether the team was told is not known" in last(path)
        assert delivered(ENVIRONMENT, read(path), Event.BEGINS) is None

    def test_a_message_after_which_the_line_broke_is_not_sent_again(
        self, access: Access, receiver: Receiver, path: Path
    ) -> None:
        receiver.breaks = True
        Told(access, receiver.url).post()
        assert len(receiver.taken) == 1
        assert "let the line go" in last(path)

    def test_a_sender_that_breaks_harms_nobody(self, access: Access, path: Path) -> None:
        class Broken(requests.Session):
            def post(self, *_: object, **__: object) -> requests.Response:
                raise RecursionError("the-secret")

        notifier = Notifier(ENVIRONMENT, access, Webhook("https://hooks.example/x"), session=Broken())
        notifier.post(Event.BEGINS, "It begins.")
        assert notifier.settled(LONG)
        assert last(path) == "The team was not told: RecursionError."

    def test_a_journal_that_cannot_be_written_harms_nobody(self, access: Access, receiver: Receiver) -> None:
        told = Told(access, receiver.url)
        access.journal.close()
        told.post()
        assert len(receiver.taken) == 1


class TestWithoutAWebhook:
    def test_says_which_variable_is_not_set(self, access: Access, path: Path) -> None:
        Told(access, "").post()
        assert last(path) == "The team was not told: TEAM_WEBHOOK is not set."

    def test_is_the_environments_choice(self) -> None:
        assert webhook(ENVIRONMENT, {"TEAM_WEBHOOK": " "}) is None
        silent = replace(ENVIRONMENT, checklist=replace(ENVIRONMENT.checklist, webhook_variable=""))
        assert webhook(silent, {"": "https://hooks.example/x"}) is None

    @pytest.mark.parametrize("url", ["hooks.example/the-secret", "ftp://hooks.example/the-secret", "https://",
                                     "https://[the-secret", "https://hooks.example:0/the-secret"])  # fmt: skip
    def test_an_address_that_is_none_is_not_repeated(self, url: str) -> None:
        with pytest.raises(ConfigurationError) as caught:
            webhook(ENVIRONMENT, {"TEAM_WEBHOOK": url})
        assert "the-secret" not in str(caught.value)
