"""Expressions in workflow files, ``${{ ... }}``, as far as deployments use them.

Source: GitHub Docs, "Evaluate expressions in workflows and actions". What isn't known here is refused: a workflow
that was read otherwise than GitHub reads it would rehearse something else.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Value: TypeAlias = str | float | bool | None

_PLACE: Final = re.compile(r"\$\{\{(?P<inside>(?:'[^']*'|.)*?)\}\}", re.DOTALL)
_TOKEN: Final = re.compile(
    r"\s*(?:(?P<string>'(?:[^']|'')*')|(?P<number>-?\d+(?:\.\d+)?)|(?P<sign>&&|\|\||==|!=|[!(),])"
    r"|(?P<name>[A-Za-z_][\w-]*(?:\.[A-Za-z_][\w-]*)*))"
)
_WORDS: Final[Mapping[str, Value]] = {"true": True, "false": False, "null": None}


class Unrehearsed(Exception):
    """The workflow asks for something that GitHub may know and the rehearsed pipeline doesn't."""


def fill(text: str, context: Mapping[str, str]) -> str:
    """`text` with its expressions replaced by their values.

    Args:
        text: any text.
        context: the values by their whole names, as ``github.ref_name``.

    Raises:
        Unrehearsed: an expression has something in it that isn't known here.
    """
    return _PLACE.sub(lambda found: _shown(evaluate(found["inside"], context)), text)


def masked(text: str, context: Mapping[str, str]) -> str:
    """`text` as GitHub shows it: filled, but for what is secret; so is all here that isn't known."""
    return _PLACE.sub(lambda found: _shown(_evaluated_or(found["inside"], context, "***")), text)


def _evaluated_or(expression: str, context: Mapping[str, str], otherwise: str) -> Value:
    try:
        return evaluate(expression, context)
    except Unrehearsed:
        return otherwise


def evaluate(expression: str, context: Mapping[str, str]) -> Value:
    """The value of `expression`, written without its braces.

    Raises:
        Unrehearsed: it has something in it that isn't known here.
    """
    return _Reader(expression, context).read()


def true(value: Value) -> bool:
    """Whether GitHub takes `value` for true."""
    return bool(value)


def _shown(value: Value) -> str:
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case float():
            return f"{value:g}"
        case _:
            return value


def _same(left: Value, right: Value) -> bool:
    """Strings are compared without regard to case; of different types none equals another, but by its number."""
    if isinstance(left, str) and isinstance(right, str):
        return left.casefold() == right.casefold()
    return _number(left) == _number(right)


def _number(value: Value) -> float:
    if not isinstance(value, str):
        return float(value or 0)
    try:
        return float(value or 0)
    except ValueError:
        return float("nan")


_FUNCTIONS: Final[Mapping[str, Callable[[str, str], bool]]] = {
    "contains": lambda text, part: part in text,
    "startswith": lambda text, part: text.startswith(part),
    "endswith": lambda text, part: text.endswith(part),
}


class _Reader:
    """Reads an expression from left to right, and evaluates it on the way."""

    def __init__(self, expression: str, context: Mapping[str, str]) -> None:
        self._expression = expression.strip()
        self._context = context
        self._tokens: list[tuple[str, str]] = []
        at = 0
        while at < len(self._expression):
            token = _TOKEN.match(self._expression, at)
            if token is None or token.lastgroup is None:
                raise self._unknown(self._expression[at:])
            self._tokens.append((token.lastgroup, token[token.lastgroup]))
            at = token.end()

    def read(self) -> Value:
        value = self._either()
        if self._tokens:
            raise self._unknown(self._tokens[0][1])
        return value

    def _either(self) -> Value:
        value = self._both()
        while self._takes("||"):
            other = self._both()
            value = value or other
        return value

    def _both(self) -> Value:
        value = self._compared()
        while self._takes("&&"):
            other = self._compared()
            value = value and other
        return value

    def _compared(self) -> Value:
        value = self._single()
        while True:
            if self._takes("=="):
                value = _same(value, self._single())
            elif self._takes("!="):
                value = not _same(value, self._single())
            else:
                return value

    def _single(self) -> Value:
        if self._takes("!"):
            return not self._single()
        if self._takes("("):
            value = self._either()
            self._require(")")
            return value
        kind, text = self._tokens.pop(0) if self._tokens else ("end", "the end")
        match kind:
            case "string":
                return text[1:-1].replace("''", "'")
            case "number":
                return float(text)
            case "name":
                return self._named(text)
        raise self._unknown(text)

    def _named(self, name: str) -> Value:
        if name.lower() in _FUNCTIONS and self._takes("("):
            text = self._either()
            self._require(",")
            part = self._either()
            self._require(")")
            return _FUNCTIONS[name.lower()](_shown(text).casefold(), _shown(part).casefold())
        if name in _WORDS:
            return _WORDS[name]
        if name.lower() in self._context:
            return self._context[name.lower()]
        raise self._unknown(name)

    def _takes(self, sign: str) -> bool:
        if self._tokens and self._tokens[0] == ("sign", sign):
            del self._tokens[0]
            return True
        return False

    def _require(self, sign: str) -> None:
        if not self._takes(sign):
            raise self._unknown(self._tokens[0][1] if self._tokens else "the end")

    def _unknown(self, what: str) -> Unrehearsed:
        return Unrehearsed(
            f"The rehearsed pipeline doesn't know what {what.strip()!r} means in the expression {self._expression!r}."
        )
