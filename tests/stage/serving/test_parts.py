"""What a served stage is made of, each part alone."""

from __future__ import annotations

import json
import socket
from datetime import UTC, datetime
from threading import Event
from typing import TYPE_CHECKING, Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rehearsal.clock import VirtualClock
from rehearsal.serving.codec import Unsendable, decode, encode
from rehearsal.serving.desk import Desk
from rehearsal.serving.doors import Binding, Doors
from rehearsal.serving.errands import ERRANDS
from rehearsal.serving.house import House, Wanted
from rehearsal.serving.pump import Pump
from rehearsal.world.damage import Damage
from rehearsal.world.incidents import Incidents
from rehearsal.world.look import Answer, Deployment, Look
from rehearsal.world.team import Team
from rehearsal.world.version import AppVersion, Behaviour
from rehearsal.world.world import World
from rollback.environment import load
from rollback.errors import ConfigurationError
from tests.stage.serving.conftest import ENVIRONMENTS

if TYPE_CHECKING:
    from rehearsal.serving.desk import Manned

plain = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
keys = st.integers() | st.text()
things = (
    plain
    | st.builds(AppVersion, st.text(), st.sampled_from(Behaviour))
    | st.builds(Answer, st.integers(), st.none() | st.text())
    | st.builds(Deployment, *(st.text(), st.integers(), st.text(), st.text(), *[st.integers()] * 3))
    | st.datetimes(timezones=st.just(UTC))
)
values = st.recursive(
    things,
    lambda inner: st.lists(inner) | st.lists(inner).map(tuple) | st.dictionaries(keys, inner),
    max_leaves=8,
)


@settings(max_examples=40)
@given(values)
def test_what_crosses_arrives_as_it_was(value: Any) -> None:
    assert decode(json.loads(json.dumps(encode(value)))) == value


@pytest.mark.parametrize("value", [lambda: None, object(), [print], {"a": {1, 2}}, AppVersion])
def test_what_belongs_to_a_process_does_not_cross(value: object) -> None:
    with pytest.raises(Unsendable, match="can't leave its process"):
        encode(value)


def test_it_is_not_ready_until_its_service_is_laid_and_its_time_may_pass() -> None:
    with House(load(ENVIRONMENTS), Wanted(speed=0)) as house:
        assert house.trouble() == "No stage is open."
        house.open("production")
        assert house.trouble() == "The stage is being set up."
        house.let_time_pass()
        assert house.trouble() == ""
        house.close()
        assert house.trouble() == "No stage is open."


def test_what_nobody_knows_does_not_arrive() -> None:
    with pytest.raises(Unsendable, match="Nothing here is called 'Popen'"):
        decode({"$": "Popen", "args": "true"})


def test_a_port_in_use_is_one_sentence() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        with (
            pytest.raises(ConfigurationError, match=rf"can't listen at 127\.0\.0\.1, from port {port}"),
            Doors().open(Binding(first_port=port), Desk(cast("Manned", None), "token").open),
        ):
            pass


def test_every_errand_is_a_method_that_there_is() -> None:
    owners = {
        "incidents": Incidents,
        "world": World,
        "world.damage": Damage,
        "world.look": Look,
        "world.team": Team,
    }
    for of, owner in owners.items():
        assert [name for name in ERRANDS[of] if not callable(getattr(owner, name, None))] == []


class RealTime:
    """Real time that a test moves on; every look at it is counted."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.looked = Event()

    def __call__(self) -> float:
        self.looked.set()
        return self.seconds


def pumped(clock: VirtualClock, speed: float, real: RealTime, seconds: float, until: Event) -> Pump:
    """Pump for so many real seconds, until something has happened."""
    with Pump(clock, speed, real=real) as pump:
        assert real.looked.wait(5)
        real.seconds += seconds
        assert until.wait(5)
    return pump


def test_time_passes_as_many_times_faster_as_was_asked_for() -> None:
    clock, happened = VirtualClock(datetime(2026, 1, 1, tzinfo=UTC)), Event()
    clock.call_in(119, happened.set)
    pumped(clock, 60, RealTime(), 2, happened)
    assert clock.monotonic() == pytest.approx(120)


def test_what_is_planned_for_later_has_not_happened() -> None:
    clock, happened, later = VirtualClock(), Event(), Event()
    clock.call_in(1, happened.set)
    clock.call_in(121, later.set)
    pumped(clock, 60, RealTime(), 2, happened)
    assert not later.is_set()


def test_a_failure_while_time_passes_is_kept() -> None:
    clock, happened = VirtualClock(), Event()

    def fail() -> None:
        happened.set()
        raise RuntimeError("the stage itself")

    clock.call_in(1, fail)
    pump = pumped(clock, 60, RealTime(), 2, happened)
    assert isinstance(pump.failure, RuntimeError)


def test_without_speed_no_time_passes() -> None:
    clock = VirtualClock()
    with Pump(clock, 0):
        pass
    assert clock.monotonic() == 0
