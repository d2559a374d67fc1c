"""A service and its software house, for reverts: what happens is done by the stage, what is seen is seen there."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from rehearsal.blueprint import Blueprint
from rehearsal.embedded import EmbeddedStage
from rehearsal.origin.origin import Origin
from rehearsal.origin.people import Developers
from rehearsal.origin.push import Push
from rehearsal.origin.smart_http import operation_of
from rehearsal.origin.troubles import Troubles
from rehearsal.world.version import Behaviour
from rehearsal.world.world import World
from rollback import revert
from rollback.environment import load

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rehearsal.origin.people import Made
    from rehearsal.origin.smart_http import Operation
    from rehearsal.origin.wire import Request, Response
    from rollback.access import Access
    from rollback.environment import Environment
    from rollback.plan import Finding
    from rollback.revert import Result, RevertPlan

ENVIRONMENTS: Final = load(Path(__file__).parents[3] / "environments.toml")
BAD: Final = "Faster checkout"
WHY: Final = "It answers with errors."
QUICK: Final = {
    # One task and short intervals: the same calls in the same order, with fewer polls.
    "desired_count": 1,
    "health_check_interval_seconds": 5,
    "healthy_threshold": 2,
    "deregistration_delay_seconds": 5,
}


@dataclass(frozen=True, slots=True)
class House:
    """A service on the stage, what it is built from, and an operator's hands."""

    environment: Environment
    stage: EmbeddedStage
    world: World
    origin: Origin
    developers: Developers
    troubles: Troubles
    access: Access

    # What happens.

    def bad(self, behaviour: Behaviour = Behaviour.ERRORS) -> Made:
        """A pull request is merged and deployed, and is bad."""
        made = self.developers.merged(BAD, self.developers.code(BAD, behaviour))
        self.origin.settle()
        return made

    def merged(self, title: str, files: dict[str, str | None]) -> Made:
        """A pull request is merged, and its pipeline does what it does."""
        made = self.developers.merged(title, files)
        self.origin.settle()
        return made

    def by_hand(self, tag: str, behaviour: Behaviour = Behaviour.HEALTHY, **release: Any) -> int:
        """Somebody deploys an image of their own making, whose version is called `tag`; returns the revision."""
        from rehearsal.world.version import AppVersion  # noqa: PLC0415 - beside its only use

        revision = self.world.team.release(AppVersion(tag, behaviour), **release)
        self.world.team.deploy(revision)
        self.world.settle()
        return revision

    def deploys(self, sha: str) -> None:
        """Somebody deploys once more what the pipeline has built of a commit."""
        self.world.team.deploy(self.world.team.revisions[sha], force=True)
        self.world.settle()

    def pushed(self, before: str) -> None:
        """What has come to the branch since `before` starts its workflows."""
        branch = self.environment.branch
        self.origin.pushed(Push(branch=branch, before=before, after=self.tip, actor="robin-vega"))

    # What is asked of rollback.revert.

    def plan(self, what: str, **wish: bool) -> RevertPlan:
        """Plan the revert of `what`."""
        return revert.plan(self.environment, self.access, what=what, why=WHY, **wish)

    def apply(self, plan: RevertPlan) -> Result:
        """Apply a plan."""
        return revert.apply(self.environment, self.access, plan)

    # What is seen.

    @property
    def tip(self) -> str:
        """The newest commit of the branch."""
        return self.origin.tip

    def tree(self, commit: str) -> str:
        """The object name of a commit's tree."""
        return self.origin.bare.show(commit).tree

    def subjects(self, count: int) -> list[str]:
        """Those of the branch's newest commits."""
        return [commit.subject for commit in self.origin.bare.log(self.origin.branch, count)]

    def answers(self) -> set[tuple[int, str | None]]:
        """What some requests are answered: status and version."""
        return {(answer.status, answer.version) for answer in self.world.look.ask(5)}


@contextmanager
def opened(directory: Path, **blueprinted: int) -> Iterator[House]:
    """A house whose service runs the newest commit of its branch; quick, but for what is `blueprinted` otherwise."""
    environment = ENVIRONMENTS.default
    table = {**ENVIRONMENTS.section(environment, "rehearsal"), **QUICK, **blueprinted}
    blueprint = Blueprint.read(table, file="environments.toml", key="rehearsal")
    stage = EmbeddedStage(environment, blueprint, seed=0, directory=directory)
    try:
        world = World(stage)
        origin = Origin(stage, world, ENVIRONMENTS, seed=0)
        try:
            origin.open_the_service()
            yield House(
                environment,
                stage,
                world,
                origin,
                Developers(origin, environment),
                Troubles(stage, origin, environment),
                stage.access(),
            )
        finally:
            origin.close()
        world.close()
    finally:
        stage.close()


def whenever(house: House, operation: Operation, action: Callable[[], object]) -> None:
    """Do `action` each time just before an `operation` of git is answered."""

    def interrupt(request: Request, proceed: Callable[[], Response]) -> Response:
        if operation_of(request) is operation:
            action()
        return proceed()

    house.origin.git.interceptors.append(interrupt)


def found(plan: RevertPlan, check: str) -> Finding:
    """The one finding of a plan that comes from `check`."""
    (finding,) = [each for each in plan.findings if each.check == check]
    return finding


def weighed(plan: RevertPlan, severity: str) -> list[str]:
    """Which checks have come to that severity."""
    return [finding.check for finding in plan.findings if finding.severity == severity]
