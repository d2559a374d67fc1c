"""The log of a job, as GitHub keeps it, made fit to be shown."""

from __future__ import annotations

import re
from typing import Final

from rollback._text import printable

LONGEST: Final = 300
"""Characters of a line that are shown."""

_STAMP: Final = re.compile(r"\A\ufeff?\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z ?")
_COLOUR: Final = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]")
_ERROR: Final = "##[error]"


def last_lines(text: str, count: int) -> tuple[str, ...]:
    """The last `count` lines that are not blank, without time stamps and colours.

    What comes after the last line that GitHub marks as an error is the runner tidying up, and left out.
    """
    lines = [_COLOUR.sub("", _STAMP.sub("", line)).rstrip() for line in text.splitlines()]
    errors = [number for number, line in enumerate(lines) if line.startswith(_ERROR)]
    shown = [line for line in (lines[: errors[-1] + 1] if errors else lines) if line]
    return (
        tuple(printable(line.replace("\t", "    "))[:LONGEST] for line in shown[-count:]) if count > 0 else ()
    )
