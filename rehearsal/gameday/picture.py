"""The phases of a game as a picture, with a text for who can't see it."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Final

from rollback.clock import spoken

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rehearsal.gameday.deeds import Moments

_WIDTH: Final = 640.0
_LEFT: Final = 78.0
_LANE: Final = 30.0
_PHASES: Final = (
    ("noticing", "detected"),
    ("deciding", "decided"),
    ("acting", "acted"),
    ("recovering", "recovered"),
)


def picture(yours: Moments, took: float, tools: Moments | None, tool_took: float, budget: float) -> str:
    """Two lanes, yours and the tool's, and the budget across them; all in seconds since the page."""
    longest = max(took, tool_took, budget, 1.0)

    def x(seconds: float) -> float:
        return round(_LEFT + (_WIDTH - _LEFT - 8) * seconds / longest, 1)

    said = f"You took {spoken(took)}, the tool {spoken(tool_took)}; the budget is {spoken(budget)}."
    parts = [
        f'<svg class="phases" viewBox="0 0 {_WIDTH:.0f} 112" role="img" aria-labelledby="phases-t phases-d">',
        f'<title id="phases-t">Phases of the game</title><desc id="phases-d">{escape(said)}</desc>',
        *_lane("you", 14, yours, took, x),
    ]
    if tools is not None:
        parts += _lane("the tool", 14 + _LANE + 8, tools, tool_took, x)
    at = x(budget)
    anchor = "end" if at > _WIDTH / 2 else "start"
    parts.append(
        f'<line class="budget" x1="{at}" x2="{at}" y1="6" y2="90"/>'
        f'<text x="{at}" y="106" text-anchor="{anchor}">budget {escape(spoken(budget))}</text></svg>'
    )
    return "".join(parts)


def _lane(name: str, y: float, moments: Moments, took: float, x: Callable[[float], float]) -> Iterator[str]:
    yield f'<text x="0" y="{y + 20}">{name}</text>'
    since = 0.0
    for phase, moment in _PHASES:
        until: float | None = getattr(moments, moment)
        if until is None:
            yield _bar("open", f"{phase}, not done", x(since), x(max(took, since)), y)
            return
        yield _bar(phase, f"{phase}: {spoken(max(0.0, until - since))}", x(since), x(max(until, since)), y)
        since = max(until, since)


def _bar(kind: str, said: str, left: float, right: float, y: float) -> str:
    width = max(1.5, round(right - left, 1))
    return (
        f'<rect class="{kind}" x="{left}" y="{y}" width="{width}" height="{_LANE}">'
        f"<title>{escape(said)}</title></rect>"
    )
