"""The stage of a revert whose every request is made to fail: a bad pull request is merged and deployed."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

from rehearsal.blueprint import Blueprint
from rehearsal.embedded import EmbeddedStage
from rehearsal.origin.origin import Origin
from rehearsal.origin.people import Developers
from rehearsal.origin.smart_http import operation_of
from rehearsal.world.version import Behaviour
from rehearsal.world.world import World
from rollback import revert
from tests.faults.ways import ENVIRONMENTS, QUICK

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rehearsal.origin.people import Made
    from rehearsal.origin.smart_http import Operation
    from rehearsal.origin.wire import Request, Response
    from rollback.access import Access
    from rollback.environment import Environment

BAD: Final = "Faster checkout"
WHY: Final = "It answers with errors."


@dataclass(frozen=True, slots=True)
class Scene:
    """A service that runs a bad commit, which is about to be reverted."""

    environment: Environment
    stage: EmbeddedStage
    origin: Origin
    access: Access
    made: Made
    directory: Path

    def roll_back(self) -> revert.Result:
        """Plan the revert of the pull request, and apply it."""
        pull = self.made.pull
        assert pull is not None
        plan = revert.plan(self.environment, self.access, what=f"#{pull.number}", why=WHY)
        return revert.apply(self.environment, self.access, plan)

    @property
    def reverts(self) -> int:
        """How many commits have come on top of the bad one."""
        log = self.origin.bare.log(self.environment.branch, 10)
        return [commit.sha for commit in log].index(self.made.commit)


@dataclass(frozen=True, slots=True, order=True)
class Asked:
    """A request to GitHub: the first of its kind, without ids."""

    method: str
    path: str

    def __str__(self) -> str:
        return f"{self.method} {self.path or '/'}"


@contextmanager
def scene(directory: Path, *, protected: bool = False) -> Iterator[Scene]:
    """The stage, up to the moment when the operator sits down."""
    environment = ENVIRONMENTS.default
    table = {**ENVIRONMENTS.section(environment, "rehearsal"), **QUICK}
    blueprint = Blueprint.read(table, file="environments.toml", key="rehearsal")
    stage = EmbeddedStage(environment, blueprint, seed=0, directory=directory)
    try:
        world = World(stage)
        origin = Origin(stage, world, ENVIRONMENTS, seed=0)
        try:
            origin.open_the_service()
            developers = Developers(origin, environment)
            made = developers.merged(BAD, developers.code(BAD, Behaviour.ERRORS))
            origin.settle()
            if protected:
                protect(origin, environment)
            yield Scene(environment, stage, origin, stage.access(), made, directory)
        finally:
            origin.close()
        world.close()
    finally:
        stage.close()


def protect(origin: Origin, environment: Environment) -> None:
    """Have the branch take changes by pull request only."""
    from rehearsal.origin.troubles import Troubles  # noqa: PLC0415 - only here

    Troubles(origin.world.stage, origin, environment).protected()


def requests_recorded(*, protected: bool) -> list[Asked]:
    """Every kind of request to GitHub that a revert makes when nothing goes wrong."""
    seen: dict[Asked, None] = {}
    with TemporaryDirectory() as directory, scene(Path(directory), protected=protected) as played:

        def note(request: Request, proceed: Callable[[], Response]) -> Response:
            path = played.origin.api.within(request)
            if path is not None:
                seen[Asked(request.method, _without_ids(path))] = None
            return proceed()

        played.origin.api.interceptors.append(note)
        played.roll_back()
    return list(seen)


def operations_recorded() -> list[tuple[Operation, int]]:
    """Every request of git to the remote that a revert makes, each with its number among its like."""
    seen: list[tuple[Operation, int]] = []
    with TemporaryDirectory() as directory, scene(Path(directory)) as played:

        def note(request: Request, proceed: Callable[[], Response]) -> Response:
            operation = operation_of(request)
            if operation is not None:
                seen.append((operation, 1 + sum(each is operation for each, _ in seen)))
            return proceed()

        played.origin.git.interceptors.append(note)
        played.roll_back()
    return seen


def _without_ids(path: str) -> str:
    """``/actions/runs/9000000004/jobs`` as ``/actions/runs/*/jobs``."""
    return "/".join("*" if part.isdigit() and len(part) > 5 else part for part in path.split("/"))


__all__ = ["Asked", "Scene", "operations_recorded", "requests_recorded", "scene"]
