"""What a rehearsal of the plain way leaves: its calls, its picture, and of a state its versions."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, cast

import pytest

from rehearsal.report.chain import attached
from rehearsal.report.evidence import Evidence
from rehearsal.report.items import CALL
from rehearsal.report.rollouts import ROLLOUT
from rehearsal.world.incidents import Incidents
from rehearsal.world.state_house import Spoilt
from rollback import ecs
from rollback.journal import overheard

if TYPE_CHECKING:
    from rehearsal.embedded import EmbeddedStage
    from rehearsal.stage import Stage
    from rehearsal.world.world import World
    from rollback.access import Access
    from rollback.environment import Environment


def test_a_rollback_tells_each_call_with_its_parameters_and_draws_its_rollout(
    stage: Stage, world: World, access: Access, environment: Environment
) -> None:
    here = cast("EmbeddedStage", stage)
    Incidents(here, world).worked_with(40, 41)
    evidence = Evidence()
    evidence.plays(environment, here.clock, here.application.outlook)
    with overheard(evidence.heard):
        ecs.apply(environment, access, ecs.plan(environment, access, to="40"))
    told = [json.loads(each.body) for each in evidence.of_step() if each.media_type == CALL]
    update = next(each for each in told if each["operation"] == "UpdateService")
    assert (update["params"]["service"], update["status"]) == (environment.service, 200)
    assert all(each["params"] for each in told if each["operation"] != "GetCallerIdentity")
    [drawn] = evidence.of_scenario([])
    assert drawn.media_type == ROLLOUT
    samples = json.loads(drawn.body)["samples"]
    assert samples[0]["tasks"]["40"] == 0 < samples[0]["tasks"]["41"]
    assert samples[-1]["tasks"]["41"] == 0 < samples[-1]["tasks"]["40"]
    assert all(each["http"]["ok"] and not each["http"]["failed"] for each in samples)


def test_nobody_is_asked_for_the_outlook_of_users(stage: Stage, world: World) -> None:
    """Bad tasks show in it, and no log has a line more."""
    here = cast("EmbeddedStage", stage)
    Incidents(here, world).worked_with(40, 41)
    before = here.application.outlook()
    assert before[0] > 0
    assert here.application.outlook() == before == (before[0], 0)
    assert here.application._turns.total() == 0


@pytest.mark.parametrize("spoilt", [Spoilt.TRUNCATED, Spoilt.EMPTY])
def test_the_versions_of_a_state_are_told_with_what_became_of_them(world: World, spoilt: Spoilt) -> None:
    house = world.state.open()
    whole = house.versions[0].id
    house.spoil(spoilt)
    house.delete()
    last = house.put_state({**json.loads(house.content(whole)), "serial": 99})
    told = attached(house, [whole])
    assert told is not None
    versions = json.loads(told.body)["versions"]
    assert [each["mark"] for each in versions][-4:] == ["restored", "damaged", "deleted", "current"]
    assert (versions[-1]["id"], versions[-1]["serial"]) == (last, 99)
    assert versions[-1]["lineage"] == versions[0]["lineage"] != ""


def test_where_there_is_no_bucket_there_are_no_versions(world: World) -> None:
    assert attached(world.state, []) is None
