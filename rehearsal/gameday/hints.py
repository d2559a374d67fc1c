"""What whoever asks for help is told, one step of the runbook after the other."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from rollback.byhand import aws_command

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rehearsal.gameday.deeds import Deed

_LOOKS: Final = 3
_SYMPTOM: Final = re.compile(r"^\s*(?:Symptom|Symptoms|Pager):\s*(.+?)\s*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Chapter:
    """The chapter of the runbook that is played.

    Attributes:
        name: as the feature is called.
        path: where it is, relative to the project.
        prose: what it says of itself.
    """

    name: str
    path: str
    prose: str


def symptoms(*descriptions: str) -> tuple[str, ...]:
    """What the first of the descriptions says that has a line ``Symptom:`` or ``Symptoms:``, without the full stop."""
    for each in descriptions:
        if found := _SYMPTOM.findall(each):
            return tuple(part.strip().rstrip(".") for line in found for part in line.split(";"))
    return ()


def hints(chapter: Chapter, looks: Sequence[Deed], title: str, commands: Sequence[str]) -> Iterator[str]:
    """Each hint, from where to look to the last line to type.

    Args:
        chapter: where it stands.
        looks: what the tool has looked at, in order.
        title: what its plan said that it would do.
        commands: how to do that by hand.
    """
    if asked := list(dict.fromkeys(by_hand(each.what) for each in looks if _tells(each)))[:_LOOKS]:
        yield f"Look first. The tool asks: {', '.join(asked)}."
    prose = " ".join(line for line in chapter.prose.split("\n") if not _SYMPTOM.match(line)).split()
    yield f"The chapter is “{chapter.name}” ({chapter.path}). {' '.join(prose)}"
    if title:
        yield f"The tool's plan: {title}"
    for number, command in enumerate(commands, start=1):
        yield f"Step {number} of {len(commands)} by hand: {command}"


def _tells(look: Deed) -> bool:
    """Whether it says something of the world, and not of who asks."""
    return look.reads and not look.what.startswith("sts:")


def by_hand(what: str) -> str:
    """An operation as the ``aws`` command that asks for it, anything else as it is."""
    service, colon, operation = what.partition(":")
    if not colon or " " in what:
        return what
    return " ".join(aws_command(service, operation))
