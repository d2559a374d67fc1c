"""Hides secrets in what pytest shows of a failure: arguments and local variables hold whatever a call was given."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from rollback.aws import HIDDEN, SECRET_NAMES

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pytest

_NAMES: Final = "|".join(SECRET_NAMES)
_NAMED: Final = re.compile(
    rf"""(['"]?\w*(?:{_NAMES})\w*['"]?\s*(?:[:=]\s*))(?:b?'(?:[^'\\]|\\.)*'?|b?"(?:[^"\\]|\\.)*"?)""",
    re.IGNORECASE,
)
"""A value under a name that may be a secret's, as in a dict's repr or a call; pytest may have cut off its end."""
_IN_ADDRESS: Final = re.compile(r"(?<=[\w.%-]:)[^\s:@/'\"]+(?=@)")
"""A password in an address, whose beginning pytest may have cut off."""
_PATH: Final = re.compile(r"(?<=://hooks\.)[^\s'\"]+")
_THEIRS: Final = ("site-packages", "dist-packages")


def hide(report: pytest.TestReport) -> None:
    """Hide them in a report, before anybody is shown it.

    Of libraries no values are shown at all: botocore has signatures and whole requests in its hands.
    """
    for reprtraceback in _tracebacks(report.longrepr):
        for entry in getattr(reprtraceback, "reprentries", ()):
            place = getattr(entry, "reprfileloc", None)
            theirs = place is not None and any(each in str(place.path) for each in _THEIRS)
            arguments, variables = getattr(entry, "reprfuncargs", None), getattr(entry, "reprlocals", None)
            if arguments is not None:
                arguments.args = [(name, _shown(name, text, theirs=theirs)) for name, text in arguments.args]
            if variables is not None:
                variables.lines = [HIDDEN] if theirs else [without_secrets(line) for line in variables.lines]


def without_secrets(text: str) -> str:
    """A line of a traceback without what looks like a secret."""
    # To look for a name first costs a hundredth of what the expression costs where there is none.
    lower = text.lower()
    if any(name in lower for name in SECRET_NAMES):
        text = _NAMED.sub(rf"\g<1>{HIDDEN}", text)
    if "@" in text:
        text = _IN_ADDRESS.sub(HIDDEN, text)
    return _PATH.sub(HIDDEN, text)


def _shown(name: str, text: str, *, theirs: bool) -> str:
    # A leading name, as `token = '...'`, is of the value's own.
    return HIDDEN if theirs else without_secrets(f"{name} = {text}").removeprefix(f"{name} = ")


def _tracebacks(longrepr: Any) -> Iterator[Any]:
    """That of the error, and those of what led to it."""
    chain = getattr(longrepr, "chain", None)
    if chain:
        yield from (each[0] for each in chain)
    elif (found := getattr(longrepr, "reprtraceback", None)) is not None:
        yield found
