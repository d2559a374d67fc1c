"""What somebody did to a stage, and when they noticed, decided and changed something."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Final

from rehearsal.serving.ledger import GIT
from rollback.aws import is_read
from rollback.journal import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from rehearsal.serving.ledger import Entry
    from rollback.journal import Entry as Noted

TOOL: Final = "the tool"
_REFUSED: Final = 400
_ABOUT_ONESELF: Final = "sts:"
"""To ask who one is says nothing of what ails."""
_LOCK: Final = ".tflock"
"""Terraform's lock, which is held while one only looks."""
_GIT_READS: Final = frozenset({"clone", "fetch", "ls-remote"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """One thing that somebody asked of the stage, or several equal ones in a row.

    Attributes:
        seconds: the stage's time since the page went out.
        who: the player, or empty where that can't be told.
        what: as ``ecs:UpdateService`` or ``GET /version``.
        about: what it was about, where that is told: ``shop-prod:41``.
        reads: whether it could only read.
        refused: whether it was answered with an error.
        times: how many they are.
    """

    seconds: float
    who: str
    what: str
    about: str = ""
    reads: bool = True
    refused: bool = False
    times: int = 1

    @property
    def changed(self) -> bool:
        """Whether it may have changed something."""
        return not (self.reads or self.refused)


@dataclass(frozen=True, slots=True, kw_only=True)
class Moments:
    """When it happened, in seconds of the stage's time since the page went out; None for never.

    Attributes:
        detected: the ailing thing was looked at for the first time.
        decided: it was looked at for the last time before something was changed.
        acted: something was changed for the first time.
        recovered: everything held that has to.
    """

    detected: float | None = None
    decided: float | None = None
    acted: float | None = None
    recovered: float | None = None


def moments(deeds: Sequence[Deed], recovered: float | None) -> Moments:
    """When those who did `deeds` noticed, decided and changed something."""
    about_it = [each for each in deeds if not each.what.startswith(_ABOUT_ONESELF)]
    acted = next((each.seconds for each in about_it if each.changed), None)
    looks = [each.seconds for each in about_it if each.reads and (acted is None or each.seconds <= acted)]
    detected = looks[0] if looks else acted
    decided = None if acted is None else (looks[-1] if looks else acted)
    return Moments(detected=detected, decided=decided, acted=acted, recovered=recovered)


def by_players(entries: Iterable[Entry], *, page: datetime, only: str = "") -> Iterator[Deed]:
    """What the ledger of a served stage says of those who play on it.

    Args:
        entries: of the ledger.
        page: when the page went out.
        only: who did what nobody has signed, where there is only one who plays.
    """
    for each in entries:
        yield Deed(
            seconds=(datetime.fromisoformat(each.at) - page).total_seconds(),
            who=only or each.by,
            what=_said(each),
            about=each.about,
            reads=each.reads or each.about.endswith(_LOCK),
            refused=each.status >= _REFUSED,
        )


def _said(entry: Entry) -> str:
    """What was asked for; git's requests as the command that makes them."""
    if entry.door != GIT:
        return entry.what
    return "git fetch" if entry.reads else "git push"


def by_the_tool(entries: Iterable[Noted], *, began: datetime) -> Iterator[Deed]:
    """What a journal says that the tool did, from when it `began`."""
    about = ""
    for each in entries:
        seconds = (each.at - began).total_seconds()
        if each.kind is Kind.CALL:
            said = each.detail.get("parameters")
            about = str(said.get("taskDefinition", "")) if isinstance(said, dict) else ""
        elif each.kind is Kind.ANSWER:
            reads = is_read(each.what.partition(":")[2])
            refused = not _is_success(each.detail.get("status"))
            told = "" if reads else about
            yield Deed(seconds=seconds, who=TOOL, what=each.what, about=told, reads=reads, refused=refused)
        elif each.kind is Kind.REQUEST:
            yield Deed(seconds=seconds, who=TOOL, what=each.what, reads=each.what.startswith(("GET", "HEAD")))
        elif each.kind is Kind.COMMAND and (command := _at_the_remote(each)):
            yield Deed(seconds=seconds, who=TOOL, what=command, reads="push" not in command.split())


def folded(deeds: Iterable[Deed]) -> tuple[Deed, ...]:
    """The deeds, of which equal ones in a row are one."""
    kept: list[Deed] = []
    for each in deeds:
        last = kept[-1] if kept else None
        if last and replace(last, seconds=each.seconds, times=1) == each:
            kept[-1] = replace(last, times=last.times + 1)
        else:
            kept.append(each)
    return tuple(kept)


def _is_success(status: object) -> bool:
    return not isinstance(status, int) or status < _REFUSED


def _at_the_remote(entry: Noted) -> str:
    """The command, in a few words, if it talks to somebody else; what it does by itself nobody has to do by hand."""
    said = entry.detail.get("args")
    words = [str(each) for each in said] if isinstance(said, list) else entry.what.split()
    if not words:
        return ""
    program = words[0].rpartition("/")[2]
    if program != "git":
        return " ".join([program, *(each for each in words[1:3] if not each.startswith("/"))])
    verb = next((each for each in words[1:] if each == "push" or each in _GIT_READS), "")
    return f"git {verb}" if verb else ""
