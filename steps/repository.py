"""The sentences that tell what developers and others have done to the repository and to the service."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pytest_bdd import given, parsers, when

from rehearsal.run import run_of
from steps.service import BEHAVIOURS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from rehearsal.embedded import EmbeddedStage
    from rehearsal.origin.origin import Origin
    from rehearsal.origin.people import Developers
    from rehearsal.origin.sight import Sight, State
    from rehearsal.origin.terminal import Terminal
    from rehearsal.origin.troubles import Troubles
    from rehearsal.world.world import World
    from rollback.environment import Environment, Environments


@pytest.fixture
def origin(
    request: pytest.FixtureRequest, stage: EmbeddedStage, world: World, environments: Environments
) -> Iterator[Origin]:
    """The repository that the service is built from, its GitHub and its pipeline."""
    from rehearsal.origin.origin import Origin  # noqa: PLC0415 - it imports moto, which only a stage may do first

    opened = Origin(stage, world, environments, seed=run_of(request.config).seed)
    yield opened
    opened.close()


@pytest.fixture
def developers(origin: Origin, environment: Environment) -> Developers:
    """The people who change the repository."""
    from rehearsal.origin.people import Developers  # noqa: PLC0415 - see above

    return Developers(origin, environment)


@pytest.fixture
def troubles(stage: EmbeddedStage, origin: Origin, environment: Environment) -> Troubles:
    """What stands in the way."""
    from rehearsal.origin.troubles import Troubles  # noqa: PLC0415 - see above

    return Troubles(stage, origin, environment)


@pytest.fixture
def sight(environment: Environment, origin: Origin, world: World, developers: Developers) -> Sight:
    """What is seen afterwards."""
    from rehearsal.origin.sight import Sight  # noqa: PLC0415 - see above

    return Sight(environment, origin, world, developers)


@pytest.fixture
def earlier(sight: Sight) -> State:
    """Repository and service as they were when the operator sat down."""
    return sight.state()


@pytest.fixture
def terminal(stage: EmbeddedStage, environment: Environment, origin: Origin, tmp_path: Path) -> Terminal:
    """Somebody's own checkout."""
    from rehearsal.embedded import ON_CALL  # noqa: PLC0415 - see above
    from rehearsal.origin.terminal import Terminal  # noqa: PLC0415 - see above

    (tmp_path / "desk").mkdir()
    return Terminal(
        tmp_path / "desk" / "checkout",
        remote=environment.repository.remote,
        branch=environment.branch,
        variables=stage.git_variables(ON_CALL),
    )


# What the developers have done.


@given("the service runs the newest commit of its branch")
def runs_the_newest_commit(origin: Origin) -> None:
    origin.open_the_service()


@given(parsers.parse('the pull request "{title}" was merged and deployed, and {behaviour}'))
def merged_and_deployed(origin: Origin, developers: Developers, title: str, behaviour: str) -> None:
    developers.merged(title, developers.code(title, BEHAVIOURS[behaviour]))
    origin.settle()


@given(
    parsers.parse(
        'the pull request "{title}" with another commit on top of it was merged and deployed, and {behaviour}'
    )
)
def merged_with_more_on_top(origin: Origin, developers: Developers, title: str, behaviour: str) -> None:
    merged_and_deployed(origin, developers, title, behaviour)
    developers.commit("Show the discount", developers.code("Show the discount"))
    origin.settle()


@given(parsers.parse('the pull request "{title}" was squashed and deployed, and {behaviour}'))
def squashed_and_deployed(origin: Origin, developers: Developers, title: str, behaviour: str) -> None:
    developers.merged(title, developers.code(title, BEHAVIOURS[behaviour]), how="squash")
    origin.settle()


@given(parsers.parse('the commit "{title}" was pushed and deployed, and {behaviour}'))
def pushed_and_deployed(origin: Origin, developers: Developers, title: str, behaviour: str) -> None:
    developers.commit(title, developers.code(title, BEHAVIOURS[behaviour]))
    origin.settle()


@given(parsers.parse('the commit "{title}" was pushed since, and changes the same lines'))
@given(parsers.parse('somebody has pushed the commit "{title}", which changes the same lines'))
def same_lines(origin: Origin, developers: Developers, title: str) -> None:
    developers.commit(title, developers.following("Faster checkout", same_lines=True))
    origin.settle()


