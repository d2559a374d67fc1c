"""Going on with a rollback from its journal, or taking it back, whoever began it and wherever it broke off."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from rollback._text import printable
from rollback.errors import JournalError, Outdated, Refused
from rollback.journal import Journal, Kind
from rollback.record import reading
from rollback.record.model import Begun, Stands
from rollback.record.way import way_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rollback.access import Access
    from rollback.environment import Environment
    from rollback.plan import Ended
    from rollback.record.ahead import Ahead


def resume(environment: Environment, access: Access, begun: Begun, *, ahead: Ahead | None = None) -> Ended:
    """Finish the last rollback of a journal from wherever it broke off; nothing is done twice.

    Args:
        environment: the place, which must be that of the journal.
        access: the hands. Their journal may be the very one (`Journal.open`) or another, which then takes it over.
        begun: what `rollback.record.begun` has read.
        ahead: what somebody has seen of it and said yes to; its plan is applied, and no other one made.

    Raises:
        JournalError: it is of another place, somebody is writing it, or it can't be written.
        Outdated: the journal has gone on since, or the world has moved; nothing has been changed.
        Refused: it has landed already, or there is something against it; nothing has been changed.
        RollbackError: as the `apply` of its way.
    """
    with _taken_over(environment, access, begun) as current:
        way = way_of(current)
        must_go_on(current)
        access.journal.record(
            Kind.DECISION, f"Going on with the {way.title}. {current.sentence}", resumes=True
        )
        if ahead is not None and ahead.ready is not None:
            return ahead.applied(environment, access)
        return way.resume(environment, access, current)


def undo(environment: Environment, access: Access, begun: Begun, *, ahead: Ahead | None = None) -> Ended:
    """Go back to where the world was before the last rollback of a journal, also from the middle of it.

    Args:
        environment: the place, which must be that of the journal.
        access: the hands, as for `resume`.
        begun: what `rollback.record.begun` has read.
        ahead: as for `resume`.

    Raises:
        JournalError, Outdated: as `resume`.
        Refused: nothing was changed, or there is something against it; nothing has been changed.
        RollbackError: as the `undo` of its way.
    """
    with _taken_over(environment, access, begun) as current:
        target = to_undo(current)
        way = way_of(target)
        access.journal.record(Kind.DECISION, f"Taking the {way.title} back. {target.sentence}", undoes=True)
        if ahead is not None and ahead.ready is not None:
            return ahead.applied(environment, access)
        return way.undo(environment, access, target)


def must_go_on(begun: Begun) -> None:
    """See that there is something to go on with.

    Raises:
        Refused: it has landed.
    """
    if begun.stands is Stands.LANDED:
        raise Refused(
            f"It has landed already. {begun.sentence}",
            remedy="There is nothing to go on with; to take it back, undo it.",
        )


def to_undo(current: Begun) -> Begun:
    """The last rollback that has saved where the world was: one that was only planned has nothing to take back.

    Raises:
        Refused: there is none.
    """
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
    raise Refused(f"There is nothing to undo. {current.sentence}", remedy="Nothing has been changed.")


def must_be_of(environment: Environment, begun: Begun) -> None:
    """See that a journal is of this place.

    Raises:
        JournalError: it is of another.
    """
    if begun.environment != environment.name:
        raise JournalError(
            f"This journal is of {printable(begun.environment)}, not of {environment.name}.",
            remedy="Name the environment that it belongs to.",
        )


@contextmanager
def _taken_over(environment: Environment, access: Access, begun: Begun) -> Iterator[Begun]:
    """See that it is ours to go on with, and that nobody else does at the same time."""
    must_be_of(environment, begun)
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
