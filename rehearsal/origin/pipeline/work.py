"""What the steps of a job do on a runner, and how long they take."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeAlias

from rehearsal.aws.pace import Span

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from rehearsal.origin.pipeline.document import Step

QUEUED: Final = Span(3.0, 6.0)
"""From a job's being asked for to its runner's having it."""
SET_UP: Final = Span(2.0, 4.0)
"""The step that GitHub puts before all others."""
CLEAN_UP: Final = Span(0.2, 1.0)
"""Each of the steps that GitHub puts after all others."""
_CHECKOUT: Final = Span(1.0, 3.0)
_OTHER: Final = Span(1.0, 2.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkout:
    """The commit that a workflow runs for.

    Attributes:
        sha: its object name.
        branch: the branch that was pushed.
        files: the texts of its files, by path.
        staged: whether the branch deploys to the environment that is on the stage; nothing of another one is.
    """

    sha: str
    branch: str
    files: Mapping[str, str] = field(repr=False)
    staged: bool


class StepFailed(Exception):
    """A step's command has failed.

    Attributes:
        lines: what it had printed.
        code: its exit code.
    """

    def __init__(self, *lines: str, code: int = 1) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines
        self.code = code


Output: TypeAlias = tuple[str, ...]
"""The lines that a step prints."""


@dataclass(frozen=True, slots=True)
class Work:
    """What a step does.

    Attributes:
        span: how long it takes, in seconds.
        perform: does it, at the end of that time, and returns the lines that it prints.
    """

    span: Span
    perform: Callable[[Checkout], Output]


def nothing(_: Checkout) -> Output:
    """Do nothing that is seen outside of the runner."""
    return ()


def work_of(step: Step, known: Mapping[str, Work]) -> Work:
    """What `step` does: by its name in `known`, in lower case, if it runs a command."""
    if step.uses:
        return Work(_CHECKOUT if is_checkout(step) else _OTHER, nothing)
    return known.get(step.name.lower(), Work(_OTHER, nothing))


def is_checkout(step: Step) -> bool:
    """Whether the step fetches the commit."""
    return step.uses.startswith("actions/checkout@")
