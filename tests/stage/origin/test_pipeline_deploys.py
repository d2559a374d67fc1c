"""What a push really does to the service: over HTTP, at the load balancer, in ECS."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from rehearsal.origin.pipeline.application import behaviour_of
from rehearsal.origin.pipeline.expressions import Unrehearsed
from rehearsal.world.infrastructure import Settings
from rehearsal.world.version import Behaviour
from tests.stage.origin.pipeline_house import House, job_of, outline, printed

if TYPE_CHECKING:
    from pathlib import Path

    from rehearsal.world.world import World
    from rollback.environment import Environments


@pytest.fixture
def house(world: World, environments: Environments, tmp_path: Path) -> House:
    built = House(world, environments, tmp_path)
    built.open()
    return built


def settings_file(house: House) -> str:
    return f"{house.environment.terraform_directory}/settings.auto.tfvars.json"


def restart(house: House) -> None:
    house.world.team.deploy(house.world.look.primary_revision(), force=True)
    house.world.settle()


def test_a_bad_commit_breaks_the_application_and_its_revert_mends_it(house: House) -> None:
    assert house.statuses() == {200}
    bad = house.push_behaviour(Behaviour.ERRORS)
    assert house.statuses() == {200}, "the pipeline takes its time"
    house.settle()
    assert (house.statuses(), house.versions()) == ({500}, {bad})
    good = house.push_revert(bad)
    house.settle()
    assert (house.statuses(), house.versions()) == ({200}, {good})
    assert [run.conclusion for run in house.store.runs] == ["success", "success"]


@pytest.mark.parametrize("behaviour", [Behaviour.CRASHES, Behaviour.UNHEALTHY])
def test_a_commit_that_ecs_does_not_accept_leaves_the_old_version_serving(
    house: House, behaviour: Behaviour
) -> None:
    """The run is a success all the same: it only starts the deployment."""
    house.push_behaviour(behaviour)
    house.settle()
    assert house.run.conclusion == "success"
    assert house.world.look.history()[0][1] == "ROLLBACK_SUCCESSFUL"
    assert (house.statuses(), house.versions()) == ({200}, {house.first})


def test_the_image_is_named_by_the_commit_and_the_service_runs_its_own_revision(house: House) -> None:
    first = house.world.look.primary_revision()
    sha = house.push({"app/new.py": "x = 1\n"})
    house.settle()
    assert house.world.look.primary_revision() == first + 1
    clients, environment = house.world.stage.clients, house.environment
    definition: Any = clients.ecs.describe_task_definition(taskDefinition=f"{environment.family}:{first + 1}")
    image = definition["taskDefinition"]["containerDefinitions"][0]["image"]
    assert image == f"{house.world.foundation.repository_uri}:{sha}"
    found = clients.ecr.describe_images(
        repositoryName=house.world.stage.blueprint.repository, imageIds=[{"imageTag": sha}]
    )
    assert found["imageDetails"][0]["imageDigest"] == house.world.team.digests[sha]


def test_the_service_changes_with_the_last_step_and_not_before(house: House) -> None:
    first = house.world.look.primary_revision()
    house.push_behaviour(Behaviour.ERRORS)
    house.until("in_progress")
    update = None
    while update is None or update.status != "completed":
        assert house.world.look.primary_revision() == first
        house.clock.sleep(0.5)
        steps = [step for job in house.run.jobs for step in job.steps if step.name == "Update service"]
        update = steps[0] if steps else None
    assert house.world.look.primary_revision() == first + 1
    assert len(house.world.look.deployments()) == 2


def test_a_push_to_another_environments_branch_takes_its_time_and_touches_nothing(house: House) -> None:
    revision, settings = house.world.look.primary_revision(), house.world.infrastructure.settings()
    house.push_behaviour(Behaviour.ERRORS, branch=house.others[0])
    house.push(
        {settings_file(house): '{"database_host": "x", "health_check_path": "/x"}'}, branch=house.others[0]
    )
    assert house.names == ["Deploy", "Terraform"]
    assert house.pipeline.settle() > 120
    assert {run.conclusion for run in house.store.runs} == {"success"}
    assert house.world.look.primary_revision() == revision
    assert house.world.infrastructure.settings() == settings
    assert len(house.world.look.history()) == 1
    assert len(house.world.team.revisions) == 1
    images = house.world.stage.clients.ecr.describe_images(
        repositoryName=house.world.stage.blueprint.repository
    )
    assert len(images["imageDetails"]) == 1


def test_a_wrong_database_host_breaks_the_tasks_started_since_and_the_revert_those_started_later(
    house: House,
) -> None:
    right = house.world.infrastructure.settings()
    bad = house.push_settings(replace(right, database_host="db-new.internal"))
    assert house.names == ["Terraform"]
    house.settle()
    assert house.world.infrastructure.settings().database_host == "db-new.internal"
    assert house.statuses() == {200}, "the tasks have read the old host"
    restart(house)
    assert house.statuses() == {500}
    house.push_revert(bad)
    house.settle()
    assert house.world.infrastructure.settings() == right
    assert house.statuses() == {500}, "the tasks have read the wrong host"
    restart(house)
    assert house.statuses() == {200}


def test_a_wrong_health_check_path_makes_every_target_unhealthy_and_the_revert_healthy(house: House) -> None:
    right, count = house.world.infrastructure.settings(), house.world.look.desired_count()
    bad = house.push_settings(replace(right, health_check_path="/healthz"))
    house.pipeline.settle()
    house.clock.sleep(120)
    assert house.world.look.targets().get("healthy", 0) == 0
    assert house.world.look.targets()["unhealthy"] >= 1
    house.push_revert(bad)
    house.settle()
    assert house.world.look.targets() == {"healthy": count}
    assert house.statuses() == {200}


def test_a_plan_changes_nothing_and_the_apply_only_what_was_planned(house: House) -> None:
    right = house.world.infrastructure.settings()
    house.store.reviewers[house.environment.name] = ("grace",)
    house.push_settings(replace(right, database_host="db2.internal", health_check_path="/up"))
    house.pipeline.settle()
    assert house.run.status == "waiting"
    assert house.world.infrastructure.settings() == right
    plan = printed(job_of(house.run, "plan"))
    assert "Plan: 2 to add, 1 to change, 2 to destroy." in plan
    assert f'          ~ health_check_path = "{right.health_check_path}" -> "/up"' in plan
    house.pipeline.approve(house.run, "grace")
    house.pipeline.settle()
    assert "Apply complete! Resources: 2 added, 1 changed, 2 destroyed." in printed(
        job_of(house.run, "apply")
    )
    assert house.world.infrastructure.settings().health_check_path == "/up"


def test_no_log_holds_what_is_in_the_secret(house: House) -> None:
    house.push_settings(replace(house.world.infrastructure.settings(), database_host="db2.internal"))
    house.pipeline.settle()
    secret = house.world.stage.clients.secretsmanager.get_secret_value(SecretId=house.world.foundation.secret)
    assert "db2.internal" in secret["SecretString"]
    lines = [line for job in house.run.jobs for line in printed(job)]
    assert any("(sensitive value)" in line for line in lines)
    assert not any("postgresql://" in line or "rehearsed" in line for line in lines)


def test_an_infrastructure_change_of_something_else_changes_nothing(house: House) -> None:
    house.push({f"{house.environment.terraform_directory}/outputs.tf": "# nothing\n"})
    house.pipeline.settle()
    assert house.run.conclusion == "success"
    lines = printed(job_of(house.run, "apply"))
    assert "No changes. Your infrastructure matches the configuration." in lines
    assert "Apply complete! Resources: 0 added, 0 changed, 0 destroyed." in lines


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (None, "No value for required variable"),
        ("{", "Root value must be object"),
        ("[]", "Incorrect JSON value type"),
        ('{"database_host": "db.internal"}', "No value for required variable"),
        ('{"database_host": "db.internal", "health_check_path": "up"}', "Invalid value for variable"),
        ('{"database_host": "", "health_check_path": "/up"}', "Invalid value for variable"),
    ],
)
def test_settings_that_can_not_be_read_fail_the_plan(house: House, text: str | None, why: str) -> None:
    house.push({settings_file(house): text})
    house.pipeline.settle()
    assert outline(house.run)["apply"] == ("skipped", [])
    assert dict(outline(house.run)["plan"][1])["Terraform plan"] == "failure"
    lines = printed(job_of(house.run, "plan"))
    assert any(line.startswith(f"Error: {why}") for line in lines)
    assert "##[error]Process completed with exit code 1." in lines


def test_an_apply_that_aws_refuses_fails_with_its_words(house: House) -> None:
    house.push_settings(replace(house.world.infrastructure.settings(), database_host="db2.internal"))
    while len(house.run.jobs) == 1:
        house.clock.sleep(1)
    house.world.damage.delete_secret()
    house.pipeline.settle()
    assert house.run.conclusion == "failure"
    lines = printed(job_of(house.run, "apply"))
    assert any("ResourceNotFoundException" in line for line in lines)


def test_what_an_apply_could_not_do_is_done_by_the_next(house: House) -> None:
    house.world.damage.delete_log_group()
    settings = {"database_host": "db2.internal", "health_check_path": "/up", "log_retention_days": 3}
    house.push({settings_file(house): json.dumps(settings)})
    house.pipeline.settle()
    assert house.run.conclusion == "failure"
    logs, name = house.world.stage.clients.logs, house.world.foundation.log_group
    logs.create_log_group(logGroupName=name)
    house.pipeline.rerun(house.run)
    house.pipeline.settle()
    assert house.run.conclusion == "success"
    assert house.world.infrastructure.settings() == Settings("db2.internal", "/up")
    assert logs.describe_log_groups()["logGroups"][0]["retentionInDays"] == 3


def test_of_what_the_files_say_the_worst_counts() -> None:
    said = {f"app/{each.name.lower()}.py": f'x = 1\nBEHAVIOUR = "{each}"\n' for each in Behaviour}
    order = [Behaviour.CRASHES, Behaviour.UNHEALTHY, Behaviour.ERRORS, Behaviour.SLOW, Behaviour.HEALTHY]
    assert set(order) == set(Behaviour)
    for worst in order:
        assert behaviour_of(said) is worst
        del said[f"app/{worst.name.lower()}.py"]
    assert behaviour_of({}) is Behaviour.HEALTHY


def test_only_a_whole_line_of_the_application_says_how_it_behaves() -> None:
    line = f'BEHAVIOUR = "{Behaviour.CRASHES}"\n'
    for files in (
        {"tests/a.py": line},
        {"app/a.txt": line},
        {"app/a.py": f"# {line}"},
        {"app/a.py": f"  {line}"},
    ):
        assert behaviour_of(files) is Behaviour.HEALTHY
    assert behaviour_of({"app/deep/a.py": line}) is Behaviour.CRASHES
    with pytest.raises(Unrehearsed, match="No version behaves as 'badly'"):
        behaviour_of({"app/a.py": 'BEHAVIOUR = "badly"\n'})
