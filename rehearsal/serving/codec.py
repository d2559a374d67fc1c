"""Values of the stage as JSON, and back: what two processes say to each other of the world.

Plain values are themselves; everything else is an object with a ``$`` that says what it is. Only what is listed here
can cross: a function, a client or a moto model can't, and `Unsendable` says so.
"""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Any, Final

from rehearsal.keys import Keys
from rehearsal.serving.ledger import Entry
from rehearsal.world.look import Answer, Deployment
from rehearsal.world.version import AppVersion, Behaviour, Routes

if TYPE_CHECKING:
    from collections.abc import Callable

KINDS: Final[dict[str, Any]] = {
    kind.__name__: kind for kind in (Answer, AppVersion, Behaviour, Deployment, Entry, Keys, Routes)
}
"""What can cross beside plain values, by its name."""
_KIND: Final = "$"


class Unsendable(TypeError):
    """A value that can't leave its process."""


def encode(value: object) -> object:
    """`value` as what JSON can hold.

    Raises:
        Unsendable: it is, or holds, something that isn't listed in `KINDS`.
    """
    if isinstance(value, Enum):
        return _tagged(value, {"value": value.value})
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, datetime):
        return {_KIND: "datetime", "value": value.isoformat()}
    if is_dataclass(value) and not isinstance(value, type):
        return _tagged(value, {each.name: encode(getattr(value, each.name)) for each in fields(value)})
    return _container(value)


def decode(said: Any) -> Any:
    """The value that was encoded as `said`.

    Raises:
        Unsendable: it is none that this process knows.
    """
    if isinstance(said, list):
        return [decode(each) for each in said]
    if not isinstance(said, dict):
        return said
    kind = said.get(_KIND)
    if kind in _PLAIN:
        return _PLAIN[kind](said["value"])
    if kind not in KINDS:
        raise Unsendable(f"Nothing here is called {kind!r}.")
    if issubclass(KINDS[kind], Enum):
        return KINDS[kind](said["value"])
    return KINDS[kind](**{name: decode(each) for name, each in said.items() if name != _KIND})


_PLAIN: Final[dict[str, Callable[[Any], object]]] = {
    "datetime": datetime.fromisoformat,
    "dict": lambda pairs: {decode(key): decode(each) for key, each in pairs},
    "tuple": lambda items: tuple(decode(each) for each in items),
}


def _container(value: object) -> object:
    if isinstance(value, list):
        return [encode(each) for each in value]
    if isinstance(value, tuple):
        return {_KIND: "tuple", "value": [encode(each) for each in value]}
    if isinstance(value, dict):
        return {_KIND: "dict", "value": [[encode(key), encode(each)] for key, each in value.items()]}
    raise Unsendable(f"A {type(value).__name__} can't leave its process.")


def _tagged(value: object, content: dict[str, object]) -> dict[str, object]:
    name = type(value).__name__
    if KINDS.get(name) is not type(value):
        raise Unsendable(f"A {name} can't leave its process.")
    return {_KIND: name, **content}
