"""What every endpoint works with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from rehearsal.clock import VirtualClock
    from rehearsal.origin.github.logs import Logs
    from rehearsal.origin.github.reading import Reader
    from rehearsal.origin.github.rendering.place import Place
    from rehearsal.origin.github.store import Pull, Store


class Merger(Protocol):
    """Merges a pull request, as its button does."""

    def __call__(self, pull: Pull, by: str, *, how: str) -> str:
        """Merge `pull` by ``merge`` or ``squash`` in the name of `by`; returns the commit on its base branch."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """What every endpoint works with.

    Attributes:
        opened: told of each pull request that was opened.
        merged: merges a pull request.
        tried: the pairs of base and head of which GitHub has found out by now whether they merge.
    """

    store: Store
    clock: VirtualClock
    reader: Reader
    place: Place
    logs: Logs
    opened: Callable[[Pull], None]
    merged: Merger
    tried: set[tuple[str, str]]
