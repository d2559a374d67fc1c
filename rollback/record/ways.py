"""Each way back, and how it is gone on with and taken back from its journal."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from rollback import certificates, ecs, revert, state, terraform
from rollback._text import quoted
from rollback.database import fixing
from rollback.errors import JournalError, Refused
from rollback.journal import Kind
from rollback.revert import Wish
from rollback.state import writing

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from rollback.access import Access
    from rollback.environment import Environment
    from rollback.journal import Entry, Json
    from rollback.plan import Ended
    from rollback.record.model import Begun

Step: TypeAlias = "Callable[[Environment, Access, Begun], Ended]"
UNDO_REASON = "The rollback is taken back."


@dataclass(frozen=True, slots=True)
class Way:
    """A way back.

    Attributes:
        name: as journals have it.
        title: what people call it.
        resume: finishes it from wherever it broke off.
        undo: takes it back.
    """

    name: str
    title: str
    resume: Step
    undo: Step


WAYS: dict[str, Way] = {}
"""Those that are known, by their names; `rollback.record` registers all of them."""


def register(way: Way) -> None:
    """Have journals of this way gone on with and taken back."""
    WAYS[way.name] = way


def way_of(begun: Begun) -> Way:
    """The way back that a journal is of.

    Raises:
        JournalError: it isn't known here.
    """
    if begun.way not in WAYS:
        raise JournalError(
            f"This journal is of a way back that isn't known here, {quoted(begun.way)}.",
            remedy="Go on with the version of this tool that wrote it.",
        )
    return WAYS[begun.way]


def text(asked: Mapping[str, Json], key: str) -> str:
    """What was asked for under `key`.

    Raises:
        JournalError: the journal doesn't say.
    """
    found = asked.get(key)
    if not isinstance(found, str):
        raise JournalError(
            "The journal doesn't say what was asked for, and nothing was changed.", remedy="Make a new plan."
        )
    return found


def _texts(asked: Mapping[str, Json], key: str) -> tuple[str, ...]:
    found = asked.get(key)
    return tuple(map(str, found)) if isinstance(found, list) else ()


def _resume_ecs(environment: Environment, access: Access, begun: Begun) -> Ended:
    if begun.attempt.saved is not None:
        return ecs.go_on(environment, access, ecs.saved_point(environment, begun.entries))
    asked, plan = begun.attempt.asked, begun.attempt.plan
    planned = text(asked, "to") or (text(plan.detail, "goes_to") if plan else "")
    copied = asked.get("register_copy") is True
    return ecs.apply(environment, access, ecs.plan(environment, access, to=planned, register_copy=copied))


def _undo_ecs(environment: Environment, access: Access, begun: Begun) -> Ended:
    """An undo that broke off is no rollback of its own: to do it again is to go to where the first one was to go."""
    return ecs.undo(environment, access, ecs.saved_point(environment, _before_undone(begun)))


def _before_undone(begun: Begun) -> Sequence[Entry]:
    """The entries up to the undo that has not landed, if the last attempt is one; otherwise all."""
    if begun.attempt.landed or begun.attempt.saved is None:
        return begun.entries
    kept = list(begun.entries)
    while (number := _undone_at(kept, begun.way)) is not None:
        kept = [entry for entry in kept if entry.number < number]
    return kept


def is_taken_back(begun: Begun) -> bool:
    """Whether the last that has landed was an undo, after which nothing is left to be taken back."""
    return begun.attempt.landed and _undone_at(begun.entries, begun.way) is not None


def _undone_at(entries: Sequence[Entry], way: str) -> int | None:
    """The number of the decision to undo, where the last saved point is of that undo and not of a rollback."""
    saved = [e.number for e in entries if e.kind is Kind.SAVED and e.detail.get("way", way) == way]
    undone = [e.number for e in entries if e.kind is Kind.DECISION and e.detail.get("undoes") is True]
    if not undone or len(saved) < 2 or not saved[-2] < undone[-1] < saved[-1]:  # noqa: PLR2004 - it and the one before
        return None
    return undone[-1]


def _wish(environment: Environment, begun: Begun) -> Wish:
    asked = begun.attempt.asked
    return Wish(
        change=revert.parse(text(asked, "what"), environment.repository),
        why=text(asked, "why"),
        both_sides=asked.get("both_sides") is True,
        propose=asked.get("propose") is True,
    )


def _head(begun: Begun) -> str:
    saved = begun.attempt.saved
    return str(saved.detail.get("head", "")) if saved else ""


def _resume_revert(environment: Environment, access: Access, begun: Begun) -> Ended:
    wish = _wish(environment, begun)
    if begun.attempt.saved is None:
        return revert.apply(environment, access, revert.made(environment, access, wish))
    saved = revert.saved_point(environment, begun.entries)
    return revert.resume(environment, access, saved, wish, head=_head(begun))


def _undo_revert(environment: Environment, access: Access, begun: Begun) -> Ended:
    saved = revert.saved_point(environment, begun.entries)
    revert.must_be_on_the_branch(environment, access, saved, head=_head(begun))
    return revert.undo(environment, access, saved, why=UNDO_REASON)


def _resume_terraform(environment: Environment, access: Access, begun: Begun) -> Ended:
    """Terraform goes on where it stopped: what is done is no longer in its next plan."""
    asked = begun.attempt.asked
    if begun.attempt.saved is not None:
        terraform.saved_point(environment, begun.entries)
    wish = terraform.Wish(
        commit=text(asked, "commit"), allow=_texts(asked, "allow"), before=text(asked, "before")
    )
    return terraform.apply(environment, access, terraform.made(environment, access, wish))


def _undo_terraform(environment: Environment, access: Access, begun: Begun) -> Ended:
    return terraform.undo(environment, access, terraform.saved_point(environment, begun.entries))


def _resume_state(environment: Environment, access: Access, begun: Begun) -> Ended:
    if begun.attempt.saved is not None:
        return state.go_on(environment, access, state.saved_point(environment, begun.entries))
    asked = begun.attempt.asked
    return state.apply(
        environment,
        access,
        state.plan(
            environment,
            access,
            choice=text(asked, "choice"),
            few_resources=asked.get("few_resources") is True,
            other_lineage=asked.get("other_lineage") is True,
        ),
    )


def _undo_state(environment: Environment, access: Access, begun: Begun) -> Ended:
    """Our own lock would stand in the way: what was written under it is finished, and then taken back."""
    saved = state.saved_point(environment, begun.entries)
    if any(lock.id == saved.lock for lock in state.held(environment, access)):
        if writing.look(environment, access, saved).place is writing.Place.BEFORE:
            state.release(environment, access, saved.lock)
        else:
            finished = state.go_on(environment, access, saved)
            if not finished.landed:
                return finished
    return state.undo(environment, access, saved)


def _resume_certificate(environment: Environment, access: Access, begun: Begun) -> Ended:
    """Each step can be done again; a certificate that was requested and not seen is found by planning to renew."""
    chosen = text(begun.attempt.asked, "certificate")
    if begun.attempt.saved is not None:
        chosen = certificates.saved_point(environment, begun.entries).chosen
    made = certificates.plan(environment, access, certificate=chosen, renew=not chosen)
    return certificates.apply(environment, access, made)


def _undo_certificate(environment: Environment, access: Access, begun: Begun) -> Ended:
    saved = certificates.saved_point(environment, begun.entries)
    if not saved.before:
        raise Refused(
            "The listener had no certificate before, so there is none to go back to.",
            remedy="Nothing has been changed. Name the certificate that is to serve.",
        )
    return certificates.undo(environment, access, saved)


def _resume_fix(environment: Environment, access: Access, begun: Begun) -> Ended:
    """What is on the branch is followed; else it is planned again, which also finds what the pipeline has run."""
    if begun.attempt.saved is not None:
        saved = fixing.saved_point(environment, begun.entries)
        if fixing.is_on_the_branch(environment, access, saved):
            return fixing.go_on(environment, access, saved)
    asked = begun.attempt.asked
    file = text(asked, "migration")
    made = fixing.plan(
        environment, access, migration=Path(file) if file else None, propose=asked.get("propose") is True
    )
    return fixing.apply(environment, access, made)


def _undo_fix(environment: Environment, access: Access, begun: Begun) -> Ended:
    return fixing.undo(environment, access, fixing.saved_point(environment, begun.entries))


for _way in (
    Way("ecs", "emergency rollback", _resume_ecs, _undo_ecs),
    Way("revert", "rollback by revert", _resume_revert, _undo_revert),
    Way("terraform", "rollback of the infrastructure by Terraform", _resume_terraform, _undo_terraform),
    Way("state", "restore of Terraform's state", _resume_state, _undo_state),
    Way("fix-forward", "fix forward of the database", _resume_fix, _undo_fix),
    Way("certificates", "repair of the certificate", _resume_certificate, _undo_certificate),
):
    register(_way)
