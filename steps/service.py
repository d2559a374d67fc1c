"""The sentences that tell what has happened to the service, and what is seen of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pytest_bdd import given, parsers, then, when

from rehearsal.world.incidents import Incidents
from rehearsal.world.version import Behaviour

if TYPE_CHECKING:
    from mypy_boto3_ecs.literals import DeploymentControllerTypeType

    from rehearsal.embedded import EmbeddedStage
    from rehearsal.operator import Operator
    from rehearsal.world.look import Answer, Deployment
    from rehearsal.world.world import World
    from rollback.environment import Environment

BEHAVIOURS = {
    "is healthy": Behaviour.HEALTHY,
    "answers with errors": Behaviour.ERRORS,
    "crashes at start": Behaviour.CRASHES,
    "fails its health check": Behaviour.UNHEALTHY,
    "starts slowly": Behaviour.SLOW,
}
CONTROLLERS: dict[str, DeploymentControllerTypeType] = {
    "CodeDeploy": "CODE_DEPLOY",
    "an external tool": "EXTERNAL",
}
ASKED = 12


@pytest.fixture
def incidents(stage: EmbeddedStage, world: World) -> Incidents:
    """What happens to the service."""
    return Incidents(stage, world)


@given(parsers.parse("the service has worked with revision {first:d} and then with revision {second:d}"))
def has_worked(incidents: Incidents, first: int, second: int) -> None:
    incidents.worked_with(first, second)


@given("the service is steady")
def is_steady(world: World) -> None:
    world.settle()


@given(parsers.parse("the service has worked with revision {revision:d}, which reads a parameter"))
def reads_a_parameter(incidents: Incidents, revision: int) -> None:
    incidents.reads_a_parameter(revision)


@given(parsers.parse("revision {revision:d} was deployed on another port"))
def deployed_on_another_port(incidents: Incidents, revision: int) -> None:
    incidents.deployed_on_another_port(revision)


@given(parsers.parse("revision {revision:d} was deployed and {behaviour}"))
def deployed(incidents: Incidents, revision: int, behaviour: str) -> None:
    incidents.deployed(revision, BEHAVIOURS[behaviour])


@given(parsers.parse("revision {revision:d} is being deployed and {behaviour}"))
def being_deployed(incidents: Incidents, revision: int, behaviour: str) -> None:
    incidents.being_deployed(revision, BEHAVIOURS[behaviour])


@given(parsers.parse("the image of revision {revision:d} was overwritten by one that {behaviour}"))
def overwritten(incidents: Incidents, revision: int, behaviour: str) -> None:
    incidents.rebuilt(revision, BEHAVIOURS[behaviour])


@given(parsers.parse("the image of revision {revision:d} was deleted"))
def image_deleted(incidents: Incidents, revision: int) -> None:
    incidents.image_gone(revision)


@given(parsers.parse("{what} that the revisions need was deleted"))
def deleted(incidents: Incidents, what: str) -> None:
    incidents.gone(what)


@given(parsers.parse("revision {revision:d} was deregistered"))
def deregistered(world: World, revision: int) -> None:
    world.damage.deregister(revision)


@given("ECS has forgotten all earlier deployments")
def forgotten(world: World) -> None:
    world.damage.forget_history()


@given(parsers.parse("somebody rolled back to revision {revision:d}"))
def rolled_back_by_somebody(incidents: Incidents, revision: int) -> None:
    incidents.rolled_back_by_somebody(revision)


@given("the circuit breaker is off")
def breaker_off(world: World) -> None:
    world.team.set_circuit_breaker(enable=False, rollback=False)


@given("the circuit breaker stops failing deployments and puts nothing back")
def breaker_only_stops(world: World) -> None:
    world.team.set_circuit_breaker(enable=True, rollback=False)


@given("the service was scaled down to nothing")
def scaled_down(world: World) -> None:
    world.team.scale(0)
    world.settle()


@given("the service was deleted")
def service_deleted(world: World) -> None:
    world.team.delete_service()
    world.clock.sleep(600)


@given(parsers.parse("the service belongs to {controller}"))
def belongs_to(incidents: Incidents, controller: str) -> None:
    incidents.deployed_by(CONTROLLERS[controller], 42)


@given(parsers.parse("another operator deploys revision {revision:d}"))
def another_deploys(incidents: Incidents, revision: int) -> None:
    incidents.another_deploys(revision)


@given(parsers.parse("another operator deploys revision {revision:d} one minute into the rollback"))
def another_deploys_later(operator: Operator, incidents: Incidents, revision: int) -> None:
    incidents.another_deploys(revision, in_seconds=60)


@given(parsers.re(r"the clock of CloudWatch is (?P<minutes>\d+) minutes (?P<way>ahead of|behind) ours"))
def clocks_apart(incidents: Incidents, minutes: str, way: str) -> None:
    seconds = int(minutes) * 60
    incidents.logs_clock(ahead=seconds if way == "ahead of" else -seconds)


@given("AWS throttles our calls every now and then")
def throttled(operator: Operator, incidents: Incidents) -> None:
    incidents.throttled_now_and_then()


@given("our credentials expire one minute into the rollback")
def credentials_expire(operator: Operator, incidents: Incidents) -> None:
    incidents.credentials_expire(in_seconds=60)


@given("we press Ctrl-C one minute into the rollback")
def interrupted(operator: Operator, incidents: Incidents) -> None:
    incidents.interrupted(in_seconds=60)


@given("users keep asking all the while", target_fixture="answers")
def users_keep_asking(world: World) -> list[Answer]:
    return world.watch(every=1)


@when("somebody redeploys the service by force")
def redeployed_by_force(incidents: Incidents) -> None:
    incidents.redeployed_by_force()


@when(
    parsers.parse('somebody rolls back to revision {revision:d} by hand and waits with "{waiter}"'),
    target_fixture="waiter_is_content",
)
def by_hand(incidents: Incidents, revision: int, waiter: str) -> bool:
    return incidents.waited_with_the_aws_waiter(revision)


@then("the waiter reports success")
def waiter_reports_success(waiter_is_content: bool) -> None:
    assert waiter_is_content


@then(parsers.parse("{service} of {cluster} runs revision {revision:d} on every task"))
def named_service_runs(
    world: World, environment: Environment, service: str, cluster: str, revision: int
) -> None:
    assert (environment.service, environment.cluster) == (service, cluster)
    assert world.look.running() == {revision: world.look.desired_count()}
    assert world.look.primary_revision() == revision


@then(parsers.parse("the service runs revision {revision:d} on every task"))
def runs(world: World, revision: int) -> None:
    assert world.look.running() == {revision: world.look.desired_count()}
    assert world.look.primary_revision() == revision


@then(parsers.parse("in the end the service runs revision {revision:d} on every task"))
def runs_in_the_end(world: World, revision: int) -> None:
    world.settle()
    runs(world, revision)


@given("the application answers with errors")
@then("the application answers with errors")
def answers_with_errors(world: World) -> None:
    assert {answer.status for answer in world.look.ask(ASKED)} == {500}


@then(parsers.parse("the application answers only as version {version}"))
def answers_only_as(world: World, version: str) -> None:
    assert {(answer.status, answer.version) for answer in world.look.ask(ASKED)} == {(200, version)}


@then(parsers.parse("on the way both {one} and {other} have answered, and nobody was left without an answer"))
def both_have_answered(answers: list[Answer], one: str, other: str) -> None:
    assert {answer.version for answer in answers} == {one, other}
    assert {answer.status for answer in answers} == {200}


@then(parsers.parse("ECS itself has rolled the deployment of revision {revision:d} back"))
def ecs_rolled_back(world: World, revision: int) -> None:
    assert (revision, "ROLLBACK_SUCCESSFUL") in world.look.history()


@then("the service runs an earlier revision on every task, and the application answers as that")
def runs_an_earlier(world: World, before: list[Deployment], operator: Operator) -> None:
    target = operator.result.target.number
    assert target < before[0].revision
    runs(world, target)
    answers_only_as(world, operator.plan.expected_version)


@then("the service is as it was at the beginning")
def as_at_the_beginning(world: World, before: list[Deployment]) -> None:
    runs(world, before[0].revision)
    assert sum(deployment.running for deployment in before) == world.look.desired_count()
