"""The stage of a restore whose every call and command is cut at."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final, cast

from botocore.exceptions import ReadTimeoutError

from rehearsal.blueprint import Blueprint
from rehearsal.embedded import EmbeddedStage
from rollback import state
from rollback.aws import is_read
from rollback.journal import read
from rollback.process import Completed
from rollback.state.places import digest_path
from tests.faults.ways import ENVIRONMENTS
from tests.rollback.state.restoring import HISTORY, Scene, content, scene
from tests.rollback.state.shelf import Shelf, response

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from botocore.awsrequest import AWSResponse

    from rehearsal.doors import Call
    from rollback.access import Access
    from rollback.process import Processes

STALE: Final = "0" * 32


class Cut(StrEnum):
    """What happens to a call or a command."""

    REFUSED = "refused for good"
    LOST_BEFORE = "lost before the effect"
    LOST_AFTER = "lost after the effect"
    KILLED_BEFORE = "killed before the effect"
    KILLED_AFTER = "killed after the effect"
    KILLED_BETWEEN = "killed between the state and its digest"


@dataclass(frozen=True, slots=True)
class Step:
    """A call to AWS, or a command of terraform.

    Attributes:
        what: as ``s3:PutObject`` or ``terraform state push``.
        number: 1 for the first of its kind.
    """

    what: str
    number: int

    def __str__(self) -> str:
        return f"{self.what}#{self.number}"

    @property
    def cuts(self) -> tuple[Cut, ...]:
        """The ways to cut at it that differ."""
        if self.what.startswith("terraform"):
            middle = (Cut.KILLED_BETWEEN,) if self.what.endswith("push") else ()
            return (Cut.LOST_BEFORE, Cut.LOST_AFTER, Cut.KILLED_BEFORE, Cut.KILLED_AFTER, *middle)
        if is_read(self.what.partition(":")[2]):
            return Cut.REFUSED, Cut.KILLED_BEFORE
        return Cut.REFUSED, Cut.LOST_BEFORE, Cut.LOST_AFTER, Cut.KILLED_BEFORE, Cut.KILLED_AFTER


@dataclass(frozen=True, slots=True)
class Way:
    """A way of restoring.

    Attributes:
        table: whether there is a lock table.
        choice: what is restored.
        prepare: what has happened before.
        names: the resources of what is restored.
        only: how the steps begin that it adds to those of the ways before; all, if there are none.
    """

    table: bool
    choice: str
    names: tuple[str, ...]
    only: tuple[str, ...] = ("",)
    prepare: Callable[[Scene], object] = lambda _: None


WAYS: Final = {
    "by terraform": Way(table=False, choice="serial 3", names=HISTORY[2]),
    "by terraform, with a table": Way(
        table=True, choice="serial 3", names=HISTORY[2], only=("dynamodb:", "terraform state push")
    ),
    "with a stale digest": Way(
        table=True,
        choice="serial 3",
        names=HISTORY[2],
        only=(
            "dynamodb:PutItem#2",
            "dynamodb:GetItem#1",
            "dynamodb:GetItem#2",
            "terraform init",
            "terraform state",
        ),
        prepare=lambda played: played.shelf.put_item(digest_path(played.environment), Digest=STALE),
    ),
    "over a damaged state": Way(
        table=True,
        choice="serial 4",
        names=HISTORY[3],
        only=("s3:PutObject", "s3:Head", "s3:List", "s3:Delete", "dynamodb:PutItem", "dynamodb:DeleteItem"),
        prepare=lambda played: played.put(content(5, "a", "b")[:300], digest=False),
    ),
    "over a deleted state": Way(
        table=True,
        choice="serial 4",
        names=HISTORY[3],
        only=("s3:PutObject#2", "dynamodb:PutItem#2"),
        prepare=lambda played: played.shelf.delete(),
    ),
}


@dataclass(slots=True)
class Cutting:
    """Counts the steps of a restore, and cuts at one of them."""

    at: Step | None = None
    cut: Cut | None = None
    played: Scene | None = None
    seen: list[Step] = field(default_factory=list)

    def __call__(self, call: Call, proceed: Callable[[], AWSResponse]) -> AWSResponse:
        """Stand in the door to AWS."""
        step = self.count(call.operation) if call.attempt == 1 else self.last(call.operation)
        match self._cut(step):
            case Cut.REFUSED:
                return _denied(call)
            case Cut.LOST_BEFORE:
                raise ReadTimeoutError(endpoint_url=call.request.url)
            case Cut.LOST_AFTER:
                proceed()
                raise ReadTimeoutError(endpoint_url=call.request.url)
            case Cut.KILLED_BEFORE:
                raise KeyboardInterrupt
            case Cut.KILLED_AFTER:
                proceed()
                raise KeyboardInterrupt
            case _:
                return proceed()

    def command(self, args: Sequence[str], run: Callable[[], Completed]) -> Completed:
        """Stand before a command of terraform."""
        match self._cut(self.count(_command(args))):
            case Cut.LOST_BEFORE:
                return Completed(tuple(args), 1, b"", b"Error: nothing was done\n", 0.0)
            case Cut.LOST_AFTER:
                run()
                return Completed(tuple(args), 1, b"", b"Error: the answer was lost\n", 0.0)
            case Cut.KILLED_BEFORE:
                raise KeyboardInterrupt
            case Cut.KILLED_AFTER:
                run()
                raise KeyboardInterrupt
            case Cut.KILLED_BETWEEN:
                assert self.played is not None
                run()
                if self.played.environment.terraform.lock_table:
                    self.played.shelf.put_item(digest_path(self.played.environment), Digest=STALE)
                raise KeyboardInterrupt
            case _:
                return run()

    def count(self, what: str) -> Step:
        """The next step of its kind."""
        step = Step(what, 1 + sum(each.what == what for each in self.seen))
        self.seen.append(step)
        return step

    def last(self, what: str) -> Step:
        """The step that is tried again."""
        return next(each for each in reversed(self.seen) if each.what == what)

    def _cut(self, step: Step) -> Cut | None:
        if self.at is None or step.what != self.at.what:
            return None
        if self.cut is Cut.REFUSED:
            return self.cut if step.number >= self.at.number else None
        return self.cut if step == self.at else None


class CutProcesses:
    """The operator's programs, each of which may be cut at."""

    def __init__(self, inner: Processes, cutting: Cutting) -> None:
        self._inner = inner
        self._cutting = cutting

    def run(self, args: Sequence[str], **how: Any) -> Completed:
        """Run one, or don't."""
        return self._cutting.command(args, lambda: self._inner.run(args, **how))

    def which(self, program: str) -> str | None:
        """As before."""
        return self._inner.which(program)


