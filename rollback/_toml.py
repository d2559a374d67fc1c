"""Reading a TOML file that people write, and telling them in one sentence what is wrong with it."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NoReturn

from rollback._text import printable, quoted
from rollback.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

GUIDE: Final = "docs/configuration.md says what belongs into it."
_LARGEST_FILE: Final = 1_048_576
_LONGEST_SHOWN: Final = 16
_DEEPEST: Final = 20
_LARGEST_SHOWN: Final = 10**15
_KINDS: Final[dict[type, tuple[str, str]]] = {
    str: ("an empty text", "a text"),
    dict: ("an empty table", "a table"),
    list: ("an empty array", "an array"),
}
_BARE_KEY: Final = re.compile(r"[A-Za-z0-9_-]+")
_TOML_PLACE: Final = re.compile(r"\s*\(at (?:line (?P<line>\d+), column \d+|end of document)\)\Z")
_TOML_TWICE: Final = re.compile(r"Cannot declare \('(?P<table>.*?)',?\) twice|Cannot overwrite a value")


@dataclass(frozen=True, slots=True)
class Mistake:
    """One thing that is wrong in the file.

    Attributes:
        where: the key, from the root of the file, as it was written or should have been.
        what: the rest of the sentence, after the key; without a full stop.
        remedy: what to do, as a sentence of its own, where `what` doesn't say it.
    """

    where: tuple[str, ...]
    what: str
    remedy: str = ""


def read(path: Path) -> dict[str, object]:
    """The tables of the TOML file at `path`.

    Raises:
        ConfigurationError: the file isn't there, can't be read, or isn't TOML.
    """
    text = _text(path)
    try:
        tables: dict[str, object] = tomllib.loads(text)
    except tomllib.TOMLDecodeError as exc:
        raise _not_toml(path, text, str(exc)) from None
    except (ValueError, RecursionError):
        # What tomllib lets through: a number of thousands of digits, brackets without end.
        raise _not_a_configuration(path) from None
    if not tables:
        raise ConfigurationError(
            f"{printable(path)} is empty: expected default, [defaults] and [environments.NAME].", remedy=GUIDE
        )
    if _deeper_than(_DEEPEST, tables):
        raise _not_a_configuration(path)
    return tables


def fail(path: Path, mistakes: Sequence[Mistake]) -> NoReturn:
    """Raise the first of `mistakes` as a `ConfigurationError` that says how many more there are."""
    first, *more = mistakes
    others = f" (and {len(more)} more mistake{'s' if len(more) > 1 else ''})" if more else ""
    raise ConfigurationError(
        f"{printable(path)}: {dotted(first.where)} {first.what}{others}.", remedy=first.remedy
    )


def dotted(where: Iterable[str]) -> str:
    """A key as a person looks it up: ``environments.production.url``, quoted where TOML wants it."""
    return ".".join(key if _BARE_KEY.fullmatch(key) else quoted(key) for key in where)


def shown(value: object) -> str:
    """A value as it may be printed: never a long text or one with an ``@``, it might be a secret."""
    if isinstance(value, str) and value:
        short = len(value) <= _LONGEST_SHOWN and "@" not in value
        return quoted(value) if short else f"a text of {len(value)} characters"
    if isinstance(value, int) and abs(value) > _LARGEST_SHOWN:
        return "a very large number"
    if isinstance(value, int | float):
        return str(value).lower()
    empty, full = _KINDS.get(type(value), ("", "a date or time"))
    return full if value else empty


def _text(path: Path) -> str:
    """What the file says, without the byte-order mark that some editors put first."""
    name = printable(path)
    try:
        if path.is_dir():
            raise ConfigurationError(
                f"{name} is a directory: expected a TOML file.", remedy="Name the file inside."
            )
        if path.exists() and not path.is_file():
            raise ConfigurationError(f"{name} is not a regular file: expected a TOML file.", remedy=GUIDE)
        data = path.read_bytes() if path.stat().st_size <= _LARGEST_FILE else None
    except FileNotFoundError:
        raise ConfigurationError(
            f"{name} is not there: expected the TOML file that names the environments.",
            remedy="Start in the directory that has it, or write one: " + GUIDE,
        ) from None
    except (OSError, ValueError) as exc:
        reason = exc.strerror if isinstance(exc, OSError) else "the name is impossible"
        raise ConfigurationError(
            f"{name} can't be read ({reason}): expected a readable TOML file.",
            remedy="Check the path and its permissions.",
        ) from None
    if data is None:
        raise ConfigurationError(
            f"{name} is larger than {_LARGEST_FILE:,} bytes: expected a configuration.", remedy=GUIDE
        )
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as exc:
        line = data.count(b"\n", 0, exc.start) + 1
        raise ConfigurationError(
            f"{name}, line {line}: expected UTF-8 text, not the byte 0x{data[exc.start]:02x}.",
            remedy="Save the file as UTF-8.",
        ) from None


def _not_a_configuration(path: Path) -> ConfigurationError:
    return ConfigurationError(
        f"{printable(path)} has a number that is too long or tables that are nested too deeply.", remedy=GUIDE
    )


def _deeper_than(depth: int, tables: dict[str, object]) -> bool:
    """Whether tables or arrays are nested more than `depth` deep."""
    level: list[object] = [tables]
    for _ in range(depth):
        level = [item for box in level for item in _items(box)]
        if not level:
            return False
    return True


def _items(box: object) -> Iterable[object]:
    if isinstance(box, dict):
        return box.values()
    return box if isinstance(box, list) else ()


def _not_toml(path: Path, text: str, message: str) -> ConfigurationError:
    """What tomllib says, with the line first and its notation for tables put into TOML's own."""
    place = _TOML_PLACE.search(message)
    line = (place and place["line"]) or str(max(1, len(text.splitlines())))
    where = f"{printable(path)}, line {line}"
    reason = _TOML_PLACE.sub("", message)
    if twice := _TOML_TWICE.search(reason):
        table = (twice["table"] or "").replace("', '", ".")
        what = f"the table [{printable(table)}]" if table else "a key"
        return ConfigurationError(f"{where}: {what} is there a second time.", remedy="Keep one of the two.")
    return ConfigurationError(f"{where} is not TOML: {printable(reason[:1].lower() + reason[1:])}.")
