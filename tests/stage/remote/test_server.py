"""The stage in another process: what is done on this side happens there, over a network, and what can't be is said."""

from __future__ import annotations

import inspect
import socket
from datetime import timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest
import requests

from rehearsal import faults
from rehearsal.blueprint import Blueprint
from rehearsal.clock import VirtualClock
from rehearsal.embedded import LATENCY, OPERATOR, EmbeddedStage
from rehearsal.notes import Notes
from rehearsal.operator import Operator
from rehearsal.origin.origin import Origin
from rehearsal.remote.clock import RemoteClock
from rehearsal.remote.stage import ServerStage
from rehearsal.remote.world import RemoteWorld
from rehearsal.world.incidents import Incidents
from rehearsal.world.version import Behaviour
from rehearsal.world.world import World
from rollback.ecs import Outcome
from rollback.environment import load

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rollback.environment import Environments

ENVIRONMENTS = Path(__file__).parents[3] / "environments.toml"


@pytest.fixture(scope="module")
def environments() -> Environments:
    return load(ENVIRONMENTS)


@pytest.fixture
def stage(environments: Environments, tmp_path: Path) -> Iterator[ServerStage]:
    production = environments.get("prod")
    section = environments.section(production, "rehearsal")
    blueprint = Blueprint.read(section, file="environments.toml", key="rehearsal")
    opened = ServerStage(production, blueprint, seed=0, directory=tmp_path, environments=environments)
    yield opened
    opened.close()


@pytest.fixture
def world(stage: ServerStage) -> RemoteWorld:
    return stage.world()


@pytest.fixture
def incidents(stage: ServerStage, world: RemoteWorld) -> Incidents:
    made = Incidents(cast("EmbeddedStage", stage), cast("World", world))
    made.worked_with(40, 41)
    return made


@pytest.fixture
def operator(stage: ServerStage) -> Operator:
    return Operator(stage.environment, stage.access(), Notes())


def asked(stage: ServerStage) -> list[str]:
    """What the other process says that the operator has changed."""
    return [each["what"] for each in stage.control.requests() if each["by"] == OPERATOR and not each["reads"]]


def test_a_rollback_happens_in_the_other_process(
    stage: ServerStage, world: RemoteWorld, incidents: Incidents, operator: Operator
) -> None:
    incidents.deployed(42, Behaviour.ERRORS)
    assert {answer.status for answer in world.look.ask(4)} == {500}
    operator.roll_back()
    assert operator.result.outcome is Outcome.LANDED
    assert world.look.running() == {41: 4}
    assert asked(stage) == ["ecs:UpdateService"]
    assert {answer.version for answer in world.look.ask(4)} == {"v41"}
    assert 60 < operator.result.seconds < 300


def test_a_plan_changes_nothing_there(stage: ServerStage, incidents: Incidents, operator: Operator) -> None:
    incidents.deployed(42, Behaviour.ERRORS)
    operator.make_plan()
    assert asked(stage) == []
    assert [each["door"] for each in stage.control.requests()].count("aws") > 3


def test_what_is_planned_here_happens_in_between_and_in_time(
    world: RemoteWorld, incidents: Incidents, operator: Operator
) -> None:
    incidents.deployed(42, Behaviour.ERRORS)
    began, seen = world.clock.monotonic(), []
    world.later(45, lambda: seen.append(world.clock.monotonic() - began))
    incidents.another_deploys(40, in_seconds=60)
    operator.roll_back()
    assert operator.result.outcome is Outcome.SUPERSEDED
    assert seen == [pytest.approx(45)]
    world.settle()
    assert world.look.running() == {40: 4}


def test_a_fault_stands_on_this_side_and_the_other_hears_nothing_of_the_call(
    stage: ServerStage, incidents: Incidents, operator: Operator
) -> None:
    incidents.deployed(42, Behaviour.ERRORS)
    fault = faults.Fault(kind=faults.Kind.ACCESS_DENIED, operation="ecs:UpdateService")
    faults.inject(cast("EmbeddedStage", stage), fault)
    operator.try_to_roll_back()
    assert asked(stage) == []


