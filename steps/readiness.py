"""The sentences of the chapter "Could we roll back right now?"."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from pytest_bdd import given, parsers, then, when

from rehearsal.stage import LIVE
from rollback import readiness
from rollback.aws import is_read
from rollback.live.readonly import ALSO_READ

if TYPE_CHECKING:
    from rehearsal import faults
    from rehearsal.embedded import EmbeddedStage
    from rehearsal.origin.origin import Origin
    from rehearsal.readying import Readying
    from rehearsal.stage import Stage
    from rehearsal.world.world import World
    from rollback.access import Access
    from rollback.environment import Environment


@dataclass(slots=True)
class Looked:
    """What was found, and what was asked for while it was looked at."""

    found: readiness.Readiness
    changes: list[str]


@pytest.fixture
def readying(stage: EmbeddedStage, world: World, origin: Origin) -> Readying:
    """The whole of an environment."""
    from rehearsal.readying import Readying  # noqa: PLC0415 - it imports moto, which only a stage may do first

    return Readying(stage, world, origin)


@given("an environment that has what a rollback needs")
def has_all(request: pytest.FixtureRequest, stage: Stage) -> None:
    if stage.name != LIVE:
        request.getfixturevalue("readying").open()


@given(parsers.parse("meanwhile {what}"))
def meanwhile(readying: Readying, what: str) -> None:
    readying.happens(what)


@when("we look whether it could be rolled back right now", target_fixture="looked")
def look(request: pytest.FixtureRequest, stage: Stage, environment: Environment, access: Access) -> Looked:
    if stage.name == LIVE:
        found = readiness.look(environment, access)
        request.config.pluginmanager.getplugin("rollback-live").looked(found)
        return Looked(found, [])
    calls: list[faults.Recorded] = request.getfixturevalue("calls")
    variables = {**os.environ, **request.getfixturevalue("readying").variables}
    found = readiness.look(environment, access, variables=variables)
    asked = [call.operation for call in calls]
    changes = [each for each in asked if not is_read(each.partition(":")[2]) and each not in ALSO_READ]
    return Looked(found, changes)


@then("it could be")
def could_be(looked: Looked) -> None:
    if not looked.found.ready:
        missing = (f"{line.says}: {line.seen}" for line in looked.found.missing)
        pytest.fail("\n".join((looked.found.sentence, *missing)), pytrace=False)


@then(parsers.parse('it could not be, since of "{thing}" it is told that {sentence}'))
def could_not_be(looked: Looked, thing: str, sentence: str) -> None:
    told = {line.says: line.seen for line in looked.found.missing}
    assert sentence in told.get(thing, ""), told
    assert looked.found.exit_code == 1


@then(parsers.parse('there is something to do about "{thing}"'))
def something_to_do(looked: Looked, thing: str) -> None:
    assert all(line.remedies for line in looked.found.missing if line.says == thing)


@then(parsers.parse('it could be, and of "{thing}" it is told that {sentence}'))
def could_be_but(looked: Looked, thing: str, sentence: str) -> None:
    could_be(looked)
    told = {line.says: line.seen for line in looked.found.warnings}
    assert sentence in told.get(thing, ""), told


@then(parsers.parse('nobody can say, since "{sentence}"'))
def nobody_can_say(looked: Looked, sentence: str) -> None:
    assert sentence in looked.found.lines[0].seen
    assert (looked.found.exit_code, len(looked.found.lines)) == (4, 1)


@then("nothing has been changed by looking")
def nothing_changed(looked: Looked) -> None:
    assert looked.changes == []
