"""The sentences about the lists before and after a rollback, and about who is told."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

import pytest
from pytest_bdd import given, parsers, then, when

from rehearsal.coordinator import KIM, REASON, Coordinator
from rehearsal.phrases import says
from rehearsal.world.channel import Channel
from rollback.checklist import Item, item_named

if TYPE_CHECKING:
    from rehearsal.embedded import EmbeddedStage
    from rehearsal.notes import Notes
    from rehearsal.operator import Operator
    from rehearsal.origin.people import Developers
    from rehearsal.world.world import World
    from rollback.access import Access
    from rollback.environment import Environment

ELSEWHERE = "123456789012"
WEBHOOK: dict[str, tuple[str, object]] = {
    "fails": ("status", HTTPStatus.INTERNAL_SERVER_ERROR),
    "hangs": ("hangs", True),
    "sends us elsewhere": ("status", HTTPStatus.TEMPORARY_REDIRECT),
    "was deleted": ("status", HTTPStatus.NOT_FOUND),
    "can't be reached": ("down", True),
    "asks for time": ("busy", 2),
}


@pytest.fixture
def channel() -> Channel:
    """Where the team reads."""
    return Channel()


@pytest.fixture
def coordinator(environment: Environment, access: Access, notes: Notes, channel: Channel) -> Coordinator:
    """Who keeps the lists."""
    return Coordinator(environment, access, notes, channel)


@given(parsers.re("(?P<who>somebody|nobody) has confirmed the issue"))
def has_confirmed(coordinator: Coordinator, who: str) -> None:
    attested_by(coordinator, who, Item.CONFIRMED)


@given(parsers.re("(?P<who>somebody|nobody) has told the team"))
@when(parsers.re("(?P<who>somebody|nobody) has told the team"))
def has_told(coordinator: Coordinator, who: str) -> None:
    if who == "somebody":
        coordinator.tell()


@given(parsers.re("(?P<who>somebody|nobody) has named the change"))
def has_named(coordinator: Coordinator, who: str) -> None:
    attested_by(coordinator, who, Item.CHANGE)


def attested_by(coordinator: Coordinator, who: str, item: Item) -> None:
    if who == "somebody":
        coordinator.attest(item.value)


@given(parsers.parse("we are signed in to {account}"))
def signed_in(stage: EmbeddedStage, environment: Environment, operator: Operator, account: str) -> None:
    del operator  # they have sat down by now
    stage.sign_in({"the environment's account": environment.account, "another account": ELSEWHERE}[account])


@given(parsers.parse('somebody has attested "{word}"'))
@when(parsers.parse('somebody attests "{word}"'))
def attested(coordinator: Coordinator, word: str) -> None:
    coordinator.attest(word)


@given(parsers.parse('"{title}" is named as the change'))
def named(coordinator: Coordinator, developers: Developers, title: str) -> None:
    coordinator.name_change(developers.named(title))


@given("a pull request that nobody has made is named as the change")
def named_wrongly(coordinator: Coordinator) -> None:
    coordinator.name_change("#4711")


@given(parsers.parse("{minutes:d} minutes have passed since"))
def passed(world: World, minutes: int) -> None:
    world.clock.sleep(minutes * 60)


@given(parsers.re(f"the team's webhook (?P<trouble>{'|'.join(WEBHOOK)})"))
def webhook_in_trouble(channel: Channel, trouble: str) -> None:
    attribute, value = WEBHOOK[trouble]
    setattr(channel, attribute, value)


@given("somebody has overridden the list with a reason")
@when("somebody overrides the list with a reason")
def overridden(coordinator: Coordinator) -> None:
    coordinator.override()


@given("the list stands before whatever we begin")
def gate_kept(coordinator: Coordinator) -> None:
    coordinator.keep_the_gate()


@when("we look at the list before the rollback")
def look_before(coordinator: Coordinator) -> None:
    coordinator.look_before()


@given("we have begun the rollback")
@when("we begin the rollback")
def begin(coordinator: Coordinator, operator: Operator) -> None:
    coordinator.begin(operator)


@when("we try to begin the rollback")
def try_to_begin(coordinator: Coordinator, operator: Operator) -> None:
    coordinator.try_to_begin(operator)


@when("we look at the list after the rollback")
def look_after(coordinator: Coordinator, operator: Operator) -> None:
    coordinator.look_after(operator)


@then(parsers.parse("the list lacks {missing}"))
def lacks(coordinator: Coordinator, missing: str) -> None:
    expected = () if missing == "nothing" else tuple(missing.split(", "))
    assert coordinator.missing == expected, [line.told for line in coordinator.list.missing]


@then(parsers.parse('"{word}" is proven, since {seen}'))
def proven(coordinator: Coordinator, environment: Environment, word: str, seen: str) -> None:
    line = coordinator.list.line(item_named(word))
    assert line.proven
    assert says(line.told, seen, environment), line.told


@then(parsers.parse('"{word}" is missing, since {seen}'))
def missing_since(coordinator: Coordinator, environment: Environment, word: str, seen: str) -> None:
    line = coordinator.list.line(item_named(word))
    assert not line.done
    assert says(line.told, seen, environment), line.told


@then(parsers.parse('"{word}" is attested, with a name and a time'))
def is_attested(coordinator: Coordinator, world: World, word: str) -> None:
    line = coordinator.list.line(item_named(word))
    assert line.by == KIM
    assert line.attested is not None
    assert line.attested.at <= world.clock.now() < line.attested.expires_at


@then("the record says who decided to begin, why, and what was missing")
def recorded(coordinator: Coordinator) -> None:
    decision = coordinator.decision()
    assert decision.detail["override"] == KIM
    assert decision.detail["missing"] == list(coordinator.missing)
    assert REASON in decision.what


@then("the record says what has proven each item")
def recorded_evidence(coordinator: Coordinator) -> None:
    assert coordinator.decision().detail["evidence"] == [line.told for line in coordinator.list.lines]


@then("the team was told once that it begins, and once how it ended")
def told_once(coordinator: Coordinator, channel: Channel, operator: Operator) -> None:
    coordinator.settle()
    assert len(channel.messages) == 2
    assert channel.messages[0].endswith("An emergency rollback begins.")
    assert channel.messages[1].endswith(operator.result.sentence)


@then("the team was not told")
def not_told(channel: Channel) -> None:
    assert channel.messages == []
