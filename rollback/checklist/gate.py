"""The gate before a rollback: it opens for a complete list, or for somebody who answers for beginning without."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from rollback._text import printable, quoted
from rollback.checklist.attesting import counts, overridden
from rollback.checklist.model import Phase
from rollback.errors import Outdated, Refused, RollbackError
from rollback.journal import Kind, read

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from rollback.access import Access
    from rollback.checklist.model import Checklist, Line
    from rollback.environment import Environment


def must_be_complete(environment: Environment, access: Access, checklist: Checklist) -> None:
    """Let a rollback begin, or not. To be called right before the first change, with the list just looked at.

    That it may begin, why, and what was missing land in the journal.

    Raises:
        Refused: items are missing, and nobody has overridden that with a reason.
        Outdated: the list was looked at too long ago.
        RollbackError: it is another list than the one before a rollback of this environment.
    """
    if checklist.phase is not Phase.BEFORE or checklist.environment != environment.name:
        raise RollbackError(
            f"This is the list {checklist.phase.value} a rollback of {quoted(checklist.environment)}.",
            remedy=f"Look at the list before a rollback of {environment.name}.",
        )
    now = access.clock.now()
    outdated = [line for line in checklist.lines if not _fresh(line, now)]
    if not checklist.missing and not outdated:
        access.journal.record(
            Kind.DECISION,
            "The rollback may begin: the checklist before is complete.",
            may_begin=True,
            evidence=_evidence(checklist),
        )
        return
    nevertheless = overridden(environment, read(access.journal.path))
    if nevertheless is None or not counts(nevertheless, now):
        raise _refused(checklist, outdated)
    access.journal.record(
        Kind.DECISION,
        f"The rollback may begin, as {printable(nevertheless.by)} has decided: {printable(nevertheless.reason)}",
        may_begin=True,
        override=nevertheless.by,
        missing=[line.item.value for line in checklist.missing],
        evidence=_evidence(checklist),
    )


def _refused(checklist: Checklist, outdated: Sequence[Line]) -> RollbackError:
    if checklist.missing:
        return Refused(_sentence(checklist), remedy=_remedy(checklist))
    return Outdated(
        f"The checklist was looked at too long ago: {outdated[0].item.says} ({outdated[0].at:%Y-%m-%d %H:%M} UTC).",
        remedy="Look at it again.",
    )


def _fresh(line: Line, now: datetime) -> bool:
    return line.at - timedelta(seconds=1) <= now < line.expires_at


def _evidence(checklist: Checklist) -> list[str]:
    return [line.told for line in checklist.lines if line.done]


def _sentence(checklist: Checklist) -> str:
    count, of = len(checklist.missing), len(checklist.lines)
    told = " ".join(line.told for line in checklist.missing)
    return f"{count} of the {of} items of the checklist {'is' if count == 1 else 'are'} missing. {told}"


def _remedy(checklist: Checklist) -> str:
    """What to do about each, and the way past it, which is a decision of its own."""
    each = dict.fromkeys(line.evidence.remedy for line in checklist.missing if line.evidence.remedy)
    return " ".join((*each, "Or override the list, by name and with a reason."))
