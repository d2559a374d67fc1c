"""The house of the state: its history, and what can happen to it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from rehearsal.embedded import EmbeddedStage
from rehearsal.world.state_house import DIGEST_SUFFIX, LockKind, Spoilt, StateHouse
from rehearsal.world.world import World
from tests.stage.terraform.workshop import Workshop

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from rehearsal.blueprint import Blueprint
    from rollback.environment import Environment


@pytest.fixture
def state(world: World) -> StateHouse:
    return world.state.open()


@pytest.fixture
def locked(environment: Environment, blueprint: Blueprint, tmp_path: Path) -> Iterator[World]:
    """A world whose backend has a lock table."""
    settings = replace(environment.terraform, lock_table="terraform-locks")
    stage = EmbeddedStage(replace(environment, terraform=settings), blueprint, seed=0, directory=tmp_path)
    yield World(stage)
    stage.close()


def listed(state: StateHouse, world: World) -> list[tuple[str, bool]]:
    name = world.stage.environment
    found = world.stage.clients.s3.list_object_versions(Bucket=name.state_bucket, Prefix=name.state_key)
    assert state.is_open
    return [(each["Key"], each["IsLatest"]) for each in found["Versions"]]


def test_until_it_is_opened_there_is_no_bucket(world: World) -> None:
    assert world.stage.clients.s3.list_buckets()["Buckets"] == []


def test_its_history_has_serials_from_one_on_one_lineage_and_resources_that_come_and_go(
    state: StateHouse, world: World
) -> None:
    states = [json.loads(state.content(version.id)) for version in reversed(state.versions)]
    assert [each["serial"] for each in states] == [1, 2, 3, 4, 5, 6, 7]
    assert len({each["lineage"] for each in states}) == 1
    addresses = [set(state.addresses(version.id)) for version in reversed(state.versions)]
    assert addresses[0] == {
        "terraform_data.network", 'terraform_data.subnet["a"]', 'terraform_data.subnet["b"]'
    }  # fmt: skip
    assert addresses[3] - addresses[2] == {"terraform_data.bastion[0]"}
    assert addresses[4] == addresses[2]
    assert 'module.alarms.terraform_data.alarm["server_errors"]' in addresses[-1]
    times = [version.at for version in state.versions]
    assert times == sorted(times, reverse=True)
    assert times[0] < world.clock.now()


def test_a_prefix_lists_the_lock_files_too(state: StateHouse, world: World) -> None:
    keys = [key for key, _ in listed(state, world)]
    assert keys.count(world.stage.environment.state_key) == 7
    assert keys.count(world.stage.environment.state_key + ".tflock") == 7


def test_what_is_written_last_is_the_latest_at_the_stage_s_time_also_within_one_moment(
    state: StateHouse, world: World
) -> None:
    ids = [state.put_state({**state.current(), "serial": serial}) for serial in (8, 9, 10)]
    assert [version.id for version in state.versions[:3]] == ids[::-1]
    assert (state.versions[0].at - world.clock.now()).total_seconds() < 0.001
    s3, name = world.stage.clients.s3, world.stage.environment
    found = s3.list_object_versions(Bucket=name.state_bucket, Prefix=name.state_key)["Versions"]
    assert next(each["VersionId"] for each in found if each["IsLatest"]) == ids[-1]
    assert (
        json.loads(s3.get_object(Bucket=name.state_bucket, Key=name.state_key)["Body"].read())
        == state.current()
    )


def test_the_next_stage_begins_with_the_same_history_and_nothing_of_the_last(
    environment: Environment, blueprint: Blueprint, tmp_path: Path
) -> None:
    seen = []
    for number in range(2):
        directory = tmp_path / str(number)
        directory.mkdir()
        stage = EmbeddedStage(environment, blueprint, seed=0, directory=directory)
        state = World(stage).state.open()
        seen.append([state.content(version.id) for version in state.versions])
        state.delete()
        state.hold_lock()
        stage.close()
    assert seen[0] == seen[1]


@pytest.mark.parametrize("how", [Spoilt.EMPTY, Spoilt.TRUNCATED, Spoilt.NONSENSE, Spoilt.NEWER_FORMAT])
def test_a_spoilt_state_stops_terraform(workshop: Workshop, how: Spoilt) -> None:
    workshop.init()
    workshop.state.spoil(how)
    completed = workshop.run("plan", "-input=false", "-detailed-exitcode")
    assert completed.code == (2 if how is Spoilt.EMPTY else 1)


def test_a_deleted_state_is_an_empty_one_to_terraform(workshop: Workshop) -> None:
    workshop.init()
    marker = workshop.state.delete()
    assert workshop.state.versions[0].marker
    assert workshop.state.versions[0].id == marker
    assert "13 to add" in workshop.run("plan", "-input=false").text
    workshop.state.expire(marker)
    assert workshop.plan() == 0


def test_versioning_can_be_suspended_or_never_have_been_on(state: StateHouse, world: World) -> None:
    s3, bucket = world.stage.clients.s3, world.stage.environment.state_bucket
    assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"
    state.suspend_versioning()
    assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Suspended"
    newest = state.content()
    state.never_version()
    assert "Status" not in s3.get_bucket_versioning(Bucket=bucket)
    assert listed(state, world) == [(world.stage.environment.state_key, True)]
    assert state.content() == newest


def test_with_a_lock_table_terraform_writes_lock_and_digest_to_it(locked: World, tmp_path: Path) -> None:
    workshop = Workshop(locked, tmp_path / "checkout")
    state = workshop.state
    assert state.digest == hashlib.md5(state.content(), usedforsecurity=False).hexdigest()
    workshop.init()
    assert workshop.plan() == 0
    assert workshop.apply("-var=health_check_path=/up").code == 0
    assert state.digest == hashlib.md5(state.content(), usedforsecurity=False).hexdigest()
    assert (state.lock, state.table_lock) == (None, None)
    state.spoil_digest()
    assert state.digest != hashlib.md5(state.content(), usedforsecurity=False).hexdigest()


@pytest.mark.parametrize("kind", LockKind)
def test_a_lock_of_either_kind_refuses_and_can_be_unlocked_by_its_id(
    locked: World, tmp_path: Path, kind: LockKind
) -> None:
    workshop = Workshop(locked, tmp_path / "checkout")
    workshop.init()
    lock = workshop.state.hold_lock(kind=kind)
    assert (workshop.state.lock is not None) == (kind is not LockKind.TABLE)
    assert (workshop.state.table_lock is not None) == (kind is not LockKind.FILE)
    refused = workshop.run("plan", "-input=false")
    assert refused.code == 1
    assert lock in refused.error_text
    workshop.state.let_go()
    assert workshop.plan() == 0


def test_the_digest_is_beside_the_lock_in_the_table(locked: World) -> None:
    state = locked.state.open()
    found = locked.stage.clients.dynamodb.scan(TableName="terraform-locks")["Items"]
    assert [each["LockID"]["S"] for each in found] == [state.lock_id + DIGEST_SUFFIX]
