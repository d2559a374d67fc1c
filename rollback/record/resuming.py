"""Going on with a rollback from its journal, or taking it back, whoever began it and wherever it broke off."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from rollback._text import printable
from rollback.errors import JournalError, Outdated, Refused
from rollback.journal import Journal, Kind
from rollback.record import reading
from rollback.record.model import Begun, Stands
from rollback.record.ways import way_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rollback.access import Access
    from rollback.environment import Environment
    from rollback.plan import Ended


def resume(environment: Environment, access: Access, begun: Begun) -> Ended:
    """Finish the last rollback of a journal from wherever it broke off; nothing is done twice.

    Args:
        environment: the place, which must be that of the journal.
        access: the hands. Their journal may be the very one (`Journal.open`) or another, which then takes it over.
        begun: what `rollback.record.begun` has read.

    Raises:
        JournalError: it is of another place, somebody is writing it, or it can't be written.
        Outdated: the journal has gone on since, or the world has moved; nothing has been changed.
        Refused: it has landed already, or there is something against it; nothing has been changed.
        RollbackError: as the `apply` of its way.
    """
    with _taken_over(environment, access, begun) as current:
        way = way_of(current)
        if current.stands is Stands.LANDED:
            raise Refused(
                f"It has landed already. {current.sentence}",
                remedy="There is nothing to go on with; to take it back, undo it.",
            )
        access.journal.record(
            Kind.DECISION, f"Going on with the {way.title}. {current.sentence}", resumes=True
        )
        return way.resume(environment, access, current)


def undo(environment: Environment, access: Access, begun: Begun) -> Ended:
    """Go back to where the world was before the last rollback of a journal, also from the middle of it.

    Args:
        environment: the place, which must be that of the journal.
        access: the hands, as for `resume`.
        begun: what `rollback.record.begun` has read.

    Raises:
        JournalError, Outdated: as `resume`.
        Refused: nothing was changed, or there is something against it; nothing has been changed.
        RollbackError: as the `undo` of its way.
    """
    with _taken_over(environment, access, begun) as current:
        target = _last_begun(current)
        way = way_of(target)
        if target.attempt.saved is None:
            raise Refused(f"There is nothing to undo. {target.sentence}", remedy="Nothing has been changed.")
        access.journal.record(Kind.DECISION, f"Taking the {way.title} back. {target.sentence}", undoes=True)
        return way.undo(environment, access, target)


def _last_begun(current: Begun) -> Begun:
    """The last rollback that has saved where the world was: one that was only planned has nothing to take back."""
    for attempt in reversed(reading.attempts(current.entries)):
        if attempt.saved is not None:
            return Begun(
                path=current.path,
                environment=attempt.environment,
                way=attempt.way,
                planned=attempt.title,
                stands=attempt.stands,
                sentence=reading.told(attempt),
                attempt=attempt,
                entries=current.entries,
            )
    return current


@contextmanager
def _taken_over(environment: Environment, access: Access, begun: Begun) -> Iterator[Begun]:
    """See that it is ours to go on with, and that nobody else does at the same time."""
    if begun.environment != environment.name:
        raise JournalError(
            f"This journal is of {printable(begun.environment)}, not of {environment.name}.",
            remedy="Name the environment that it belongs to.",
        )
    if _same(access.journal, begun):
        yield _unmoved(begun)
        return
    with Journal.open(begun.path, access.clock) as theirs:
        current = _unmoved(begun)
        _copy(current, access.journal)
        theirs.record(
            Kind.DECISION, f"Gone on with in another journal, {printable(access.journal.path.name)}."
        )
        yield current


def _copy(current: Begun, to: Journal) -> None:
    """Take down in another journal what whoever goes on from there must know."""
    plan, saved = current.attempt.plan, current.attempt.saved
    if plan is not None:
        to.record(plan.kind, plan.what, **plan.detail)
    if saved is not None:
        to.record(saved.kind, saved.what, **{**saved.detail, "stood": current.stands.value})


def _same(journal: Journal, begun: Begun) -> bool:
    try:
        return journal.path.samefile(begun.path)
    except OSError:
        return False


def _unmoved(begun: Begun) -> Begun:
    """The journal as it is now, which must tell what was read."""
    now = reading.begun(begun.path)
    if (now.way, now.stands, now.attempt) != (begun.way, begun.stands, begun.attempt):
        raise Outdated(
            f"The journal {printable(begun.path)} has gone on since it was read: {now.sentence}",
            remedy="Read it again, and decide anew.",
        )
    return now
