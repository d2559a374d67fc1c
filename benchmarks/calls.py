"""How many API calls a rollback makes besides its polls."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from benchmarks.harness import Answer, Figure
from benchmarks.setting import opened
from rehearsal.world.version import Behaviour

if TYPE_CHECKING:
    from collections.abc import Callable

    from botocore.awsrequest import AWSResponse

    from benchmarks.harness import Size
    from benchmarks.setting import Setting
    from rehearsal.doors import Call

BOUND: Final = 12
CHANGE: Final = "ecs:UpdateService"
POLLED: Final = ("ecs:DescribeServices", "elbv2:DescribeTargetHealth")
"""What is asked while waiting and verifying: after the change these are polls."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A call that the operator made.

    Attributes:
        operation: as ``ecs:UpdateService``.
        at: the virtual second in which it was made.
    """

    operation: str
    at: float


def listened(on: Setting) -> list[Asked]:
    """A list that grows with each call of the operator from now on."""
    calls: list[Asked] = []

    def note(call: Call, proceed: Callable[[], AWSResponse]) -> AWSResponse:
        calls.append(Asked(call.operation, on.now))
        return proceed()

    on.stage.operator.interceptors.append(note)
    return calls


def split_at_the_change(calls: list[Asked]) -> tuple[list[Asked], list[Asked]]:
    """The calls of plan and apply besides polls, and the polls."""
    change = next(index for index, call in enumerate(calls) if call.operation == CHANGE)
    polls = [call for call in calls[change + 1 :] if call.operation in POLLED]
    return [call for call in calls if call not in polls], polls


def answer(_: Size) -> Answer:
    """Count them in one rollback."""
    with opened() as on:
        on.incidents.worked_with(40, 41)
        on.incidents.deployed(42, Behaviour.ERRORS)
        calls = listened(on)
        on.operator.roll_back()
        assert on.operator.result.landed
    besides, polls = split_at_the_change(calls)
    by_operation = Counter(call.operation for call in besides)
    return Answer(
        (
            Figure("API calls of plan and apply besides polls", len(besides), "calls", BOUND),
            *(Figure(f"  of it: {name}", count, "calls") for name, count in by_operation.items()),
            Figure("polls", len(polls), "calls"),
        ),
        ("One service, one image, one secret, two roles, one log group; more of these add theirs.",),
    )
