"""Each way back, and how it is gone on with and taken back from its journal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rollback import certificates, ecs, revert, state, terraform
from rollback.errors import Refused
from rollback.journal import Kind
from rollback.record.way import Way, ready, register, text
from rollback.revert import Wish
from rollback.state import writing

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rollback.access import Access
    from rollback.environment import Environment
    from rollback.journal import Entry, Json
    from rollback.plan import Ended
    from rollback.record.model import Begun
    from rollback.record.way import Ready

UNDO_REASON: Final = "The rollback is taken back."


def _texts(asked: Mapping[str, Json], key: str) -> tuple[str, ...]:
    found = asked.get(key)
    return tuple(map(str, found)) if isinstance(found, list) else ()


def _plan_again_ecs(environment: Environment, access: Access, begun: Begun) -> Ready | None:
    if begun.attempt.saved is not None:
        return None
    asked, plan = begun.attempt.asked, begun.attempt.plan
    planned = text(asked, "to") or (text(plan.detail, "goes_to") if plan else "")
    copied = asked.get("register_copy") is True
    return ready(ecs.plan(environment, access, to=planned, register_copy=copied), ecs.apply)


def _resume_ecs(environment: Environment, access: Access, begun: Begun) -> Ended:
    if again := _plan_again_ecs(environment, access, begun):
        return again.apply(environment, access)
    return ecs.go_on(environment, access, ecs.saved_point(environment, begun.entries))


def _plan_undo_ecs(environment: Environment, access: Access, begun: Begun) -> Ready:
    saved = ecs.saved_point(environment, _before_undone(begun))
    return ready(ecs.plan_undo(environment, access, saved), ecs.apply)


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


def _plan_again_revert(environment: Environment, access: Access, begun: Begun) -> Ready | None:
    if begun.attempt.saved is not None:
        return None
    return ready(revert.made(environment, access, _wish(environment, begun)), revert.apply)


def _resume_revert(environment: Environment, access: Access, begun: Begun) -> Ended:
    if again := _plan_again_revert(environment, access, begun):
        return again.apply(environment, access)
    saved = revert.saved_point(environment, begun.entries)
    return revert.resume(environment, access, saved, _wish(environment, begun), head=_head(begun))


def _pushed(environment: Environment, access: Access, begun: Begun) -> revert.SavedPoint:
    saved = revert.saved_point(environment, begun.entries)
    revert.must_be_on_the_branch(environment, access, saved, head=_head(begun))
    return saved


def _plan_undo_revert(environment: Environment, access: Access, begun: Begun) -> Ready:
    saved = _pushed(environment, access, begun)
    return ready(revert.plan_undo(environment, access, saved, why=UNDO_REASON), revert.apply)


def _undo_revert(environment: Environment, access: Access, begun: Begun) -> Ended:
    return revert.undo(environment, access, _pushed(environment, access, begun), why=UNDO_REASON)


def _plan_again_terraform(environment: Environment, access: Access, begun: Begun) -> Ready:
    """Terraform goes on where it stopped: what is done is no longer in its next plan."""
    asked = begun.attempt.asked
    if begun.attempt.saved is not None:
        terraform.saved_point(environment, begun.entries)
    wish = terraform.Wish(
        commit=text(asked, "commit"), allow=_texts(asked, "allow"), before=text(asked, "before")
    )
    return ready(terraform.made(environment, access, wish), terraform.apply)


def _resume_terraform(environment: Environment, access: Access, begun: Begun) -> Ended:
    return _plan_again_terraform(environment, access, begun).apply(environment, access)


def _plan_undo_terraform(environment: Environment, access: Access, begun: Begun) -> Ready:
    saved = terraform.saved_point(environment, begun.entries)
    return ready(terraform.plan_undo(environment, access, saved), terraform.apply)


def _undo_terraform(environment: Environment, access: Access, begun: Begun) -> Ended:
    return terraform.undo(environment, access, terraform.saved_point(environment, begun.entries))


def _plan_again_state(environment: Environment, access: Access, begun: Begun) -> Ready | None:
    if begun.attempt.saved is not None:
        return None
    asked = begun.attempt.asked
    plan = state.plan(
        environment,
        access,
        choice=text(asked, "choice"),
        few_resources=asked.get("few_resources") is True,
        other_lineage=asked.get("other_lineage") is True,
    )
    return ready(plan, state.apply)


def _resume_state(environment: Environment, access: Access, begun: Begun) -> Ended:
    if again := _plan_again_state(environment, access, begun):
        return again.apply(environment, access)
    return state.go_on(environment, access, state.saved_point(environment, begun.entries))


def _is_locked(environment: Environment, access: Access, saved: state.SavedPoint) -> bool:
    """Whether the restore that broke off has left its own lock."""
    return any(lock.id == saved.lock for lock in state.held(environment, access))


def _plan_undo_state(environment: Environment, access: Access, begun: Begun) -> Ready | None:
    """Nothing under our own lock: what was written is finished first."""
    saved = state.saved_point(environment, begun.entries)
    if _is_locked(environment, access, saved):
        return None
    return ready(state.plan_undo(environment, access, saved), state.apply)


def _undo_state(environment: Environment, access: Access, begun: Begun) -> Ended:
    """Our own lock would stand in the way: what was written under it is finished, and then taken back."""
    saved = state.saved_point(environment, begun.entries)
    if _is_locked(environment, access, saved):
        if writing.look(environment, access, saved).place is writing.Place.BEFORE:
            state.release(environment, access, saved.lock)
        else:
            finished = state.go_on(environment, access, saved)
            if not finished.landed:
                return finished
    return state.undo(environment, access, saved)


def _plan_again_certificate(environment: Environment, access: Access, begun: Begun) -> Ready:
    """Each step can be done again; a certificate that was requested and not seen is found by planning to renew."""
    chosen = text(begun.attempt.asked, "certificate")
    if begun.attempt.saved is not None:
        chosen = certificates.saved_point(environment, begun.entries).chosen
    made = certificates.plan(environment, access, certificate=chosen, renew=not chosen)
    return ready(made, certificates.apply)


def _resume_certificate(environment: Environment, access: Access, begun: Begun) -> Ended:
    return _plan_again_certificate(environment, access, begun).apply(environment, access)


def _attached_before(environment: Environment, begun: Begun) -> certificates.SavedPoint:
    saved = certificates.saved_point(environment, begun.entries)
    if not saved.before:
        raise Refused(
            "The listener had no certificate before, so there is none to go back to.",
            remedy="Nothing has been changed. Name the certificate that is to serve.",
        )
    return saved


def _plan_undo_certificate(environment: Environment, access: Access, begun: Begun) -> Ready:
    saved = _attached_before(environment, begun)
    return ready(certificates.plan_undo(environment, access, saved), certificates.apply)


def _undo_certificate(environment: Environment, access: Access, begun: Begun) -> Ended:
    return certificates.undo(environment, access, _attached_before(environment, begun))


for _way in (
    Way(
        "ecs",
        "emergency rollback",
        _resume_ecs,
        _undo_ecs,
        _plan_again_ecs,
        _plan_undo_ecs,
        resumes="The deployment is followed if ECS has taken it; if not, the rollback is planned again and applied.",
    ),
    Way(
        "revert",
        "rollback by revert",
        _resume_revert,
        _undo_revert,
        _plan_again_revert,
        _plan_undo_revert,
        resumes="A revert that is on the branch is followed; one that is not is planned again and applied.",
    ),
    Way(
        "terraform",
        "rollback of the infrastructure by Terraform",
        _resume_terraform,
        _undo_terraform,
        _plan_again_terraform,
        _plan_undo_terraform,
    ),
    Way(
        "state",
        "restore of Terraform's state",
        _resume_state,
        _undo_state,
        _plan_again_state,
        _plan_undo_state,
        resumes="The restore is finished from the step at which it broke off, under its own lock.",
        undoes="The restore that broke off still holds its lock: it is finished or let go, and then put back.",
    ),
    Way(
        "certificates",
        "repair of the certificate",
        _resume_certificate,
        _undo_certificate,
        _plan_again_certificate,
        _plan_undo_certificate,
    ),
):
    register(_way)
