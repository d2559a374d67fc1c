"""The patterns with which a workflow chooses branches and paths.

Source: GitHub Docs, "Workflow syntax for GitHub Actions", section "Filter pattern cheat sheet".
"""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

_TOKEN: Final = re.compile(
    r"(?P<any>\*\*)(?P<slash>/)?|(?P<some>\*)|(?P<class>\[[^]]+\])|\\(?P<escaped>.)|(?P<char>.)"
)
_REPEATS: Final = "?+"


def chooses(patterns: Sequence[str], name: str) -> bool:
    """Whether `patterns` choose `name`, a branch or a path: of those that match it the last one counts.

    A pattern that begins with an exclamation mark takes out what those before it have chosen.
    """
    chosen = False
    for pattern in patterns:
        wanted = not pattern.startswith("!")
        if chosen is not wanted and _compiled(pattern.removeprefix("!")).fullmatch(name):
            chosen = wanted
    return chosen


@functools.cache
def _compiled(pattern: str) -> re.Pattern[str]:
    """The regular expression of a pattern; a ``?`` or ``+`` repeats the character before it."""
    parts: list[str] = []
    for token in _TOKEN.finditer(pattern):
        if token["any"]:
            parts.append("(?:.*/)?" if token["slash"] else ".*")
        elif token["some"]:
            parts.append("[^/]*")
        elif token["class"]:
            parts.append(f"[{re.escape(token['class'][1:-1]).replace(chr(92) + '-', '-')}]")
        elif token["char"] and token["char"] in _REPEATS and parts:
            parts[-1] = f"(?:{parts[-1]}){token['char']}"
        else:
            parts.append(re.escape(token["escaped"] or token["char"]))
    return re.compile("".join(parts), re.DOTALL)
