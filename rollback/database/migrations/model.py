"""What a migration says of itself, and what its operations do to the code from before it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Effect(StrEnum):
    """What an operation means for the code that ran before it."""

    EXPAND = "expand"
    """The schema only gains: the old code doesn't notice."""
    DATA = "data"
    """Rows are changed; the schema is as it was."""
    DESTRUCTIVE = "destructive"
    """Something is gone, or no longer as the old code needs it."""
    UNKNOWN = "unknown"
    """It can't be told from reading."""

    @property
    def safe(self) -> bool:
        """Whether the old code runs on the schema after it."""
        return self in {Effect.EXPAND, Effect.DATA}


_WEIGHTS = (Effect.EXPAND, Effect.DATA, Effect.UNKNOWN, Effect.DESTRUCTIVE)


def worst(effects: tuple[Effect, ...]) -> Effect:
    """The one that weighs most; of none, `Effect.EXPAND`."""
    return max(effects, key=_WEIGHTS.index, default=Effect.EXPAND)


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing that a migration does.

    Attributes:
        effect: what it means for the old code.
        what: in words that follow "it", as ``drops the column orders.note``.
        line: where it stands in the file.
    """

    effect: Effect
    what: str
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What a revision file of alembic says of its place.

    Attributes:
        path: from the root of the repository.
        revision: its identifier.
        down: what it stands on: none for a first one, several for a merge.
        depends: other revisions that must have been applied before it.
    """

    path: str
    revision: str
    down: tuple[str, ...] = ()
    depends: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Migration:
    """A revision of the schema.

    Attributes:
        head: what it is and where it stands.
        operations: what ``upgrade`` does, in the order of the file.
    """

    head: Head
    operations: tuple[Operation, ...] = ()

    @property
    def effect(self) -> Effect:
        """What all its operations together mean for the old code."""
        return worst(tuple(operation.effect for operation in self.operations))

    @property
    def weighing(self) -> tuple[Operation, ...]:
        """The operations that make it what it is."""
        return tuple(operation for operation in self.operations if operation.effect is self.effect)


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A file that should be a migration, and of which it can't be told what it does.

    Attributes:
        path: from the root of the repository.
        why: a sentence without the file's name, as ``It names no revision.``
    """

    path: str
    why: str
