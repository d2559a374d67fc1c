"""The pytest fixtures of a rehearsal: the stage it plays on, the world, and the operator's hands."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import pytest

from rehearsal.blueprint import Blueprint
from rehearsal.collect import example_of, template_of
from rehearsal.database_config import why_no_postgresql
from rehearsal.report.chain import attached
from rehearsal.run import run_of
from rehearsal.stage import LIVE, stage_factory
from rehearsal.terraform_config import why_no_aws_provider
from rollback.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from rehearsal.embedded import EmbeddedStage
    from rehearsal.policies.recording import Watched
    from rehearsal.stage import Stage
    from rehearsal.story import Recorder
    from rehearsal.world.world import World
    from rollback.access import Access
    from rollback.environment import Environment, Environments


@pytest.fixture
def environments(pytestconfig: pytest.Config) -> Environments:
    """Every environment that the project knows."""
    return run_of(pytestconfig).environments


@pytest.fixture
def environment(request: pytest.FixtureRequest, environments: Environments) -> Environment:
    """The environment that is rehearsed: the one the scenario's example names, or the run's."""
    name = example_of(request.node).get("environment")
    return environments.get(name) if name else run_of(request.config).environment


@pytest.fixture
def blueprint(
    request: pytest.FixtureRequest, environments: Environments, environment: Environment
) -> Blueprint:
    """How the service of the environment is built on the stage; by the tag ``provider`` on Terraform's AWS provider."""
    if request.node.get_closest_marker("database") and (reason := why_no_postgresql()):
        pytest.skip(reason)
    try:
        described = Blueprint.read(
            environments.section(environment, "rehearsal"),
            file=str(environments.path),
            key=f"environments.{environment.name}.rehearsal",
        )
    except ConfigurationError as error:
        pytest.fail(str(error), pytrace=False)
    if request.node.get_closest_marker("provider") is None:
        return described
    if reason := why_no_aws_provider():
        pytest.skip(reason)
    return described.on_aws_provider()


@pytest.fixture
def stage(
    request: pytest.FixtureRequest,
    environment: Environment,
    story: Recorder,
    tmp_path: Path,
) -> Iterator[Stage]:
    """The stage that the run was asked for, for this test alone; or the environment itself."""
    run = run_of(request.config)
    if (live := request.config.pluginmanager.getplugin("rollback-live")) is not None:
        there: Stage = live.stage()
        story.plays(there.environment, there.clock)
        yield there
        return
    blueprint: Blueprint = request.getfixturevalue("blueprint")
    try:
        factory = stage_factory(run.stage, run.environments)
    except ConfigurationError as error:
        pytest.exit(str(error), returncode=pytest.ExitCode.USAGE_ERROR)
    opened = factory(environment, blueprint, seed=run.seed, directory=tmp_path)
    story.plays(environment, opened.clock, _users(opened))
    watched: Watched = request.getfixturevalue("watched")
    if run.stage == "embedded" and template_of(request.node) is not None:
        watched.watch(cast("EmbeddedStage", opened), environment)
    try:
        yield opened
    finally:
        opened.close()
    watched.end()


@pytest.fixture
def access(stage: Stage) -> Access:
    """The operator's hands."""
    return stage.access()


@pytest.fixture
def world(stage: Stage, story: Recorder) -> Iterator[World]:
    """The service of the environment, not yet created, with everything it stands on."""
    if stage.name == LIVE:
        pytest.fail("A live environment has no world that a scenario could change.", pytrace=False)
    built = cast("EmbeddedStage", stage).world()
    if stage.name == "embedded":
        story.keeps(lambda written: attached(built.state, written))
    yield built
    built.close()


def _users(stage: Stage) -> Callable[[], tuple[int, int]] | None:
    """What users of a stage of this process get at a moment; another one would have to be asked for that."""
    if stage.name not in {"embedded", "localstack"}:
        return None
    return cast("EmbeddedStage", stage).application.outlook
