"""Whether a database is where its version table says, told from the schema itself."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rollback.database.schema import Fact, Schema


class State(StrEnum):
    """What comes of comparing the schema with those that the migrations make."""

    SOUND = "sound"
    """It is that of the revision that the version table names."""
    LYING = "the version table lies"
    """It is that of another revision."""
    HALF = "half applied"
    """It has some of what the next revision brings, and not all."""
    DRIFTED = "drifted"
    """Somebody has changed it by hand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Soundness:
    """What was found.

    Attributes:
        state: the verdict.
        named: the revision that the version table names.
        really: of a lying one the revisions whose schema it is, the newest first; of a half-applied one the
            revision before and the one that was begun.
        there: of a half-applied one what it has brought; of a drifted one what there is more than expected.
        missing: what it has not brought; of a drifted one what there is less.
        gone: of a half-applied one what it has taken away.
        left: what it has not taken away.
    """

    state: State
    named: str
    really: tuple[str, ...] = ()
    there: frozenset[Fact] = frozenset()
    missing: frozenset[Fact] = frozenset()
    gone: frozenset[Fact] = frozenset()
    left: frozenset[Fact] = frozenset()


def _without(facts: frozenset[Fact], others: frozenset[Fact]) -> frozenset[Fact]:
    """What is not there any more at all: what has only changed is among the others."""
    changed = {fact.what for fact in others}
    return frozenset(fact for fact in facts if fact.what not in changed)


def same_as(real: Schema, schemas: Mapping[str, Schema]) -> tuple[str, ...]:
    """The revisions whose schema it is, the newest first."""
    return tuple(name for name in reversed(tuple(schemas)) if schemas[name].facts == real.facts)


def soundness(real: Schema, named: str, schemas: Mapping[str, Schema], *, failed: str = "") -> Soundness:
    """Compare a schema with those that the migrations make.

    Args:
        real: what the database has.
        named: the revision that its version table names.
        schemas: what the migrations make, by revision, the oldest first; that of `named` is among them.
        failed: the last of these, where it fails in the middle; the schema is as far as it gets.
    """
    facts = real.facts
    expected = schemas[named].facts
    if facts == expected and named != failed:
        return Soundness(state=State.SOUND, named=named)
    same = tuple(each for each in same_as(real, schemas) if each != failed)
    if same:
        return Soundness(state=State.LYING, named=named, really=same)
    steps = sorted(pairwise(schemas), key=lambda step: step[0] != named)
    for before, after in steps:
        one, other = schemas[before].facts, schemas[after].facts
        if facts - one <= other - one and one - facts <= one - other:
            return Soundness(
                state=State.HALF,
                named=named,
                really=(before, after),
                there=facts - one,
                missing=other - facts,
                gone=_without(one - facts, facts - one),
                left=_without(facts - other, other - facts),
            )
    return Soundness(state=State.DRIFTED, named=named, there=facts - expected, missing=expected - facts)
