"""Laying an environment's tables over the defaults, and tracing a mistake to the place it was written at."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pydantic import BaseModel, ValidationError

from rollback._settings import Settings
from rollback._text import quoted, suggestion
from rollback._toml import Mistake, shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from pydantic_core import ErrorDetails

_PLACEHOLDER: Final = re.compile(r"\{(environment|short)\}")
_ANY_PLACEHOLDER: Final = re.compile(r"\{[^{}]*\}|[{}]")
CARRIED: Final = ("rehearsal", "report")
"""The tables of another room, which are carried to it and not looked into."""


@dataclass(frozen=True, slots=True)
class Layers:
    """The table of one environment, and the defaults under it, as they were written.

    Attributes:
        name: the environment's name, which is the key of its table.
        own: its own table.
        defaults: the table ``[defaults]``.
    """

    name: str
    own: Mapping[str, object]
    defaults: Mapping[str, object]

    def settings(self) -> tuple[Settings | None, list[Mistake]]:
        """What they say together, or what is wrong with it."""
        table = _merged(self.defaults, self.own)
        short = _filled(table.get("short"), {"environment": self.name})
        usable = isinstance(short, str) and not _ANY_PLACEHOLDER.search(short)
        words = {"environment": self.name, "short": str(short) if usable else self.name}
        table = {key: short if key == "short" else _filled(value, words) for key, value in table.items()}
        if mistakes := _left_to_fill(table):
            return None, [Mistake(self._origin(m.where), m.what) for m in mistakes]
        try:
            return Settings.model_validate(table), []
        except ValidationError as exc:
            # A misspelt key is an unknown one and a missing one: the first says more.
            errors = sorted(exc.errors(include_url=False), key=lambda e: e["type"] != "extra_forbidden")
            return None, [self._mistake(error) for error in errors]

    def _mistake(self, error: ErrorDetails) -> Mistake:
        where = tuple(str(part) for part in error["loc"])
        origin = self._origin(where)
        mistake = mistake_of(Settings, error, where=origin)
        if error["type"] == "missing" and origin[0] != "defaults":
            return Mistake(origin, mistake.what, "Write it there or in [defaults].")
        if origin[0] == "defaults" and isinstance(text := _at(self.defaults, where), str):
            hint = f" as filled in for {self.name}" if _PLACEHOLDER.search(text) else ""
            return Mistake(origin, mistake.what + hint, mistake.remedy)
        return mistake

    def _origin(self, where: tuple[str, ...]) -> tuple[str, ...]:
        """Where the key was written; for a missing one, the table that lacks it."""
        if _at(self.own, where) is None:
            table = where[:-1]
            inherited = bool(table) and _at(self.own, table) is None and _at(self.defaults, table) is not None
            if inherited or _at(self.defaults, where) is not None:
                return ("defaults", *where)
        return ("environments", self.name, *where)


def mistakes_in(defaults: Mapping[str, object]) -> list[Mistake]:
    """What is wrong in the defaults whatever is filled in, even where every environment says otherwise."""
    filled = {
        key: _filled(value, dict.fromkeys(("environment", "short"), "")) for key, value in defaults.items()
    }
    mistakes = _left_to_fill(filled)
    try:
        Settings.model_validate(defaults)
    except ValidationError as exc:
        for error in exc.errors(include_url=False):
            pattern = any(_ANY_PLACEHOLDER.search(text) for _, text in _texts({"": error["input"]}))
            if error["type"] != "missing" and not pattern:
                where = tuple(str(part) for part in error["loc"])
                mistakes.append(mistake_of(Settings, error, where=where))
    return [Mistake(("defaults", *m.where), m.what, m.remedy) for m in mistakes]


def mistake_of(model: type[BaseModel], error: ErrorDetails, *, where: tuple[str, ...]) -> Mistake:
    """What pydantic found against `model`, as a person says it.

    Args:
        model: what the table was held against.
        error: one of pydantic's.
        where: the key to name in the sentence.
    """
    path = tuple(str(part) for part in error["loc"])
    match error["type"]:
        case "extra_forbidden":
            known = list(_model_at(model, path[:-1]).model_fields)
            nearest = suggestion(path[-1], known) or f"Known here are {', '.join(known)}."
            return Mistake(where, "is not a known key", nearest)
        case "missing":
            return Mistake(where, f"is missing; it must be {_expected(model, path)}")
        case "order":
            return Mistake(where, f"must be {error['msg']}, not {shown(error['input'])}")
        case _:
            return Mistake(where, f"must be {_expected(model, path)}, not {shown(error['input'])}")


def _model_at(model: type[BaseModel], path: tuple[str, ...]) -> type[BaseModel]:
    """The model of the table at `path`."""
    for key in path:
        table: Any = model.model_fields[key].annotation
        model = table
    return model


def _expected(model: type[BaseModel], path: tuple[str, ...]) -> str:
    """What the field at `path` says of itself; what lies deeper than the models go is a table."""
    for key in path[:-1]:
        table: Any = model.model_fields[key].annotation
        if not (isinstance(table, type) and issubclass(table, BaseModel)):
            return "a table"
        model = table
    return model.model_fields[path[-1]].description or "a table"


def _left_to_fill(table: Mapping[str, object]) -> list[Mistake]:
    """The placeholders that nobody has filled in; what belongs to another room may hold any."""
    mistakes = []
    for where, text in _texts({key: value for key, value in table.items() if key not in CARRIED}):
        if found := _ANY_PLACEHOLDER.search(text):
            known = "{environment}" if where == ("short",) else "{environment} and {short}"
            mistakes.append(Mistake(where, f"may hold only {known} to be filled in, not {quoted(found[0])}"))
    return mistakes


def _merged(under: Mapping[str, object], over: Mapping[str, object]) -> dict[str, object]:
    """`over` laid upon `under`: tables are merged, everything else is replaced."""
    merged = dict(under)
    for key, value in over.items():
        below = merged.get(key)
        merged[key] = _merged(below, value) if isinstance(below, dict) and isinstance(value, dict) else value
    return merged


def _filled(value: object, words: Mapping[str, str]) -> object:
    """`value` with the placeholders in its texts, at any depth, replaced by `words`."""
    match value:
        case str():
            return _PLACEHOLDER.sub(lambda found: words.get(found[1], found[0]), value)
        case dict():
            return {key: _filled(item, words) for key, item in value.items()}
        case list():
            return [_filled(item, words) for item in value]
        case _:
            return value


def _texts(table: Mapping[str, object], *above: str) -> Iterator[tuple[tuple[str, ...], str]]:
    """Every text in `table`, its lists and the tables below it, with its key."""
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _texts(value, *above, key)
        for text in value if isinstance(value, list) else [value]:
            if isinstance(text, str):
                yield (*above, key), text


def _at(table: Mapping[str, object], where: tuple[str, ...]) -> object:
    """What `table` holds at `where`, or None; TOML has no null."""
    found: object = table
    for key in where:
        found = found.get(key) if isinstance(found, dict) else None
    return found
