"""What a game is worth, by rules that are told before it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from rehearsal.story import Budget

FULL: Final = 100
"""Points to begin with."""
A_HINT: Final = 10
"""Points that a hint costs."""
A_LATE_MINUTE: Final = 5
"""Points that each minute costs which has begun after the budget was used up."""
LATE_AT_MOST: Final = 50
"""Points that being late costs at most."""
_MINUTE: Final = 60.0


class Ending(StrEnum):
    """How a game ended."""

    RECOVERED = "recovered"
    GIVEN_UP = "given up"
    TOO_LATE = "not recovered by the deadline"
    BROKEN_OFF = "broken off"


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """The points of a game.

    Attributes:
        points: what is left, from 0 to `FULL`.
        hints: points that hints have cost.
        late: points that being late has cost.
    """

    points: int
    hints: int
    late: int


RULES: Final = (
    f"{FULL} points to begin with. A hint costs {A_HINT}; each minute begun after the budget costs {A_LATE_MINUTE}, "
    f"{LATE_AT_MOST} at most. What isn't recovered is worth 0."
)


def score(ending: Ending, *, hints: int, recovered: float | None, budget: Budget) -> Score:
    """The points of a game.

    Args:
        ending: how it ended.
        hints: how many were asked for.
        recovered: after how many seconds of the stage's time.
        budget: what it may take.
    """
    over = max(0.0, (recovered or 0.0) - budget.to_seconds)
    late = min(LATE_AT_MOST, A_LATE_MINUTE * math.ceil(over / _MINUTE))
    cost = A_HINT * hints
    left = max(0, FULL - cost - late) if ending is Ending.RECOVERED else 0
    return Score(points=left, hints=cost, late=late)
