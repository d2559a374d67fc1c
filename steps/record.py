"""The sentences about the record: its report, and going on from a journal."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, cast

import pytest
from pytest_bdd import given, parsers, then, when

from rehearsal.phrases import says
from rehearsal.record_keeper import HOST, USER, RecordKeeper
from rollback import record

if TYPE_CHECKING:
    from rehearsal.coordinator import Coordinator
    from rehearsal.embedded import EmbeddedStage
    from rehearsal.notes import Notes
    from rehearsal.operator import Operator
    from rehearsal.stage import Stage
    from rehearsal.world.channel import Channel
    from rehearsal.world.look import Deployment
    from rehearsal.world.world import World
    from rollback.environment import Environment

ASKED = "ecs:UpdateService"


@pytest.fixture
def record_keeper(environment: Environment, stage: Stage, operator: Operator, notes: Notes) -> RecordKeeper:
    """Who keeps the record."""
    return RecordKeeper(environment, cast("EmbeddedStage", stage), operator, notes)


@pytest.fixture
def deployed(world: World) -> int:
    """How many deployments there had been when the operator sat down."""
    return len(world.look.history())


@given("the disk under the journal gets full before the first change")
def disk_gets_full(record_keeper: RecordKeeper, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "write", record_keeper.full_disk())


@given("the team is told what the journal tells")
def team_is_told(coordinator: Coordinator, operator: Operator) -> None:
    record.told(coordinator.notifier, operator.access)


@when("we keep the record and roll back")
def keep_the_record(record_keeper: RecordKeeper) -> None:
    record_keeper.roll_back()


@when("we write the incident report")
def write(record_keeper: RecordKeeper) -> None:
    record_keeper.write()


@when(parsers.parse("we roll back and are killed {moment}"))
def killed(record_keeper: RecordKeeper, deployed: int, moment: str) -> None:
    del deployed
    record_keeper.roll_back_and_be_killed(moment)


@when("another engineer goes on from the journal")
def goes_on(record_keeper: RecordKeeper) -> None:
    record_keeper.go_on()


@when("another engineer takes it back from the journal")
def takes_back(record_keeper: RecordKeeper) -> None:
    record_keeper.take_back()


@when("another engineer tries to go on from the journal that we still write")
def tries_to_go_on(record_keeper: RecordKeeper) -> None:
    record_keeper.try_to_go_on_elsewhere()


@then(
    parsers.parse(
        "the report says who went from revision {current:d} to revision {target:d}, and when it landed"
    )
)
def says_who_and_when(
    record_keeper: RecordKeeper, operator: Operator, environment: Environment, current: int, target: int
) -> None:
    what, who, when = (
        dict(rows)
        for rows in (record_keeper.report.what, record_keeper.report.who, record_keeper.report.when)
    )
    assert what["Ran before"] == f"{environment.family}:{current}"
    assert what["Went back to"].startswith(f"{environment.family}:{target}")
    assert who["Run by"] == f"{USER} on {HOST}"
    assert who["At AWS"].startswith(f"arn:aws:iam::{environment.account}:")
    assert "Landed" in when
    assert operator.result.sentence in record_keeper.report.summary


@then("the report says that users saw nothing but errors before, and none after")
def says_what_users_saw(record_keeper: RecordKeeper) -> None:
    seen = record_keeper.report.impact
    assert seen.before.percent == 100
    assert 0 < seen.during.percent < 100
    assert (seen.after.failed, seen.after.asked > 0) == (0, True)
    assert seen.sentence.startswith("Users saw errors for ")


@then("the report shows what was run, and how to do the same by hand")
def shows_commands(record_keeper: RecordKeeper, operator: Operator) -> None:
    written = record_keeper.journal.with_suffix(".md").read_text(encoding="utf-8")
    assert written == record_keeper.report.markdown()
    for command in operator.plan.commands:
        assert command in written
    assert [line for line in record_keeper.report.run if ASKED in line]


@then("it is left to do to revert the change on the branch")
def left_to_revert(record_keeper: RecordKeeper, environment: Environment) -> None:
    left = record_keeper.report.follow_ups
    assert any(f"The branch {environment.branch} still holds the bad change" in each for each in left)


@then("it is left to do to see why it has not landed")
def left_to_see_why(record_keeper: RecordKeeper, operator: Operator) -> None:
    assert record_keeper.report.follow_ups[0] == f"The rollback has not landed. {operator.result.remedy}"


@then("no post-mortem is due")
def none_due(record_keeper: RecordKeeper) -> None:
    assert record_keeper.report.due.reasons == record_keeper.report.due.unknown == ()


@then(parsers.parse("a post-mortem is due, since {why}"))
def is_due(record_keeper: RecordKeeper, environment: Environment, why: str) -> None:
    assert any(says(reason, why, environment) for reason in record_keeper.report.due.reasons)


@then(parsers.parse("the journal says where it stands: {stands}"))
def stands_at(record_keeper: RecordKeeper, stands: str) -> None:
    assert record_keeper.begun().stands.value == stands


@then("nothing was deployed twice")
def deployed_once(world: World, before: list[Deployment], deployed: int) -> None:
    assert len(world.look.history()) == deployed + 1
    assert before


@then("the team was told once that it begins, and once that it was broken off")
def told_of_interruption(coordinator: Coordinator, channel: Channel) -> None:
    coordinator.settle()
    assert len(channel.messages) == 2
    assert "A rollback begins." in channel.messages[0]
    assert "Interrupted on the way" in channel.messages[1]
