"""The embedded stage: insulated from this machine, the same each time, and leaving nothing behind."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
from collections import Counter
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.exceptions import EndpointConnectionError

from rehearsal.embedded import LATENCY, EmbeddedStage
from rehearsal.stage import stage_factory
from rehearsal.world.passing import Unsettled
from rehearsal.world.version import AppVersion, Behaviour
from rehearsal.world.world import World
from rollback.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rehearsal.blueprint import Blueprint
    from rollback.access import Access
    from rollback.environment import Environment, Environments

V1, V2 = AppVersion("v1"), AppVersion("v2")
ROOT = Path(__file__).parents[3]


@contextmanager
def opened(
    environment: Environment, blueprint: Blueprint, directory: Path, *, seed: int = 0
) -> Iterator[World]:
    """A stage with a world on it, closed at the end."""
    directory.mkdir(exist_ok=True)
    stage = EmbeddedStage(environment, blueprint, seed=seed, directory=directory)
    try:
        world = World(stage)
        yield world
        world.close()
    finally:
        stage.close()


def played(environment: Environment, blueprint: Blueprint, directory: Path, *, seed: int) -> list[object]:
    """Everything that can be seen of one deployment, moment by moment."""
    with opened(environment, blueprint, directory, seed=seed) as world:
        world.open_with(V1)
        world.team.deploy(world.team.release(V2))
        seen: list[object] = [world.foundation]
        for _ in range(12):
            world.clock.sleep(10)
            seen += [world.look.deployments(), world.look.targets(), world.look.events(), world.look.ask(3)]
        return [*seen, world.look.history(), world.clock.now()]


def test_the_credentials_are_of_the_environments_account(
    environments: Environments, environment: Environment, access: Access
) -> None:
    assert access.aws.sts.get_caller_identity()["Account"] == environment.account
    assert len({each.account for each in environments}) == len(environments)


def test_every_environment_is_its_own_account(
    environments: Environments, blueprint: Blueprint, tmp_path: Path
) -> None:
    accounts = []
    for number, environment in enumerate(environments):
        directory = tmp_path / str(number)
        directory.mkdir()
        stage = EmbeddedStage(environment, blueprint, seed=0, directory=directory)
        accounts.append(stage.access().aws.sts.get_caller_identity()["Account"])
        stage.close()
    assert accounts == [environment.account for environment in environments]


def test_an_operator_can_be_signed_in_to_the_wrong_account(stage: EmbeddedStage, access: Access) -> None:
    stage.sign_in("999900001111")
    identity = access.aws.sts.get_caller_identity()
    assert identity["Account"] == "999900001111"
    assert identity["Arn"].endswith(":user/operator")


def test_an_operator_can_look_into_the_wrong_region(stage: EmbeddedStage, world: World) -> None:
    world.open_with(V1)
    elsewhere = stage.access(region="ap-south-1")
    assert elsewhere.aws.region == "ap-south-1"
    assert elsewhere.aws.ecs.list_clusters()["clusterArns"] == []


def test_every_call_of_the_operator_takes_a_tenth_of_a_second_and_the_teams_none(
    world: World, access: Access
) -> None:
    world.open_with(V1)
    before = access.clock.monotonic()
    world.look.deployments()
    assert access.clock.monotonic() == before
    access.aws.ecs.list_clusters()
    access.aws.sts.get_caller_identity()
    assert access.clock.monotonic() == pytest.approx(before + 0.2)


def test_the_same_seed_gives_the_same_history_and_another_seed_another(
    environment: Environment, blueprint: Blueprint, tmp_path: Path
) -> None:
    first = played(environment, blueprint, tmp_path / "1", seed=7)
    assert played(environment, blueprint, tmp_path / "2", seed=7) == first
    assert played(environment, blueprint, tmp_path / "3", seed=8) != first


def test_a_second_stage_in_the_same_process_is_refused(
    stage: EmbeddedStage, environment: Environment, blueprint: Blueprint, tmp_path: Path
) -> None:
    with pytest.raises(RuntimeError, match="A stage is open in this process already"):
        EmbeddedStage(environment, blueprint, seed=0, directory=tmp_path)
    assert stage.access().aws.sts.get_caller_identity()["Account"] == environment.account


def test_a_closed_stage_answers_no_call_and_may_be_closed_again(stage: EmbeddedStage) -> None:
    access = stage.access()
    client: Any = stage.operator.client("ecs", stage.environment.region)
    stage.close()
    stage.close()
    with pytest.raises(EndpointConnectionError):
        client.list_clusters()
    with pytest.raises(RuntimeError, match="This stage is closed"):
        access.aws.ecs.list_clusters()


def test_nothing_of_one_stage_is_there_on_the_next(
    environment: Environment, blueprint: Blueprint, tmp_path: Path
) -> None:
    with opened(environment, blueprint, tmp_path / "1") as world:
        world.open_with(V1)
    stage = EmbeddedStage(environment, blueprint, seed=0, directory=tmp_path)
    aws = stage.access().aws
    assert aws.ecs.list_clusters()["clusterArns"] == []
    assert aws.elbv2.describe_load_balancers()["LoadBalancers"] == []
    assert aws.ecr.describe_repositories()["repositories"] == []
    stage.close()


def test_an_ordinary_boto3_client_sees_the_stage(stage: EmbeddedStage, world: World) -> None:
    world.open_with(V1)
    with stage.serve() as served:
        keys = served.variables
        client = boto3.Session().client(
            "ecs",
            region_name=stage.environment.region,
            aws_access_key_id=keys["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=keys["AWS_SECRET_ACCESS_KEY"],
        )
        assert client.list_clusters()["clusterArns"] != []


def test_over_http_a_subprocess_sees_and_changes_the_same_state(
    stage: EmbeddedStage, world: World, environment: Environment
) -> None:
    revision, other = world.open_with(V1, V2)
    script = (
        "import sys, boto3; ecs = boto3.client('ecs'); "
        "print(boto3.client('sts').get_caller_identity()['Account']); "
        "answer = ecs.update_service(cluster=sys.argv[1], service=sys.argv[2], taskDefinition=sys.argv[3]); "
        "print(answer['service']['deployments'][0]['taskDefinition'])"
    )
    before = world.clock.monotonic()
    with stage.serve() as served:
        done = subprocess.run(  # noqa: S603 - this Python, our own words
            [
                *(sys.executable, "-W", "error", "-c", script),
                *(environment.cluster, environment.service, world.team.named(revision)),
            ],
            env={
                **os.environ,
                "AWS_PROFILE": "nobody",
                "HTTPS_PROXY": "http://10.0.0.1:1",
                **served.variables,
            },
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.stderr == ""
    account, deployed = done.stdout.split()
    assert account == environment.account
    assert deployed.endswith(world.team.named(revision))
    assert world.look.primary_revision() == revision != other
    assert world.clock.monotonic() == pytest.approx(before + 2 * LATENCY)
    assert world.settle() > 0
    assert {answer.version for answer in world.look.ask(4)} == {"v1"}


def test_an_unknown_region_is_one_sentence(
    environment: Environment, blueprint: Blueprint, tmp_path: Path
) -> None:
    nowhere = replace(environment, region="eu-nowhere-1")
    with pytest.raises(ConfigurationError, match="knows no region eu-nowhere-1"):
        EmbeddedStage(nowhere, blueprint, seed=0, directory=tmp_path)


def test_an_unknown_stage_is_one_sentence() -> None:
    with pytest.raises(
        ConfigurationError,
        match=r"There is no stage 'broadway'\. The stages are: embedded, live, localstack, server",
    ):
        stage_factory("broadway")


def test_a_service_that_never_settles_is_said_to_be_unsettled(world: World) -> None:
    world.open_with(V1)
    world.team.set_circuit_breaker(enable=False, rollback=False)
    world.team.deploy(world.team.release(AppVersion("bad", Behaviour.CRASHES)))
    with pytest.raises(Unsettled, match=r"Not steady after 60 s.*IN_PROGRESS"):
        world.settle(limit_seconds=60)


def test_rehearsals_leave_nothing_behind_in_the_process(
    environment: Environment, blueprint: Blueprint, tmp_path: Path
) -> None:
    def rehearse(times: int) -> Counter[str]:
        for _ in range(times):
            with opened(environment, blueprint, tmp_path) as world:
                world.team.create_service(world.team.release(V1))
                access = world.stage.access()
                access.aws.ecs.list_clusters()
                access.http.get(environment.url)
                world.clock.sleep(20)
            (tmp_path / "journal-1.jsonl").unlink()
        gc.collect()
        return Counter(type(each).__qualname__ for each in gc.get_objects())

    rehearse(5)
    before = rehearse(5)
    after = rehearse(50)
    # moto defines a class for each default VPC, of which Python keeps a dead weak reference.
    grown = {name: after[name] - before[name] for name in after if after[name] - before[name] >= 25}
    assert grown.pop("ReferenceType", 0) <= 50
    assert grown == {}
