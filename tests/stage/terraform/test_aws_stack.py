"""The stage's infrastructure on Terraform's AWS provider, where that can be had."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from rehearsal.embedded import EmbeddedStage
from rehearsal.origin.people import Developers
from rehearsal.terraform_config import PROVIDERS, why_no_aws_provider
from rehearsal.world.state_history import BrokenStack
from rehearsal.world.version import AppVersion
from rehearsal.world.world import World
from rollback import ecs
from rollback.terraform.next_apply import next_apply
from tests.stage.terraform.workshop import Workshop

if TYPE_CHECKING:
    from pathlib import Path

    from rehearsal.blueprint import Blueprint
    from rehearsal.origin.origin import Origin
    from rollback.environment import Environment

CLOSED = '-var=service_ingress=["203.0.113.0/24"]'
DATABASE = re.compile(r'^resource "aws_db_instance" "database" \{\n.*?^\}\n', re.DOTALL | re.MULTILINE)


def planned(workshop: Workshop) -> dict[str, Any]:
    """A plan, as `terraform show -json` has it."""
    completed = workshop.run("plan", "-input=false", "-out=plan")
    assert completed.code == 0, completed.error_text
    found: dict[str, Any] = json.loads(workshop.run("show", "-json", "plan").text)
    return found


def actions(plan: dict[str, Any]) -> dict[str, list[str]]:
    """What would be done, by address."""
    found = {each["address"]: each["change"]["actions"] for each in plan["resource_changes"]}
    return {address: done for address, done in found.items() if done != ["no-op"]}


@pytest.mark.provider
def test_the_stack_is_what_is_there_so_that_a_plan_is_empty_also_where_it_was_adopted_on_another_stage(
    environment: Environment, blueprint: Blueprint, tmp_path: Path
) -> None:
    kept, addresses = [], []
    for seed in (1, 2):
        directory = tmp_path / str(seed)
        directory.mkdir()
        stage = EmbeddedStage(environment, blueprint, seed=seed, directory=directory)
        try:
            world = World(stage)
            world.open_with(*(AppVersion(f"v{number}") for number in range(seed)))
            history = world.look.deployments()
            workshop = Workshop(world, directory / "checkout")
            assert world.look.deployments() == history
            workshop.init()
            plan = planned(workshop)
            assert actions(plan) == {}
            # That one is always the latest moment to which AWS could restore it.
            assert {each["address"] for each in plan.get("resource_drift", ())} <= {
                "aws_db_instance.database"
            }
            kept.append(workshop.state.content())
            addresses.append(workshop.state.addresses())
            world.close()
        finally:
            stage.close()
    assert kept[0] != kept[1]
    assert addresses[0] == addresses[1]
    types = {re.split(r"[.\[]", address)[0] for address in addresses[0]}
    assert types >= {
        "aws_vpc",
        "aws_subnet",
        "aws_security_group",
        "aws_lb",
        "aws_lb_listener",
        "aws_lb_target_group",
        "aws_ecs_cluster",
        "aws_ecs_service",
        "aws_cloudwatch_log_group",
        "aws_secretsmanager_secret",
        "aws_db_instance",
    }


@pytest.mark.provider
def test_a_security_group_that_shuts_the_load_balancer_out_makes_targets_unhealthy_and_its_rollback_mends_it(
    workshop: Workshop,
) -> None:
    world = workshop.world
    workshop.init()
    assert workshop.apply(CLOSED).code == 0
    world.clock.sleep(60)
    assert "healthy" not in world.look.targets()
    assert {answer.status for answer in world.look.ask(4)} == {504}
    assert workshop.apply().code == 0
    world.clock.sleep(60)
    world.settle()
    assert set(world.look.targets()) == {"healthy"}
    assert {answer.status for answer in world.look.ask(4)} == {200}


@pytest.mark.provider
def test_a_plan_tells_what_somebody_changed_by_hand_and_that_the_database_would_be_destroyed(
    workshop: Workshop,
) -> None:
    workshop.stage.clients.logs.put_retention_policy(
        logGroupName=workshop.world.foundation.log_group, retentionInDays=3
    )
    main = workshop.root / "main.tf"
    text, count = DATABASE.subn("", main.read_text(encoding="utf-8"))
    assert count == 1
    main.write_text(text, encoding="utf-8")
    workshop.init()
    plan = planned(workshop)
    assert "aws_cloudwatch_log_group.app" in {each["address"] for each in plan["resource_drift"]}
    assert actions(plan) == {
        "aws_cloudwatch_log_group.app": ["update"],
        "aws_db_instance.database": ["delete"],
    }


@pytest.mark.provider
def test_after_an_emergency_rollback_the_next_apply_would_bring_the_newest_revision_back(
    software_house: Origin,
) -> None:
    stage = software_house.world.stage
    software_house.world.state.open()
    stage.let_terraform_in()
    access = stage.access()
    plan = ecs.plan(stage.environment, access)
    bad = plan.service.revision if plan.service else None
    assert not next_apply(stage.environment, access).changes_revision
    ecs.apply(stage.environment, access, plan)
    found = next_apply(stage.environment, access)
    assert found.changes_revision
    assert found.brings == bad
    assert found.address == "aws_ecs_service.app"


@pytest.mark.provider
def test_the_pipeline_applies_it_and_the_world_lives_by_it(software_house: Origin) -> None:
    world = software_house.world
    developers = Developers(software_house, world.stage.environment)
    title = "Close the service's port"
    developers.merged(title, developers.infrastructure(title))
    software_house.pipeline.settle()
    assert {run.conclusion for run in software_house.store.runs} == {"success"}
    world.clock.sleep(60)
    assert "healthy" not in world.look.targets()
    assert world.state.current()["serial"] == 8


@pytest.mark.provider
def test_it_describes_a_service_that_runs_and_says_so_where_none_does(world: World) -> None:
    with pytest.raises(BrokenStack, match="open the world first"):
        world.state.open()


def test_without_a_provider_one_sentence_says_which_variable_to_set(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv(PROVIDERS, raising=False)
    assert f"Set {PROVIDERS} to a directory" in (why_no_aws_provider() or "")
    monkeypatch.setenv(PROVIDERS, str(tmp_path))
    assert "names has none" in (why_no_aws_provider() or "")
    monkeypatch.setenv(PROVIDERS, "registry")
    assert why_no_aws_provider() is None
    (tmp_path / "registry.terraform.io" / "hashicorp" / "aws" / "5.100.0").mkdir(parents=True)
    monkeypatch.setenv(PROVIDERS, str(tmp_path))
    assert why_no_aws_provider() is None
