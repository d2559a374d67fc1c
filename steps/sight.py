"""The sentences about what is seen of branch, service and application afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_bdd import given, parsers, then

if TYPE_CHECKING:
    from rehearsal.origin.origin import Origin
    from rehearsal.origin.people import Developers
    from rehearsal.origin.sight import Sight, State
    from rehearsal.world.look import Answer
    from rehearsal.world.world import World
    from rollback.environment import Environment

HEALTHY_STATUS = 200


@then(parsers.parse('the branch {branch} holds what it held before "{title}"'))
def named_branch_as_before(environment: Environment, sight: Sight, branch: str, title: str) -> None:
    assert environment.branch == branch
    as_before(sight, title)


@then(parsers.parse('the branch holds what it held before "{title}"'))
def as_before(sight: Sight, title: str) -> None:
    assert not sight.holds(title)
    assert sight.restored(title)


@then(parsers.parse('the branch {branch} holds what it held with "{title}"'))
def named_branch_as_with(environment: Environment, sight: Sight, branch: str, title: str) -> None:
    assert environment.branch == branch
    as_with(sight, title)


@then(parsers.parse('the branch holds what it held with "{title}"'))
def as_with(sight: Sight, title: str) -> None:
    assert sight.brought_back(title)


@then(parsers.parse('"{gone}" is gone from the branch, and "{kept}" is still there'))
def one_gone(sight: Sight, gone: str, kept: str) -> None:
    assert not sight.holds(gone)
    assert sight.holds(kept)


@then(parsers.parse('"{title}" is gone from the branch'))
def gone_from_branch(sight: Sight, title: str) -> None:
    assert not sight.holds(title)


@then(parsers.parse('"{title}" is on the branch again'))
def there_again(sight: Sight, title: str) -> None:
    assert sight.holds(title)


@then("the service runs the revert on every task")
def runs_the_revert(origin: Origin, world: World, sight: Sight) -> None:
    assert sight.running_commits() == {origin.tip: world.look.desired_count()}


@then("the application answers only as the revert")
@then("the application answers only as the newest commit")
def answers_as_newest(origin: Origin, sight: Sight) -> None:
    assert sight.answers() == {(HEALTHY_STATUS, origin.tip)}


@given(parsers.parse('the application answers as the version before "{title}"'))
@then(parsers.parse('the application answers as the version before "{title}"'))
def answers_as_before(developers: Developers, sight: Sight, title: str) -> None:
    assert sight.answers() == {(HEALTHY_STATUS, developers.made[title].before)}


@then("the application answers without errors")
def answers_well(sight: Sight) -> None:
    assert {status for status, _ in sight.answers()} == {HEALTHY_STATUS}


@then("in the end the application answers without errors")
def answers_well_in_the_end(origin: Origin, sight: Sight) -> None:
    origin.settle()
    answers_well(sight)


@then("in the end the application answers with errors")
def answers_badly_in_the_end(origin: Origin, sight: Sight) -> None:
    origin.settle()
    assert all(status != HEALTHY_STATUS for status, _ in sight.answers())


@then(parsers.parse('in the end the application answers as the version before "{title}"'))
def answers_as_before_in_the_end(origin: Origin, developers: Developers, sight: Sight, title: str) -> None:
    origin.settle()
    answers_as_before(developers, sight, title)


@then("nobody was left without an answer")
def nobody_left(answers: list[Answer]) -> None:
    assert {answer.status for answer in answers} == {HEALTHY_STATUS}


@then("neither the branch nor the service has changed")
def nothing_changed(sight: Sight, earlier: State) -> None:
    assert sight.state() == earlier


@given("the load balancer finds no task healthy")
def no_task_healthy(world: World) -> None:
    world.clock.sleep(60)
    assert "healthy" not in world.look.targets()


@then("the load balancer finds every task healthy")
def every_task_healthy(world: World) -> None:
    assert world.look.targets() == {"healthy": world.look.desired_count()}
