"""The commits of one repository in another one that tells the same history.

The files of a served stage name its addresses on loopback, so its commits have other object names than the tool's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rehearsal.origin.objects import Objects

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_ALL: Final = 10_000
_FEWEST_DIGITS: Final = 7
"""Of an object name, by which a sentence or a command may name a commit."""


def counterparts(tools: Path, served: Path) -> dict[str, str]:
    """For each commit of the one repository the same in the other: of the same time and with the same message.

    Where several are of the same, none is taken. A repository that isn't there has no commits.
    """
    if not tools.exists() or not served.exists():
        return {}
    ours, theirs = _commits(tools), _commits(served)
    return {
        found[0]: theirs[known][0]
        for known, found in ours.items()
        if len(found) == 1 and len(theirs.get(known, ())) == 1
    }


def renamed(text: str, known: Mapping[str, str]) -> str:
    """`text`, in which each commit that is `known` has its other name, whole or in its first digits."""
    for ours, theirs in known.items():
        if ours[:_FEWEST_DIGITS] not in text:
            continue
        for digits in range(len(ours), _FEWEST_DIGITS - 1, -1):
            text = text.replace(ours[:digits], theirs[:digits])
    return text


def _commits(path: Path) -> dict[tuple[str, str], list[str]]:
    objects = Objects(path)
    found: dict[tuple[str, str], list[str]] = {}
    for branch in objects.branches():
        for each in objects.log(branch, _ALL):
            shas = found.setdefault((each.at.isoformat(), each.message), [])
            if each.sha not in shas:
                shas.append(each.sha)
    return found
