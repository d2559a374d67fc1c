"""Words from outside, made fit for a sentence on a terminal."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

_LONGEST: Final = 60


def quoted(text: str, *, longest: int = _LONGEST) -> str:
    """`text` in double quotes, on one line, cut after `longest` characters."""
    cut = text if len(text) <= longest else text[:longest] + "..."
    return '"' + printable(cut).replace('"', '\\"') + '"'


def printable(text: object) -> str:
    """`text` with everything a terminal might act on written as an escape."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in str(text))


def suggestion(word: str, known: Iterable[str]) -> str:
    """``Did you mean "prod"?`` for the one of `known` that is nearest to `word`, or nothing."""
    near = difflib.get_close_matches(word[:_LONGEST].lower(), list(known), n=1)
    return f"Did you mean {quoted(near[0])}?" if near else ""
