"""The sentences of the chapter "Emergency rollback to an earlier revision"."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import pytest
from pytest_bdd import given, parsers, then, when

from rehearsal import faults
from rehearsal.operator import Operator
from rollback.aws import is_read
from rollback.ecs import Outcome

if TYPE_CHECKING:
    from rehearsal.embedded import EmbeddedStage
    from rehearsal.notes import Notes
    from rehearsal.stage import Stage
    from rehearsal.story import Recorder
    from rehearsal.world.look import Deployment
    from rehearsal.world.world import World
    from rollback.access import Access
    from rollback.environment import Environment

ENDS = {
    "failed": Outcome.FAILED,
    "failed, reversed by the circuit breaker": Outcome.REVERSED,
    "been superseded by another deployment": Outcome.SUPERSEDED,
    "not been done by its deadline": Outcome.TIMED_OUT,
    "been lost sight of": Outcome.LOST,
}


@pytest.fixture
def before(world: World) -> list[Deployment]:
    """The deployments as they were when the operator sat down."""
    return world.look.deployments()


@pytest.fixture
def calls(stage: Stage) -> list[faults.Recorded]:
    """What the operator has asked of AWS."""
    return faults.record(cast("EmbeddedStage", stage))


@pytest.fixture
def operator(
    environment: Environment,
    access: Access,
    notes: Notes,
    before: list[Deployment],
    calls: list[faults.Recorded],
) -> Operator:
    """The engineer on call, who sits down when a sentence first speaks of them."""
    del before, calls
    return Operator(environment, access, notes)


@given("our credentials are of another account")
def other_account(operator: Operator, stage: EmbeddedStage) -> None:
    stage.sign_in("123456789012")


@given("our session is in another region")
def other_region(operator: Operator, stage: EmbeddedStage) -> None:
    operator.access = stage.access(region="eu-west-3")


@given("we have planned a rollback")
@when("we plan a rollback")
def plan(operator: Operator) -> None:
    operator.make_plan()


@given("we have rolled back")
@when("we roll back")
def roll_back(operator: Operator) -> None:
    operator.roll_back()


@when(parsers.parse("we roll back to revision {revision:d}"))
def roll_back_to(operator: Operator, revision: int) -> None:
    operator.roll_back(str(revision))


@when(parsers.parse("we roll back to a copy of revision {revision:d}"))
def roll_back_to_a_copy(operator: Operator, revision: int) -> None:
    operator.roll_back(str(revision), register_copy=True)


@when("we try to roll back")
def try_to_roll_back(operator: Operator) -> None:
    operator.try_to_roll_back()


@when(parsers.parse("we try to roll back to revision {revision:d}"))
def try_to_roll_back_to(operator: Operator, revision: int) -> None:
    operator.try_to_roll_back(str(revision))


@when("we try to apply the plan")
def try_to_apply(operator: Operator) -> None:
    operator.try_to_apply()


@when("we undo the rollback")
def undo(operator: Operator) -> None:
    operator.undo()


@then(parsers.parse("the plan goes from revision {current:d} to revision {target:d}"))
def plan_goes(operator: Operator, current: int, target: int) -> None:
    assert operator.revisions == (current, target)


@then("the plan names the commands to do the same by hand")
def plan_names_commands(operator: Operator, environment: Environment) -> None:
    update, *_ = operator.plan.commands
    assert update.startswith("aws ecs update-service")
    assert environment.service in update
    assert str(operator.plan.target) in update


@then("nothing has changed")
def unchanged(world: World, before: list[Deployment], calls: list[faults.Recorded]) -> None:
    assert world.look.deployments() == before
    assert [call for call in calls if not is_read(call.operation.partition(":")[2])] == []


@then("a second look confirms that it has landed")
def landed(operator: Operator) -> None:
    assert operator.result.outcome is Outcome.LANDED, operator.result.sentence
    assert operator.verify().contradictions == ()


@then(parsers.parse("the rollback has {end}"))
def ended(operator: Operator, end: str) -> None:
    assert operator.result.outcome is ENDS[end], operator.result.sentence


@then(parsers.parse("the rollback kept to its {usual:d} to {longest:d} minutes"))
def kept_to_budget(
    operator: Operator, story: Recorder, environment: Environment, usual: int, longest: int
) -> None:
    budget = environment.budgets.emergency
    story.timing("Emergency rollback", operator.result.seconds, budget)
    assert (budget.from_seconds, budget.to_seconds) == (usual * 60, longest * 60)
    assert operator.result.seconds <= budget.to_seconds


@then("the journal says that we broke off, and how to look at the service")
def broke_off(operator: Operator, notes: Notes) -> None:
    assert notes.interrupted
    assert operator.last_words().startswith("aws ecs describe-services")