@contextmanager
def opened(way: Way, directory: Path) -> Iterator[Scene]:
    """The stage of one way, up to the moment when the operator sits down."""
    environment = ENVIRONMENTS.default
    blueprint = Blueprint.read(
        ENVIRONMENTS.section(environment, "rehearsal"), file="environments.toml", key="rehearsal"
    )
    stage = EmbeddedStage(environment, blueprint, seed=0, directory=directory)
    try:
        stage.let_terraform_in()
        played = scene(Shelf(stage), table=way.table)
        way.prepare(played)
        yield played
    finally:
        stage.close()


def cut_at(played: Scene, cutting: Cutting) -> Access:
    """The operator's hands with something in their way from now on."""
    cutting.played = played
    played.shelf.stage.operator.interceptors.append(cutting)
    processes = cast("Processes", CutProcesses(played.access.processes, cutting))
    return replace(played.access, processes=processes)


def mend(played: Scene, cutting: Cutting) -> Access:
    """New hands with nothing in their way, as of a second run."""
    played.shelf.stage.operator.interceptors.remove(cutting)
    return played.shelf.stage.access()


@cache
def recorded(name: str) -> tuple[Step, ...]:
    """Every step of applying, when nothing goes wrong."""
    way = WAYS[name]
    with TemporaryDirectory() as directory, opened(way, Path(directory)) as played:
        plan = played.plan(way.choice)
        cutting = Cutting()
        result = state.apply(played.environment, cut_at(played, cutting), plan)
        assert result.landed, result.sentence
        _keep(Path(directory), table=way.table)
        return tuple(cutting.seen)


def cases() -> list[tuple[str, Step, Cut]]:
    """Every step of every way, with every cut that can be made at it."""
    return [
        (name, step, cut)
        for name, way in WAYS.items()
        for step in recorded(name)
        if str(step).startswith(way.only)
        for cut in step.cuts
    ]


def lend(directory: Path, *, table: bool) -> None:
    """Have terraform find the directory initialised that the recording has left: that is what takes its time."""
    kept = _kept().get(table)
    if kept is not None:
        shutil.copytree(kept, directory / "kept" / "terraform" / "backend", copy_function=shutil.copy2)


def saved_of(played: Scene) -> state.SavedPoint | None:
    """What the journal of the first run has saved."""
    entries = read(played.access.journal.path)
    if not any("writing" in entry.detail for entry in entries):
        return None
    return state.saved_point(played.environment, entries)


@cache
def _kept() -> dict[bool, Path]:
    return {}


@cache
def _home() -> TemporaryDirectory[str]:
    """It is removed when the process ends."""
    return TemporaryDirectory(prefix="restore-faults-")


def _keep(directory: Path, *, table: bool) -> None:
    initialised = directory / "kept" / "terraform" / "backend"
    if table not in _kept() and initialised.exists():
        place = Path(_home().name) / str(table)
        shutil.copytree(initialised, place)
        _kept()[table] = place


def _denied(call: Call) -> AWSResponse:
    if call.operation.startswith("dynamodb"):
        body = b'{"__type": "com.amazonaws#AccessDeniedException", "message": "Said by a test"}'
        return response(call, 400, body)
    return response(call, 403, b"<Error><Code>AccessDenied</Code><Message>Said by a test</Message></Error>")


def _command(args: Sequence[str]) -> str:
    words = [word for word in args[1:3] if not word.startswith("-")]
    return " ".join(("terraform", *words))


__all__ = [
    "WAYS",
    "Cut",
    "Cutting",
    "Step",
    "Way",
    "cases",
    "cut_at",
    "lend",
    "mend",
    "opened",
    "saved_of",
]
