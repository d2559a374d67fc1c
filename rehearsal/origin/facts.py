"""What is known of objects by their names: a name stands for the same content in whichever repository it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

T = TypeVar("T")

_MOST: Final = 20_000
"""Facts that are kept: some hundred bytes each, and a thousand rehearsals of one past share them."""
_FACTS: dict[Hashable, object] = {}


def once(asked: Hashable, read: Callable[[], T]) -> T:
    """What was read for the same question before, of whichever repository; `read` is called where it is the first.

    Args:
        asked: the question; it must name objects by nothing but their whole names, and nobody may ask it of a
            repository that hasn't got them.
        read: asks git.
    """
    if asked not in _FACTS:
        found = read()
        if len(_FACTS) >= _MOST:
            _FACTS.clear()
        _FACTS[asked] = found
        return found
    return cast("T", _FACTS[asked])
