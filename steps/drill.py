"""The sentences of the chapter "A drill of the emergency rollback, there and back"."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from pytest_bdd import given, parsers, then, when

from rehearsal import faults
from rehearsal.drill import Drill
from rehearsal.stage import LIVE
from rehearsal.world.version import Behaviour
from rollback import ecs
from rollback.aws import is_read
from rollback.errors import RollbackError
from rollback.lease import Purpose, acquire, kept

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rehearsal.embedded import EmbeddedStage
    from rehearsal.notes import Notes
    from rehearsal.stage import Stage
    from rehearsal.story import Recorder
    from rehearsal.world.incidents import Incidents
    from rehearsal.world.world import World
    from rollback.access import Access
    from rollback.environment import Environment


@pytest.fixture
def drill(
    request: pytest.FixtureRequest, environment: Environment, access: Access, stage: Stage
) -> Iterator[Drill]:
    """A drill, which is put back whatever becomes of the scenario."""
    live = request.config.pluginmanager.getplugin("rollback-live") if stage.name == LIVE else None
    made = Drill(environment, access, live.prompter, live.holds) if live else Drill(environment, access)
    yield made
    if live:
        live.see_back(made)
    else:
        made.end()


@given("a service that has worked with an earlier revision")
def worked_with_an_earlier(
    request: pytest.FixtureRequest, stage: Stage, environment: Environment, access: Access
) -> None:
    if stage.name != LIVE:
        request.getfixturevalue("incidents").worked_with(40, 41)
    ecs.plan(environment, access).must_be_applicable()


@given("no deployment is in progress, every target is healthy, and no alarm rings")
def all_is_well(drill: Drill) -> None:
    drill.begin()


@given("revision 42 is being deployed")
def is_being_deployed(incidents: Incidents) -> None:
    incidents.being_deployed(42, Behaviour.HEALTHY)


@given("an alarm of the service rings")
def alarm_rings(incidents: Incidents) -> None:
    incidents.alarm_rings("too-busy")


@given("somebody has scaled it down to nothing")
def scaled_down(world: World) -> None:
    world.team.scale(0)
    world.settle()


@given("the image of the earlier revision crashes at start")
def earlier_crashes(incidents: Incidents) -> None:
    incidents.rebuilt(40, Behaviour.CRASHES)


@given("we press Ctrl-C one minute into the drill")
def ctrl_c(incidents: Incidents) -> None:
    incidents.interrupted(in_seconds=60)


@given("AWS can't be reached for two minutes, after one minute")
def unreachable(stage: EmbeddedStage) -> None:
    at = stage.clock.monotonic() + 60
    faults.inject(
        stage, faults.Fault(kind=faults.Kind.CONNECTION_REFUSED, from_second=at, until_second=at + 120)
    )


@given("another operator deploys revision 42 one minute into the drill")
def another_deploys(incidents: Incidents) -> None:
    incidents.released(42, Behaviour.HEALTHY)
    incidents.another_deploys(42, in_seconds=60)


@given("the drill holds the environment")
def holds(drill: Drill, stage: EmbeddedStage) -> None:
    stage.clients.s3.create_bucket(Bucket=drill.environment.state_bucket)
    lease = acquire(drill.environment, drill.access, purpose=Purpose.DRILL)
    drill.access, drill.holds = kept(drill.access, lease), lease.must_hold


@given("an incident takes the environment, and deploys revision 42, one minute into the drill")
def incident(incidents: Incidents) -> None:
    incidents.released(42, Behaviour.HEALTHY)
    incidents.taken_over_for_an_incident(in_seconds=60)
    incidents.another_deploys(42, in_seconds=61)


@when("a drill is tried")
def tried(drill: Drill, notes: Notes, calls: list[faults.Recorded]) -> None:
    del calls
    with notes.trying():
        drill.begin()


@when("the drill rolls back")
def rolls_back(drill: Drill) -> None:
    drill.roll_back()


@when("the drill rolls back, and ends as it may", target_fixture="drill_said")
def ends_as_it_may(drill: Drill) -> str:
    with suppress(KeyboardInterrupt, RollbackError):
        drill.roll_back()
    try:
        drill.end()
    except RollbackError as error:
        return str(error)
    return ""


@when("the drill puts everything back")
def puts_back(drill: Drill) -> None:
    drill.put_back()


@then("an earlier revision runs on every task, and the application answers as that")
def runs_an_earlier(drill: Drill) -> None:
    assert not drill.contradictions(), " ".join(drill.contradictions())


@then(parsers.parse("the way {way} kept to its {usual:d} to {longest:d} minutes"))
def kept_to_budget(drill: Drill, story: Recorder, way: str, usual: int, longest: int) -> None:
    budget = drill.environment.budgets.emergency
    took = {"there": lambda: drill.there.seconds, "back": lambda: drill.seconds_back}[way]()
    story.timing("Emergency rollback" if way == "there" else "Its undo", took, budget)
    assert (budget.from_seconds, budget.to_seconds) == (usual * 60, longest * 60)
    assert took <= budget.to_seconds


@then("every field of the world is as it was at the beginning")
def as_it_was(drill: Drill) -> None:
    left = drill.changes_left()
    assert not left, " ".join(left)


@then(parsers.parse('the drill is refused: "{sentence}"'))
def drill_refused(notes: Notes, sentence: str) -> None:
    assert sentence in notes.refused.sentence, notes.refused.sentence


@then("the drill has changed nothing")
def drill_changed_nothing(calls: list[faults.Recorded]) -> None:
    assert [call for call in calls if not is_read(call.operation.partition(":")[2])] == []


@then("the drill has put everything back")
def has_put_back(drill_said: str) -> None:
    assert not drill_said, drill_said


@then("the drill says that an incident has taken the environment, and nothing of putting it back")
def says_incident(drill: Drill, drill_said: str) -> None:
    assert "has taken the lease" in drill_said, drill_said
    assert not drill.prompter.last_words


@then(parsers.parse("the drill says that somebody has deployed {what}, and which command would put it back"))
def says_what_is_left(drill: Drill, drill_said: str, what: str) -> None:
    assert f"Somebody has deployed {what}" in drill_said, drill_said
    assert drill_said.endswith(drill.command)
