"""Words for ages, days and amounts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

_PLACE: Final = re.compile(r",? in <environment>")
_OPEN: Final = re.compile(r"<[^<>]+>")
_UNITS: Final = ((86400, "day"), (3600, "hour"), (60, "minute"))


def many(count: int, thing: str) -> str:
    """So many of a thing: ``1 run``, ``2 runs``."""
    return f"{count} {thing}" if count == 1 else f"{count} {thing}s"


def ago(seconds: float) -> str:
    """How long ago something was, in its largest unit: ``3 hours ago``."""
    for length, unit in _UNITS:
        if seconds >= length:
            return f"{many(int(seconds // length), unit)} ago"
    return "just now"


def days(count: float) -> str:
    """A number of days: ``30 days``, ``0.5 days``."""
    return f"{count:g} {'day' if count == 1 else 'days'}"


def day(at: datetime) -> str:
    """A time of day for a person: ``23 Nov 2026, 18:30 UTC``."""
    return f"{at.day} {at:%b %Y, %H:%M} UTC"


def listed(names: Sequence[str]) -> str:
    """Names as a person lists them: ``a, b and c``."""
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))


def sentence(text: str) -> str:
    """The first line of `text` as a sentence; what is left out of it is seen to be."""
    first, *more = text.strip().splitlines() or [""]
    return f"{first} …" if more else first if first.endswith((".", "!", "?", "…")) else f"{first}."


def heading(name: str) -> str:
    """The name of an outline as a heading: the environment is chosen on the page, other values stand in its rows."""
    return _OPEN.sub("…", _PLACE.sub("", name))
