"""A webhook that takes the message and hangs: a rollback neither waits for it nor takes longer for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from rehearsal.world.incidents import Incidents
from rehearsal.world.version import Behaviour
from rehearsal.world.world import World
from rollback import ecs, notify
from rollback.journal import Kind, read
from rollback.notify import Event, Notifier, Webhook
from tests.rollback.notify.receiving import Receiver

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rehearsal.embedded import EmbeddedStage

LONG = 300.0


@pytest.fixture
def world(stage: EmbeddedStage) -> Iterator[World]:
    world = World(stage)
    incidents = Incidents(stage, world)
    incidents.worked_with(40, 41)
    incidents.deployed(42, Behaviour.ERRORS)
    yield world
    world.close()


def test_the_rollback_is_over_before_the_webhook_has_answered(
    stage: EmbeddedStage, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a real line that stays open: whoever waited for it would wait for five minutes."""
    monkeypatch.setattr(notify, "TIMEOUT_SECONDS", LONG)
    environment, access = stage.environment, stage.access()
    with Receiver() as receiver:
        receiver.hangs = True
        notifier = Notifier(environment, access, Webhook(receiver.url))
        notifier.post(Event.BEGINS, "It begins.")
        assert receiver.arrived.wait(LONG)
        result = ecs.apply(environment, access, ecs.plan(environment, access))
        ended = stage.clock.monotonic()
        notifier.post(Event.ENDED, result.sentence)
        assert result.landed
        assert result.seconds <= environment.budgets.emergency.to_seconds
        assert stage.clock.monotonic() == ended
        assert not notifier.settled(0)
    entries = read(access.journal.path)
    assert [entry.detail["notified"] for entry in entries if "notified" in entry.detail] == [
        "begins",
        "ended",
    ]
    assert [entry.kind for entry in entries if entry.kind is Kind.OUTCOME]
    assert world.look.primary_revision() == 41
