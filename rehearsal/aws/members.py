"""How moto finds the members of an answer in what a backend returns: as ever, but looked up once.

For each member of each answer moto asks six providers of aliases under which names it may stand, and transforms each
of these names. That depends on the type of what is returned and on the API's description alone, and took a quarter of
a call of the stage.
"""

from __future__ import annotations

import functools
from typing import Any, Final

from moto.core import serialize
from moto.core.utils import get_value

_serializer: Any = serialize.ResponseSerializer
_Context: Any = serialize.AttributePickerContext
_missing: Final = object()
_places: Final[dict[tuple[type, str, Any, Any], tuple[tuple[str, ...], bool]]] = {}
"""The names under which a member may stand, and whether they are plain keys of a dict: by the type of what is looked
into, the member, its description and that of what it belongs to, which live as long as the process."""
_by_moto: Final = _serializer.get_value


def remember() -> None:
    """Have moto's serializers look up once in a process where a member may stand. Doing it again does nothing."""
    _serializer.get_value = _value


def _value(self: Any, value: Any, key: str, shape: Any) -> Any:
    """The member `key` of `value`, or None."""
    picker = self._value_picker
    if type(picker) is not serialize.XFormedAttributePicker or _may_change(picker.response_transformers, key):
        return _by_moto(self, value, key, shape)
    which = type(value), key, shape, getattr(shape, "parent", None)
    names, plain = _places.get(which) or _looked_up(picker, value, which)
    if plain:
        for name in names:
            if (found := value.get(name, _missing)) is not _missing:
                return found
        return None
    for name in names:
        if (found := get_value(value, name, _missing)) is not _missing:
            return found
    return None


def _may_change(transformers: Any, key: str) -> bool:
    """Whether one of a service's response transformers may be for a member of this name, wherever it is."""
    return bool(transformers) and _named(tuple(transformers), key)


@functools.cache
def _named(paths: tuple[str, ...], key: str) -> bool:
    return any(key.endswith(path.rpartition(".")[2]) for path in paths)


def _looked_up(picker: Any, value: Any, which: tuple[type, str, Any, Any]) -> tuple[tuple[str, ...], bool]:
    kind, key, shape, _ = which
    names = tuple(dict.fromkeys(picker.get_possible_keys(_Context(obj=value, key=key, shape=shape))))
    found = names, kind is dict and not any("." in name for name in names)
    if "Meta" not in getattr(value, "__dict__", ()):  # its own aliases, and not its class's
        _places[which] = found
    return found
