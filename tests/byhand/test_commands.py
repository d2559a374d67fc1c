"""The commands that a plan prints, really typed: afterwards the world is the one that the tool leaves."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from rehearsal.insulation import load_moto
from rollback.environment import load

if TYPE_CHECKING:
    from collections.abc import Iterator

    from _pytest.mark import ParameterSet

    from tests.byhand.twins import Twins

ENVIRONMENTS = Path(__file__).parents[2] / "environments.toml"


@pytest.fixture(scope="module")
def ways() -> Any:
    load_moto()
    from tests.byhand import ways  # noqa: PLC0415 - it imports moto

    return ways


@pytest.fixture(scope="module")
def twins(ways: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Twins]:
    del ways
    from rehearsal.serving.house import House, Wanted  # noqa: PLC0415 - it imports moto
    from tests.byhand.twins import Twins  # noqa: PLC0415 - likewise

    with House(load(ENVIRONMENTS), Wanted(speed=0, loopback=False)) as house:
        yield Twins(house, tmp_path_factory.mktemp("person"))


def at_night(name: str) -> ParameterSet:
    """Each line that is typed takes the AWS CLI most of a second."""
    return pytest.param(name, marks=pytest.mark.nightly)


@pytest.mark.parametrize(
    "name",
    ["EMERGENCY", "REVERT", "TERRAFORM", "STATE_PUSHED", *map(at_night, ("COPY", "STOP", "RENEWED", "FIX"))],
)
def test_a_person_leaves_the_world_that_the_tool_leaves(twins: Twins, ways: Any, name: str) -> None:
    way = getattr(ways, name)
    assert twins.by_hand(way) == twins.by_the_tool(way).seen


@pytest.mark.parametrize("name", ["CERTIFICATE", *map(at_night, ("STATE_WRITTEN", "BACKUP"))])
def test_and_undoes_what_the_tool_has_done(twins: Twins, ways: Any, name: str) -> None:
    way = getattr(ways, name)
    by_hand = twins.by_hand(way)
    played = twins.by_the_tool(way)
    assert by_hand == played.seen
    assert twins.undone_by_hand(way, played) == way.undone


def test_the_runbooks_own_commands_work_on_the_served_stage(twins: Twins, ways: Any) -> None:
    """As people have them on paper: with the names of an environment, and nothing else."""
    ways.twins.must_be_here("aws jq terraform")
    scene = twins.scene(ways.APPLIED)
    place = scene.environment
    named = f"--cluster {place.cluster} --services {place.service}"
    at = f"--bucket {place.state_bucket} --{{}} {place.state_key}"
    with twins.shell(scene) as shell:
        listed = shell.paste(
            f"aws ecs list-task-definitions --family-prefix {place.family} --sort DESC --max-items 5"
        )
        newest, before = json.loads(listed)["taskDefinitionArns"][:2]
        shell.paste(
            f"aws ecs update-service --cluster {place.cluster} --service {place.service}"
            f" --task-definition {before.rpartition('/')[2]} --force-new-deployment"
        )
        shell.paste(f"aws ecs wait services-stable {named}")
        deployments = json.loads(
            shell.paste(f"aws ecs describe-services {named} --query 'services[0].deployments'")
        )
        assert [each["taskDefinition"] for each in deployments] == [before]
        assert before != newest
        versions = shell.paste(
            f"aws s3api list-object-versions {at.format('prefix')} --query 'Versions[0:5].[VersionId,LastModified]'"
        )
        chosen = json.loads(versions)[0][0]
        shell.paste(
            f'aws s3api get-object {at.format("key")} --version-id {chosen} "$PWD/restored-state.tfstate"'
        )
        shell.paste(f"cd {place.terraform_directory}")
        shell.paste("terraform init")
        shell.paste("terraform state pull > current-state-backup.tfstate")
        # An older serial is refused, and so is, now and then, the same one: its checks have no order for Terraform.
        shell.paste("jq '.serial += 1' \"$OLDPWD/restored-state.tfstate\" > newer-state.tfstate")
        shell.paste("terraform state push newer-state.tfstate")
    assert twins.house.world.look.running().keys() == {int(before.rpartition(":")[2])}
