"""What every endpoint works with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from rehearsal.clock import VirtualClock
    from rehearsal.origin.github.logs import Logs
    from rehearsal.origin.github.reading import Reader
    from rehearsal.origin.github.rendering.place import Place
    from rehearsal.origin.github.store import Pull, Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Merge:
    """How somebody merges a pull request.

    Attributes:
        pull: which one.
        method: ``merge``, ``squash`` or ``rebase``.
        subject: the first line of the message.
        body: the rest of it.
        by: the login of who merges.
    """

    pull: Pull
    method: str
    subject: str
    body: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """What every endpoint works with.

    Attributes:
        opened: told of each pull request that was opened.
        merge: merges a pull request to its base branch and returns the commit that this made.
        tried: the pairs of base and head of which GitHub has found out by now whether they merge.
    """

    store: Store
    clock: VirtualClock
    reader: Reader
    place: Place
    logs: Logs
    opened: Callable[[Pull], None]
    merge: Callable[[Merge], str]
    tried: set[tuple[str, str]]
