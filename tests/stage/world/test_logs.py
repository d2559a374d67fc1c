"""What the application logs on the stage, and where."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rehearsal.world.version import AppVersion, Behaviour
from rollback import logs
from rollback.logs import Verdict
from rollback.logs.reading import milliseconds

if TYPE_CHECKING:
    from rehearsal.embedded import EmbeddedStage
    from rehearsal.world.world import World
    from rollback.access import Access
    from rollback.environment import Environment

GOOD, BAD = AppVersion("v1"), AppVersion("v2", Behaviour.ERRORS)


def logged(stage: EmbeddedStage, world: World) -> list[tuple[str, str]]:
    """The stream and the message of every event, in the order of their times."""
    events = stage.clients.logs.filter_log_events(logGroupName=world.foundation.log_group)["events"]
    return [(e["logStreamName"], e["message"]) for e in sorted(events, key=lambda e: e["timestamp"])]


def test_each_task_logs_to_a_stream_of_its_own(stage: EmbeddedStage, world: World) -> None:
    world.open_with(GOOD)
    world.look.ask(world.look.desired_count())
    seen = logged(stage, world)
    assert len({stream for stream, _ in seen}) == world.look.desired_count()
    assert {stream.rpartition("/")[0] for stream, _ in seen} == {
        f"{stage.blueprint.container}/{stage.blueprint.container}"
    }
    assert {message for _, message in seen} == {"INFO v1 is listening", "INFO GET /version 200"}


def test_times_are_those_of_the_clock(stage: EmbeddedStage, world: World) -> None:
    world.open_with(GOOD)
    world.clock.sleep(1000)
    world.look.ask()
    events = stage.clients.logs.filter_log_events(logGroupName=world.foundation.log_group)["events"]
    assert max(event["timestamp"] for event in events) == milliseconds(world.clock.now())


def test_a_version_that_crashes_says_why(stage: EmbeddedStage, world: World) -> None:
    world.open_with(GOOD)
    world.team.deploy(world.team.release(AppVersion("v2", Behaviour.CRASHES)))
    world.clock.sleep(120)
    assert any(message.startswith("CRITICAL v2 can't start") for _, message in logged(stage, world))


def test_without_its_log_group_the_application_goes_on_answering(world: World) -> None:
    world.open_with(GOOD)
    world.damage.delete_log_group()
    assert [answer.status for answer in world.look.ask(3)] == [200, 200, 200]


def test_errors_are_found_by_the_watch_and_end_with_the_version(
    world: World, access: Access, environment: Environment
) -> None:
    world.open_with(GOOD)
    world.watch(every=1)
    world.clock.sleep(300)
    began = world.clock.now()
    assert logs.look(environment, access, before=began, since=began).verdict is Verdict.UNKNOWN
    world.team.deploy(world.team.release(BAD))
    world.settle()
    found = logs.look(environment, access, before=began, since=began)
    assert found.verdict is Verdict.WORSE
    assert [group.message for group in found.groups] == [
        "ERROR GET /version #: the answer could not be put together"
    ]
    assert found.skew_seconds == 0
    world.team.deploy(world.look.primary_revision() - 1)
    world.settle()
    assert logs.watch(environment, access, before=began).verdict is Verdict.CALM