def test_the_clock_of_its_logs_is_wrong_there_and_not_only_on_this_side(
    stage: ServerStage, world: RemoteWorld, incidents: Incidents
) -> None:
    logs = stage.access().aws.logs
    incidents.deployed(42, Behaviour.ERRORS)
    world.look.ask(4)
    incidents.logs_clock(ahead=240)
    found = logs.filter_log_events(logGroupName=f"/ecs/{stage.environment.family}")
    newest = max(event["timestamp"] for event in found["events"]) / 1000
    assert newest - stage.clock.now().timestamp() == pytest.approx(240, abs=1)
    assert found["ResponseMetadata"]["HTTPHeaders"]["date"] == format_datetime(
        stage.clock.now() + timedelta(seconds=240), usegmt=True
    )


def test_every_call_takes_its_time_there(stage: ServerStage, incidents: Incidents) -> None:
    del incidents
    access, before = stage.access(), stage.clock.monotonic()
    access.aws.ecs.list_clusters()
    assert stage.control.advance(0) == pytest.approx(before + LATENCY)


def test_the_application_and_github_answer_for_their_own_names_and_nobody_else_does(
    stage: ServerStage, incidents: Incidents
) -> None:
    del incidents
    access = stage.access()
    page = access.http.get(stage.environment.url + "/version")
    assert (page.status_code, page.json()["version"]) == (200, "v41")
    for url in ("https://example.com/", "https://api.github.com/"):
        with pytest.raises(requests.ConnectionError, match="a rehearsal reaches nothing else"):
            access.http.get(url)
    assert access.github.pull_request(1).number == 1


def test_another_accounts_credentials_are_another_accounts_there(stage: ServerStage) -> None:
    stage.sign_in("123456789012")
    assert stage.access().aws.sts.get_caller_identity()["Account"] == "123456789012"


@pytest.mark.parametrize(
    ("what", "ask"),
    [
        ("world.state", lambda stage: stage.world().state),
        ("world.team.revisions", lambda stage: stage.world().team.revisions),
        ("stage.application", lambda stage: stage.application),
        pytest.param(
            "stage.application",
            lambda stage: Origin(stage, stage.world(), [stage.environment], seed=0),
            id="a repository",
        ),
    ],
)
def test_what_can_not_be_had_leaves_the_scenario_out_and_says_why(
    stage: ServerStage, what: str, ask: Any
) -> None:
    with pytest.raises(pytest.skip.Exception, match=f"This stage doesn't have {what}"):
        ask(stage)
    assert list(stage.directory.iterdir()) == []


@pytest.mark.parametrize(
    ("here", "there"), [(ServerStage, EmbeddedStage), (RemoteWorld, World), (RemoteClock, VirtualClock)]
)
def test_what_both_can_do_is_asked_for_in_the_same_words(here: type, there: type) -> None:
    """Steps take the one for the other: a parameter that only one knows would be a TypeError in a rehearsal."""
    shared = {name for name in vars(here) if callable(getattr(there, name, None)) and name[0] != "_"}
    assert shared
    for name in shared:
        assert _words(getattr(here, name)) == _words(getattr(there, name)), name


def _words(method: Any) -> list[tuple[str, object]]:
    return [(each.name, each.kind) for each in inspect.signature(method).parameters.values()]


def test_nothing_is_asked_beyond_loopback(
    stage: ServerStage, incidents: Incidents, operator: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    reached = set()
    connect = socket.socket.connect

    def watched(self: socket.socket, address: Any) -> None:
        reached.add(address[0])
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", watched)
    incidents.deployed(42, Behaviour.ERRORS)
    operator.roll_back()
    stage.access().aws.s3.list_buckets()
    assert reached <= {"127.0.0.1"}
