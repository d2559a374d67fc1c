"""The last runs of a chapter as a line of small bars: how each ended, and how long it took."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from rehearsal.report.phrases import many
from rehearsal.report.pictures.canvas import Canvas, Picture, number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rehearsal.report.views import TrendPoint

_STEP: Final = 9
_BAR: Final = 6
_HEIGHT: Final = 24
_LOWEST: Final = 3
_HIGHEST: Final = 1.2
"""Which part of the budget is as high as the picture."""


def trend_picture(points: Sequence[TrendPoint], name: str) -> Picture | None:
    """The last runs, the oldest on the left, or None where there were none.

    A run that failed is a cross, one that was not whole a hollow bar; the others are full bars. A bar is as high as
    the slowest recovery in it was long, half where nothing was timed; the dashed line is the budget.

    Args:
        points: the runs, the oldest first.
        name: unique on the page; ids within the picture begin with it.
    """
    if not points:
        return None
    text = _text(points)
    canvas = Canvas(name, _STEP * len(points), _HEIGHT, title="The last runs", text=text, kind="trend")
    for place, point in enumerate(points):
        x = place * _STEP + (_STEP - _BAR) / 2
        if point.outcome == "failed":
            top = _HEIGHT - _BAR - 1
            canvas.path("failed", f"M{number(x)} {top}l{_BAR} {_BAR}M{number(x)} {top + _BAR}l{_BAR} -{_BAR}")
            continue
        share = 0.5 if point.slowest is None else min(1, point.slowest / _HIGHEST)
        height = max(_LOWEST, _HEIGHT * share)
        canvas.box("ok" if point.outcome == "passed" else "partly", x, _HEIGHT - height, _BAR, height)
    if any(point.slowest is not None for point in points):
        y = number(_HEIGHT * (1 - 1 / _HIGHEST))
        canvas.path("limit", f"M0 {y}H{_STEP * len(points)}")
    return Picture(canvas.markup(), text)


def _text(points: Sequence[TrendPoint]) -> str:
    counted = Counter(point.outcome for point in points)
    ended = ", ".join(f"{count} {outcome}" for outcome, count in counted.most_common())
    slowest = max((point.slowest for point in points if point.slowest is not None), default=None)
    slow = f"; the slowest recovery took {slowest:.0%} of its budget" if slowest is not None else ""
    return f"last {many(len(points), 'run')}, the oldest first: {ended}{slow}"
