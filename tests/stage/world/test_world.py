"""The handles of a scenario: what the team does, what goes missing, and that ECS notices."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from rehearsal.world.version import AppVersion, Behaviour

if TYPE_CHECKING:
    from collections.abc import Callable

    from botocore.awsrequest import AWSResponse
    from mypy_boto3_ecs.literals import DeploymentControllerTypeType

    from rehearsal.doors import Call
    from rehearsal.embedded import EmbeddedStage
    from rehearsal.world.world import World
    from rollback.environment import Environment

V1, V2, V3 = AppVersion("v1"), AppVersion("v2"), AppVersion("v3")


def test_a_service_has_the_history_that_really_happened(world: World, stage: EmbeddedStage) -> None:
    first = stage.blueprint.first_revision
    assert world.open_with(V1, V2, V3) == [first, first + 1, first + 2]
    assert world.look.history() == [
        (first + 2, "SUCCESSFUL"),
        (first + 1, "SUCCESSFUL"),
        (first, "SUCCESSFUL"),
    ]
    assert world.look.running() == {first + 2: stage.blueprint.desired_count}
    assert world.look.targets() == {"healthy": stage.blueprint.desired_count}


def test_the_service_is_as_the_blueprint_says(
    world: World, stage: EmbeddedStage, environment: Environment
) -> None:
    world.open_with(V1)
    service = stage.clients.ecs.describe_services(cluster=environment.cluster, services=[environment.service])
    described, blueprint = service["services"][0], stage.blueprint
    configuration = described["deploymentConfiguration"]
    assert described["desiredCount"] == blueprint.desired_count
    assert described["healthCheckGracePeriodSeconds"] == blueprint.grace_period_seconds
    assert described["loadBalancers"][0]["containerName"] == blueprint.container
    assert described["loadBalancers"][0]["containerPort"] == blueprint.port
    assert configuration["minimumHealthyPercent"] == blueprint.minimum_healthy_percent
    assert configuration["maximumPercent"] == blueprint.maximum_percent
    assert configuration["deploymentCircuitBreaker"]["enable"] == blueprint.circuit_breaker
    assert configuration["deploymentCircuitBreaker"]["rollback"] == blueprint.circuit_breaker_rollback
    group = stage.clients.elbv2.describe_target_groups()["TargetGroups"][0]
    assert group["HealthCheckPath"] == blueprint.health_path
    assert group["HealthCheckIntervalSeconds"] == blueprint.health_check_interval_seconds
    assert group["HealthyThresholdCount"] == blueprint.healthy_threshold
    assert group["UnhealthyThresholdCount"] == blueprint.unhealthy_threshold
    attributes = stage.clients.elbv2.describe_target_group_attributes(TargetGroupArn=group["TargetGroupArn"])
    assert {
        "Key": "deregistration_delay.timeout_seconds",
        "Value": str(blueprint.deregistration_delay_seconds),
    } in (attributes["Attributes"])


def fails_to_start(world: World, revision: int, words: str) -> None:
    """Deploying `revision` fails, the breaker puts the service back, and an event or a task says why."""
    before = world.look.primary_revision()
    world.team.deploy(revision)
    world.settle()
    assert world.look.primary_revision() == before
    assert world.look.history()[0] == (revision, "ROLLBACK_SUCCESSFUL")
    assert any(words in reason for reason in [*world.look.events(), *world.look.stopped_reasons()])


@pytest.mark.parametrize(
    ("breaks", "words"),
    [
        (lambda world: world.damage.delete_image(V1), "CannotPullContainerError"),
        (lambda world: world.damage.delete_secret(), "Secrets Manager can't find the specified secret"),
        (lambda world: world.damage.delete_secret(recoverable=True), "ResourceInitializationError"),
        (lambda world: world.damage.delete_log_group(), "log group does not exist"),
    ],
    ids=["image", "secret", "recoverable secret", "log group"],
)
def test_a_revision_whose_needs_are_gone_cannot_start(
    world: World, breaks: Callable[[World], None], words: str
) -> None:
    first, _ = world.open_with(V1, V2)
    breaks(world)
    fails_to_start(world, first, words)


@pytest.mark.parametrize("role", ["delete_execution_role", "delete_task_role"])
def test_a_revision_without_its_role_is_not_even_launched(world: World, role: str) -> None:
    first, second = world.open_with(V1, V2)
    getattr(world.damage, role)()
    world.team.deploy(first)
    world.clock.sleep(120)
    assert world.look.running() == {second: world.look.desired_count()}
    assert any("role" in event for event in world.look.events())


def test_a_parameter_that_is_gone_keeps_a_revision_from_starting(world: World) -> None:
    world.open_with(V1)
    world.damage.put_parameter("/flags")
    revision = world.team.release(V2, secrets={"FLAGS": "/flags"})
    world.team.deploy(revision)
    world.settle()
    assert world.look.primary_revision() == revision
    third = world.team.release(V3, secrets={"FLAGS": "/flags"})
    world.damage.delete_parameter("/flags")
    fails_to_start(world, third, "ResourceInitializationError")


def test_a_tag_that_was_moved_starts_another_version_and_a_digest_does_not(world: World) -> None:
    world.open_with(V1)
    tagged, pinned = world.team.release(V2), world.team.release(V2, pinned=True)
    world.damage.move_tag("v2", V3)
    for revision, version in ((tagged, "v3"), (pinned, "v2")):
        world.team.deploy(revision)
        world.settle()
        assert {answer.version for answer in world.look.ask(4)} == {version}


def test_a_deregistered_revision_is_refused_by_ecs(world: World, stage: EmbeddedStage) -> None:
    first, _ = world.open_with(V1, V2)
    world.damage.deregister(first)
    with pytest.raises(stage.clients.ecs.exceptions.ClientError, match="TaskDefinition is inactive"):
        world.team.deploy(first)


def test_a_service_can_be_moved_to_another_port(world: World) -> None:
    world.open_with(V1)
    revision = world.team.release(V2, port=9090)
    world.team.deploy_on_port(revision, 9090)
    world.settle()
    assert world.look.primary_revision() == revision
    assert {answer.version for answer in world.look.ask(4)} == {"v2"}


def test_a_service_is_scaled(world: World) -> None:
    (revision,) = world.open_with(V1)
    world.team.scale(1)
    world.settle()
    assert world.look.running() == {revision: 1}
    assert world.look.desired_count() == 1


def test_without_the_breaker_a_bad_deployment_goes_on_and_on(world: World) -> None:
    first, _ = world.open_with(V1, V2)
    world.team.set_circuit_breaker(enable=False, rollback=False)
    bad = world.team.release(AppVersion("bad", Behaviour.CRASHES))
    world.team.deploy(bad)
    world.clock.sleep(3600)
    primary = world.look.deployments()[0]
    assert (primary.revision, primary.rollout) == (bad, "IN_PROGRESS")
    assert primary.failed > 3
    assert {answer.version for answer in world.look.ask(4)} == {"v2"}
    world.team.deploy(first)
    world.settle()
    assert world.look.primary_revision() == first


def test_a_breaker_that_only_stops_leaves_the_old_version_serving(world: World) -> None:
    world.open_with(V1)
    world.team.set_circuit_breaker(enable=True, rollback=False)
    bad = world.team.release(AppVersion("bad", Behaviour.CRASHES))
    world.team.deploy(bad)
    world.settle()
    assert world.look.deployments()[0].rollout == "FAILED"
    assert {answer.version for answer in world.look.ask(4)} == {"v1"}


@pytest.mark.parametrize("controller", ["CODE_DEPLOY", "EXTERNAL"])
def test_a_service_can_belong_to_another_controller(
    world: World, stage: EmbeddedStage, environment: Environment, controller: DeploymentControllerTypeType
) -> None:
    first, second = world.open_with(V1, V2)
    world.team.delete_service()
    world.settle()
    world.clock.sleep(300)
    world.team.create_service(second, controller=controller)
    described = stage.clients.ecs.describe_services(
        cluster=environment.cluster, services=[environment.service]
    )
    assert described["services"][0]["deploymentController"] == {"type": controller}
    with pytest.raises(stage.clients.ecs.exceptions.ClientError, match=controller):
        world.team.deploy(first)


def test_a_deleted_service_is_not_active(world: World) -> None:
    world.open_with(V1)
    world.team.delete_service()
    assert world.look.status() in {"DRAINING", "INACTIVE"}


def test_somebody_acts_at_a_moment_whatever_else_goes_on(world: World) -> None:
    first, second = world.open_with(V1, V2)
    world.later(30, lambda: world.team.deploy(first))
    world.clock.sleep(29)
    assert world.look.primary_revision() == second
    world.clock.sleep(2)
    assert world.look.primary_revision() == first


def test_the_aws_waiter_runs_on_the_stages_clock(world: World) -> None:
    world.open_with(V1)
    world.team.deploy(world.team.release(V2))
    before = world.clock.monotonic()
    assert world.team.stable()
    assert (world.clock.monotonic() - before) % 15 == pytest.approx(0)
    world.team.set_circuit_breaker(enable=False, rollback=False)
    world.team.deploy(world.team.release(AppVersion("bad", Behaviour.CRASHES)))
    before = world.clock.monotonic()
    assert not world.team.stable()
    assert world.clock.monotonic() - before == pytest.approx(39 * 15)


def test_ecs_can_forget_what_was_long_ago(world: World) -> None:
    world.open_with(V1, V2)
    world.damage.forget_history()
    assert world.look.history() == []
    revision = world.team.release(V3)
    world.team.deploy(revision)
    world.settle()
    assert world.look.history() == [(revision, "SUCCESSFUL")]


def test_a_plain_world_is_built_with_few_calls(world: World, stage: EmbeddedStage) -> None:
    """An image, a revision, and a service that is created or updated: three calls a version."""
    calls: list[str] = []

    def note(call: Call, proceed: Callable[[], AWSResponse]) -> AWSResponse:
        calls.append(call.operation)
        return proceed()

    stage.clients._door.interceptors.append(note)
    world.open_with(V1, V2)
    assert calls == [
        *("ecr:PutImage", "ecs:RegisterTaskDefinition", "ecs:CreateService"),
        *("ecr:PutImage", "ecs:RegisterTaskDefinition", "ecs:UpdateService"),
    ]