@given(parsers.parse('the commit "{title}" was pushed since, and changes the same file elsewhere'))
def same_file(origin: Origin, developers: Developers, title: str) -> None:
    developers.commit(title, developers.following("Faster checkout", same_lines=False))
    origin.settle()


@given(parsers.parse('the commit "{title}" was pushed since, with a test that needs "{earlier_title}"'))
def with_a_test(origin: Origin, developers: Developers, title: str, earlier_title: str) -> None:
    developers.commit(title, developers.needing(earlier_title))
    origin.settle()


@given(parsers.parse('somebody has pushed the commit "{title}"'))
def has_pushed(developers: Developers, title: str) -> None:
    developers.commit(title, developers.code(title))


@given(parsers.parse('a deployment of the commit "{title}" is in progress'))
def being_deployed(world: World, developers: Developers, title: str) -> None:
    developers.commit(title, developers.code(title))
    world.clock.sleep(30)


@given(parsers.parse('the commit "{title}" was pushed without being deployed, and {behaviour}'))
def pushed_only(developers: Developers, title: str, behaviour: str) -> None:
    developers.commit(title, developers.code(title, BEHAVIOURS[behaviour]))


@given(parsers.parse('somebody pushes the commit "{title}" half a minute into the revert'))
def pushes_later(world: World, developers: Developers, title: str) -> None:
    files = developers.code(title)
    world.later(30, lambda: developers.commit(title, files))


@given(parsers.parse('the pull request "{title}" is open'))
def is_open(developers: Developers, title: str) -> None:
    developers.pull_request(title, developers.code(title))


@given(parsers.parse('the pull request "{title}" was merged into a branch that isn\'t deployed here'))
def merged_elsewhere(origin: Origin, developers: Developers, title: str) -> None:
    origin.bare.point("next", origin.tip)
    developers.merged(title, developers.code(title), base="next")


@given(parsers.parse('the pull request "{title}" was merged and applied'))
def merged_and_applied(origin: Origin, developers: Developers, title: str) -> None:
    developers.merged(title, developers.infrastructure(title))
    origin.pipeline.settle()


@given(
    parsers.parse('the pull request "{title}" was merged and applied, and the tasks were started anew since')
)
def moves_the_database_and_restarts(origin: Origin, developers: Developers, world: World, title: str) -> None:
    merged_and_applied(origin, developers, title)
    world.team.deploy(world.look.primary_revision(), force=True)
    world.settle()


@given(parsers.parse('the pull request "{title}" changed both sides, and was merged and deployed'))
def changes_both_sides(origin: Origin, developers: Developers, title: str) -> None:
    developers.merged(title, {**developers.code(title), **developers.other_log_retention()})
    origin.settle()


@when(parsers.parse('the pull request "{title}" is merged and deployed'))
def is_merged_and_deployed(origin: Origin, developers: Developers, title: str) -> None:
    merged_and_deployed(origin, developers, title, "is healthy")


@when(parsers.parse('the branch of "{title}" is merged once more, with a mend'))
def merged_once_more(origin: Origin, developers: Developers, title: str) -> None:
    developers.merges_again(title)
    origin.settle()


@given(parsers.parse('somebody else has reverted "{title}"'))
@when(parsers.parse('somebody else reverts "{title}"'))
def reverted_by_somebody(developers: Developers, title: str) -> None:
    developers.reverts(title)


@when("somebody reverts our revert")
def reverts_our_revert(origin: Origin, developers: Developers) -> None:
    developers.reverts_the_newest()
    origin.settle()


@given("somebody has rolled the service back to the revision before")
def rolled_back(world: World) -> None:
    world.team.deploy(world.look.primary_revision() - 1, force=True)
    world.settle()


@when(parsers.parse('somebody deploys "{title}" by hand'))
def deploys_by_hand(world: World, developers: Developers, title: str) -> None:
    world.team.deploy(world.team.revisions[developers.made[title].commit], force=True)
    world.settle()


@given(
    parsers.parse('another operator deploys the version before "{title}" as soon as ours is being rolled out')
)
def another_deploys(world: World, title: str) -> None:
    bad = world.look.primary_revision()

    def is_rolled_out() -> bool:
        return world.look.primary_revision() != bad

    world.once(is_rolled_out, lambda: world.team.deploy(bad - 1, force=True))


@given("the secret that the apply writes was deleted")
def secret_deleted(world: World) -> None:
    world.damage.delete_secret()


@when(parsers.parse("the pipeline has done its work"))
def pipeline_done(origin: Origin) -> None:
    origin.settle()
