"""Looking at a list: each item's check, and what people have said of it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from rollback.checklist.attesting import attestations, counts, overridden
from rollback.checklist.model import Checklist, Evidence, Line, Phase, Shown, items
from rollback.errors import RollbackError
from rollback.journal import Kind, read

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rollback.access import Access
    from rollback.checklist.model import Attestation, Check, Item
    from rollback.environment import Environment


def look(environment: Environment, access: Access, phase: Phase, checks: Mapping[Item, Check]) -> Checklist:
    """How a list stands now: every check is made, and every word that a person has left in the journal is weighed.

    A check that fails leaves its item open. An item without a check is for people to attest.
    """
    entries = read(access.journal.path)
    said = attestations(environment, entries)
    lines = tuple(_line(environment, access, item, checks.get(item), said.get(item)) for item in items(phase))
    nevertheless = overridden(environment, entries)
    if nevertheless is not None and not counts(nevertheless, access.clock.now()):
        nevertheless = None
    made = Checklist(environment.name, phase, lines, nevertheless if phase is Phase.BEFORE else None)
    access.journal.record(
        Kind.OBSERVATION,
        f"The checklist {phase.value} the rollback: {len(lines) - len(made.missing)} of {len(lines)} items are done.",
        checklist=environment.name,
        phase=phase.value,
        done={line.item.value: line.told for line in lines if line.done},
        missing={line.item.value: line.told for line in made.missing},
    )
    return made


def _line(
    environment: Environment, access: Access, item: Item, check: Check | None, said: Attestation | None
) -> Line:
    evidence = _seen(item, check)
    # The time of the proof is that after the check, which may have taken a while.
    now = access.clock.now()
    good = said if said is not None and counts(said, now) else None
    until = now + timedelta(seconds=environment.checklist.valid_seconds)
    if good is not None and evidence.shown is Shown.OPEN:
        until = min(until, good.expires_at)
    return Line(item, evidence, good, said if good is None else None, now, until)


def _seen(item: Item, check: Check | None) -> Evidence:
    """What the check sees; one that can't look proves nothing and stops nobody."""
    remedy = f'Have somebody attest it, as "{item.value}".'
    if check is None:
        return Evidence(Shown.OPEN, "Nobody has attested it.", remedy)
    try:
        return check()
    except RollbackError as error:
        return Evidence(
            Shown.OPEN, f"It could not be checked: {error.sentence}", f"{error.remedy} {remedy}".strip()
        )
