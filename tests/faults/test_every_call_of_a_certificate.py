"""Each call of a certificate's repair, made to fail in each way: what is served stays trusted, and a second run finishes."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

import pytest
from botocore.exceptions import ReadTimeoutError

from rehearsal import faults
from rehearsal.blueprint import Blueprint
from rehearsal.embedded import EmbeddedStage
from rehearsal.faults import Fault, Kind, Recorded
from rehearsal.world.version import AppVersion
from rehearsal.world.world import World
from rollback.aws import is_read
from rollback.certificates import CertificatePlan, Outcome, apply, plan
from rollback.errors import RollbackError
from tests.faults.ways import ENVIRONMENTS, QUICK

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from botocore.awsrequest import AWSResponse

    from rehearsal.doors import Call
    from rehearsal.world.certificates import CertificateHouse
    from rollback.access import Access
    from rollback.environment import Environment

KILLED_BEFORE, KILLED_AFTER = "killed before the effect", "killed after the effect"
POLLS: Final = 3
"""How many calls of an operation are cut at; those that follow are the same poll."""


@dataclass(frozen=True, slots=True)
class Scene:
    """A valid certificate serves, and a new one waits for its record, which is missing."""

    environment: Environment
    stage: EmbeddedStage
    house: CertificateHouse
    access: Access
    new: str


@contextmanager
def opened(directory: Path) -> Iterator[Scene]:
    environment = ENVIRONMENTS.default
    section = {**ENVIRONMENTS.section(environment, "rehearsal"), **QUICK}
    blueprint = Blueprint.read(section, file="environments.toml", key="rehearsal")
    stage = EmbeddedStage(environment, blueprint, seed=0, directory=directory)
    world = World(stage)
    try:
        world.open_with(AppVersion("v1"))
        house = world.certificates
        house.open()
        house.take_record()
        yield Scene(environment, stage, house, stage.access(), house.request())
    finally:
        world.close()
        stage.close()


@cache
def recorded() -> tuple[Recorded, ...]:
    """Every call of applying when nothing goes wrong, counted from the beginning of the repair."""
    with TemporaryDirectory() as directory, opened(Path(directory)) as scene:
        made = plan(scene.environment, scene.access, certificate=scene.new)
        calls = faults.record(scene.stage)
        assert apply(scene.environment, scene.access, made).landed
        firsts: dict[str, int] = {}
        for call in calls:
            firsts.setdefault(call.operation, call.occurrence)
        return tuple(call for call in calls if call.occurrence - firsts[call.operation] < POLLS)


def cases() -> list[tuple[Recorded, str]]:
    """Each way at each call; a kill before a read only at the first after a change, since others find the same."""
    found: list[tuple[Recorded, str]] = []
    changed = True
    for call in recorded():
        reads = is_read(call.operation.partition(":")[2])
        ways: list[str] = [Kind.ACCESS_DENIED, Kind.TIMEOUT_BEFORE]
        if changed or not reads:
            ways.append(KILLED_BEFORE)
        if not reads:
            ways += [Kind.TIMEOUT_AFTER, KILLED_AFTER]
        found += [(call, way) for way in ways]
        changed = not reads
    return found


def cut(scene: Scene, at: Recorded, way: str) -> None:
    """Put it in the way."""
    if way in {KILLED_BEFORE, KILLED_AFTER}:

        def kill(call: Call, proceed: Callable[[], AWSResponse]) -> AWSResponse:
            if (call.operation, call.occurrence) != (at.operation, at.occurrence):
                return proceed()
            if way == KILLED_AFTER:
                proceed()
            raise KeyboardInterrupt

        scene.stage.operator.interceptors.append(kill)
        return
    if way == Kind.TIMEOUT_AFTER:

        def lose(call: Call, proceed: Callable[[], AWSResponse]) -> AWSResponse:
            answer = proceed()
            if (call.operation, call.occurrence) == (at.operation, at.occurrence):
                raise ReadTimeoutError(endpoint_url=call.request.url)
            return answer

        scene.stage.operator.interceptors.append(lose)
        return
    times = None if way == Kind.ACCESS_DENIED else 1
    faults.inject(
        scene.stage, Fault(kind=Kind(way), operation=at.operation, occurrence=at.occurrence, times=times)
    )


@pytest.mark.parametrize(("at", "way"), cases(), ids=str)
def test_what_is_served_stays_trusted_and_a_second_run_finishes(
    at: Recorded, way: str, tmp_path: Path
) -> None:
    with opened(tmp_path) as scene:
        made = plan(scene.environment, scene.access, certificate=scene.new)
        before = len(scene.stage.operator.interceptors)
        cut(scene, at, way)
        _apply_once(scene, made)
        assert scene.house.handshake().problem_at(scene.stage.clock.now()) == ""
        del scene.stage.operator.interceptors[before:]
        hands = scene.stage.access()
        again = apply(scene.environment, hands, plan(scene.environment, hands, certificate=scene.new))
        assert again.outcome in {Outcome.SERVING, Outcome.NOTHING}, again.sentence
        assert scene.house.served == scene.house.attached == scene.new
        assert scene.house.handshake().problem_at(scene.stage.clock.now()) == ""


def _apply_once(scene: Scene, made: CertificatePlan) -> None:
    """An exception means that nothing was changed, and a success that it serves."""
    try:
        result = apply(scene.environment, scene.access, made)
    except RollbackError:
        assert scene.house.records() == {}
        assert scene.house.attached == scene.house.first
    except KeyboardInterrupt:
        pass
    else:
        if result.landed:
            assert scene.house.served == scene.new
        else:
            assert result.remedy
        if result.outcome in {
            Outcome.NOT_WRITTEN,
            Outcome.FAILED,
            Outcome.STILL_PENDING,
            Outcome.NOT_ATTACHED,
        }:
            assert scene.house.attached == scene.house.first
