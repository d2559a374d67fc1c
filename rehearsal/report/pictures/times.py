"""How long recoveries took, as a distribution against their budget; and one of them as a small bar."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING, Final

from rehearsal.report.phrases import many
from rehearsal.report.pictures.canvas import Canvas, Key, Picture, number, ticks
from rollback.clock import spoken

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markupsafe import Markup

_WIDTH: Final = 640
_LEFT: Final = 14
_RIGHT: Final = 626
_TOP: Final = 34
_FLOOR: Final = 150
_HEIGHT: Final = 184
_BINS: Final = 40
_ROOM: Final = 1.15
_UNIT: Final = 18
"""How high one recovery is drawn where there are few of them."""

_BAR_WIDTH: Final = 96
_BAR_HEIGHT: Final = 14


def times_picture(
    label: str, seconds: Sequence[float], *, budget: tuple[float, float], name: str
) -> Picture | None:
    """How the times of `label` lie against its budget, or None where there are none.

    Args:
        label: what was timed.
        seconds: each time, in seconds, in any order.
        budget: from and to, in seconds.
        name: unique on the page; ids within the picture begin with it.
    """
    if not seconds:
        return None
    shortest, longest = budget
    text = _text(label, seconds, budget)
    canvas = Canvas(
        name, _WIDTH, _HEIGHT, title=f"{label}: times against the budget", text=text, kind="picture"
    )
    over = canvas.hatch("failed")
    end = _ROOM * max(longest, 1, *seconds)

    def x(at: float) -> float:
        return _LEFT + (_RIGHT - _LEFT) * at / end

    canvas.box("budget", x(shortest), _TOP - 8, x(longest) - x(shortest), _FLOOR - _TOP + 8)
    canvas.words("axis", x((shortest + longest) / 2), _TOP - 14, "budget", anchor="middle")
    heights = [0] * _BINS
    late = [0] * _BINS
    for each in seconds:
        place = min(_BINS - 1, int(each / end * _BINS))
        heights[place] += 1
        late[place] += each > longest
    unit = min(_UNIT, (_FLOOR - _TOP) / max(heights))
    width = (_RIGHT - _LEFT) / _BINS
    for place, (count, outside) in enumerate(zip(heights, late, strict=True)):
        at, top = _LEFT + place * width, _FLOOR - count * unit
        canvas.box("failed", at + 1, top, width - 2, outside * unit, fill=over)
        canvas.box("ok", at + 1, top + outside * unit, width - 2, (count - outside) * unit)
    canvas.path("limit", f"M{number(x(longest))} {_TOP - 8}V{_FLOOR}")
    canvas.path("grid", f"M{_LEFT} {_FLOOR}H{_RIGHT}")
    for at, written in ticks(end):
        canvas.words("axis", x(at), _FLOOR + 24, written, anchor="middle")
    keys = [
        Key("ok", "within the budget's end"),
        Key("budget", f"budget: {spoken(shortest)} to {spoken(longest)}"),
    ]
    if any(late):
        keys.insert(1, Key("failed", "over the budget"))
    return Picture(canvas.markup(), text, tuple(keys))


def time_bar(seconds: float, *, budget: tuple[float, float]) -> Markup:
    """One time as a small bar, with the budget's span behind it; as decoration of the words."""
    shortest, longest = budget
    end = _ROOM * max(longest, seconds, 1)
    scale = _BAR_WIDTH / end
    canvas = Canvas("", _BAR_WIDTH, _BAR_HEIGHT, kind="bar")
    canvas.box("track", 0, 0, _BAR_WIDTH, _BAR_HEIGHT)
    canvas.box("budget", shortest * scale, 0, (longest - shortest) * scale, _BAR_HEIGHT)
    canvas.box("failed" if seconds > longest else "ok", 0, 4, seconds * scale, _BAR_HEIGHT - 8)
    canvas.path("limit", f"M{number(longest * scale)} 0V{_BAR_HEIGHT}")
    return canvas.markup()


def _text(label: str, seconds: Sequence[float], budget: tuple[float, float]) -> str:
    over = sum(each > budget[1] for each in seconds)
    kept = "none was over the budget" if not over else f"{over} of them over the budget"
    if len(seconds) == 1:
        return (
            f"{label}: one time, {spoken(seconds[0])}; the budget is {spoken(budget[0])} to {spoken(budget[1])}, "
            f"which it {'exceeded' if over else 'did not exceed'}."
        )
    return (
        f"{label}: {many(len(seconds), 'time')}, from {spoken(min(seconds))} to {spoken(max(seconds))}, "
        f"median {spoken(median(seconds))}; the budget is {spoken(budget[0])} to {spoken(budget[1])}, {kept}."
    )
