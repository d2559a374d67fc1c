"""Words from outside in Markdown: they say what they say, become no markup, and show no secret."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from rollback._text import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

LONGEST: Final = 600
"""How many characters of one text are shown."""
HIDDEN: Final = "***"

_SECRET: Final = re.compile(
    r"""
      (?P<named>(?:passw(?:or)?d|passphrase|secret|token|authorization|credential|cookie|api[_-]?key
         |(?:private|access)[_-]?key)[\w.-]*["']?\s*[=:]\s*)
      (?:(?:bearer|basic)\s+)? (?:"[^"]*"?|'[^']*'?|[^\s,;)]+)
    | (?P<scheme>\b(?:bearer|basic)\s+)[\w.+/=~-]{8,}
    | (?P<user>://)[^/\s@]+(?=@)
    | \b(?:AKIA|ASIA)[0-9A-Z]{16}\b
    | \b(?:gh[pousr]_|github_pat_|xox[a-z]-|sk_live_)[\w-]{8,}
    | \beyJ[\w-]+\.[\w-]+\.[\w-]+
    | (?P<hook>https?://hooks\.[\w.-]+/)\S+
    | -----BEGIN[^-]*PRIVATE\ KEY-----.*?(?:-----END[^-]*-----|$)
    """,
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)
_MARKUP: Final = re.compile(r"[\\`*\[\]|~]|(?<!\w)_|_(?!\w)")
_AT_THE_START: Final = re.compile(r"^(?:[#+=-]|\d{1,9}(?=[.)]))")
_MENTION: Final = re.compile(r"@(?=\w)")


def without_secrets(text: str) -> str:
    """`text` with whatever looks like a secret hidden: a last net, since none should be in a journal."""
    return _SECRET.sub(
        lambda found: f"{found['named'] or found['scheme'] or found['user'] or found['hook'] or ''}{HIDDEN}",
        text,
    )


def plain(text: object, *, longest: int = LONGEST) -> str:
    """`text` on one line, as GitHub shows it to the letter."""
    line = printable(without_secrets(" ".join(str(text).split())))
    if len(line) > longest:
        line = f"{line[:longest].rstrip()}..."
    line = _MARKUP.sub(lambda found: f"\\{found[0]}", line)
    line = line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("$", "&#36;")
    # A mention would call people to an incident that is over.
    line = _MENTION.sub("@\N{ZERO WIDTH SPACE}", line)
    return _AT_THE_START.sub(_escaped, line)


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> list[str]:
    """The lines of a table; the cells are texts from outside."""
    lines = [_row(head), _row(["---"] * len(head))]
    lines += [_row([plain(cell) for cell in row]) for row in rows]
    return lines


def bullets(texts: Iterable[object]) -> list[str]:
    """The lines of a list; its items are texts from outside."""
    return [f"- {plain(text)}" for text in texts]


def code(commands: Iterable[object]) -> list[str]:
    """The lines of a block of commands, each to the letter."""
    lines = [printable(without_secrets(str(command))) for command in commands]
    longest = max((len(run) for line in lines for run in re.findall(r"`+", line)), default=0)
    fence = "`" * max(3, longest + 1)
    return [f"{fence}sh", *lines, fence]


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _escaped(found: re.Match[str]) -> str:
    """A character that would begin a heading or a list, as one that doesn't."""
    start = found[0]
    return f"{start[:-1]}&#{ord(start[-1])};" if start.isdigit() else f"\\{start}"
