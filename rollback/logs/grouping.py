"""Messages that differ only in their numbers, names and times are one message; and none of them shows a secret."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from rollback._text import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MOST_GROUPS: Final = 1000
"""Messages beyond so many different ones are counted together, so that no log can fill the memory."""
OTHERS: Final = "(other messages)"

_READ: Final = 2000
"""How many characters of a message are looked at."""
_SHOWN: Final = 200
_SECRET: Final = re.compile(
    r"""
      ((?:passw(?:or)?d|passphrase|secret|token|authorization|credential|cookie|api[_-]?key|private[_-]?key)
       [\w.-]*["']?\s*[=:]\s*) (?:(?:bearer|basic)\s+)? (?:"[^"]*"?|'[^']*'?|\S+)
    | (\b(?:bearer|basic)\s+)\S+
    """,
    re.VERBOSE | re.IGNORECASE,
)
_PERSON: Final = re.compile(r"(?<=://)[^/\s@]+(?=@)|[\w.+-]+@[\w-]+\.[\w.-]+")
_VARYING: Final = re.compile(
    r"""
      (?P<text>"[^"]*"|(?<!\w)'[^']*'(?!\w))
    | \b(?=[A-Za-z_-]*\d)[\w-]{12,}
    | \b[A-Za-z0-9+/_=-]{32,}
    | \d+(?:[.,:]\d+)*
    """,
    re.VERBOSE,
)
_SPACES: Final = re.compile(r"\s+")


def shape(message: str) -> str:
    """What `message` has in common with its like, on one line and fit for a terminal.

    A traceback of Python goes by its last line, which says what it is about; everything else by its first.
    """
    lines = [line for line in message[:_READ].splitlines() if line.strip()]
    if not lines:
        return "(an empty message)"
    line = lines[-1] if lines[0].lstrip().startswith("Traceback") and len(message) <= _READ else lines[0]
    line = _SECRET.sub(lambda found: f"{found[1] or found[2]}***", line)
    if "@" in line:
        line = _PERSON.sub("***", line)
    return printable(_SPACES.sub(" ", _VARYING.sub(_left, line)).strip())[:_SHOWN]


def _left(found: re.Match[str]) -> str:
    """What stays of something that differs from one message to the next."""
    return '"..."' if found.lastgroup else "#"


@dataclass(slots=True)
class Counted:
    """How often a message came, and when, in milliseconds since 1970."""

    count: int
    first: int
    last: int
    stream: str


class Tally:
    """Counts errors by message, in a memory that does not grow with their number.

    Attributes:
        total: all of them.
    """

    def __init__(self, words: Iterable[str]) -> None:
        self.total = 0
        any_word = "|".join(re.escape(word) for word in words)
        # CloudWatch's filter does this as well; but not every one who answers in its place does.
        self._error = re.compile(rf"(?<![A-Za-z0-9_])(?:{any_word})(?![A-Za-z0-9_])")
        self._groups: dict[str, Counted] = {}

    def take(self, at: int, message: str, stream: str) -> None:
        """Count an event, if it is an error."""
        if not self._error.search(message):
            return
        self.total += 1
        self._add(shape(message), Counted(1, at, at, stream))

    def include(self, other: Tally) -> None:
        """Count what another one has counted; it is of no use afterwards."""
        self.total += other.total
        for name, counted in other:
            self._add(name, counted)

    def count(self, name: str) -> int:
        """How often a message came."""
        known = self._groups.get(name)
        return known.count if known else 0

    def _add(self, name: str, more: Counted) -> None:
        known = self._groups.get(name)
        if known is None and len(self._groups) >= MOST_GROUPS:
            name = OTHERS
            known = self._groups.get(name)
        if known is None:
            self._groups[name] = more
            return
        known.count += more.count
        known.first = min(known.first, more.first)
        if more.last >= known.last:
            known.last, known.stream = more.last, more.stream

    def __iter__(self) -> Iterator[tuple[str, Counted]]:
        return iter(self._groups.items())
