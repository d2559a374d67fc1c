"""As much of Terraform's configuration language as it takes to see which blocks there are and what protects them.

Terraform itself reads the configuration; this only looks at text, to tell what a plan can't: what two commits say
of `prevent_destroy`, and which directories a root module is made of.
"""

from __future__ import annotations

import itertools
import json
import posixpath
import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rollback.git import File

ENDINGS: Final = (".tf", ".tf.json")
_TOKEN: Final = re.compile(
    r"(?P<comment>\#[^\n]*|//[^\n]*|/\*.*?\*/)"
    r"|<<-?(?P<mark>[A-Za-z_][\w-]*)\n.*?^[ \t]*(?P=mark)[ \t]*$"
    r'|(?P<string>")'
    r"|(?P<open>\{)|(?P<close>\})|(?P<equals>=(?!=))|(?P<word>[A-Za-z_][\w-]*)|(?P<line>\n)|.",
    re.DOTALL | re.MULTILINE,
)
_RESOURCE: Final = ("resource", 2)
_MODULE: Final = ("module", 1)
_DEEPEST: Final = 20


@dataclass(frozen=True, slots=True)
class Block:
    """A block at the top of a file.

    Attributes:
        kind: as ``resource``.
        labels: as ``("aws_db_instance", "orders")``.
        source: the literal text of its argument `source`, or nothing.
        protected: whether it has a `lifecycle` with ``prevent_destroy = true``.
    """

    kind: str
    labels: tuple[str, ...]
    source: str = ""
    protected: bool = False


@dataclass(frozen=True, slots=True)
class Configuration:
    """What a root module is made of.

    Attributes:
        directories: those of all its modules, its own first; of local ones only.
        resources: every resource by its address without keys, and whether it is protected.
        local: whether all of its modules are in the repository.
    """

    directories: tuple[str, ...]
    resources: dict[str, bool]
    local: bool

    @property
    def protected(self) -> frozenset[str]:
        """The addresses, without keys, that `prevent_destroy` protects."""
        return frozenset(address for address, protected in self.resources.items() if protected)

    def uses(self, path: str) -> bool:
        """Whether a file belongs to it: to one of its directories, or to what is below them."""
        return any(path.startswith(f"{directory}/") for directory in self.directories)


def read(files: Iterable[File], root: str) -> Configuration:
    """What the root module in the directory `root` is made of."""
    by_directory: dict[str, list[Block]] = defaultdict(list)
    for file in files:
        if file.path.endswith(ENDINGS) and not file.is_link:
            text = file.content.decode(errors="replace")
            found = _of_json(text) if file.path.endswith(".json") else blocks(text)
            by_directory[posixpath.dirname(file.path)] += found
    directories: dict[str, None] = {}
    resources: dict[str, bool] = {}
    local = True
    waiting = [(root, "", 0)]
    while waiting:
        directory, prefix, depth = waiting.pop()
        directories[directory] = None
        for block in by_directory[directory]:
            if (block.kind, len(block.labels)) == _RESOURCE:
                address = f"{prefix}{'.'.join(block.labels)}"
                resources[address] = resources.get(address, False) or block.protected
            elif (block.kind, len(block.labels)) == _MODULE:
                if not block.source.startswith(("./", "../")) or depth >= _DEEPEST:
                    local = False
                    continue
                there = posixpath.normpath(posixpath.join(directory, block.source))
                waiting.append((there, f"{prefix}module.{block.labels[0]}.", depth + 1))
    return Configuration(tuple(directories), resources, local)


def blocks(text: str) -> tuple[Block, ...]:
    """The blocks at the top of a file, in their order."""
    return _Reader().read(list(_tokens(text)))


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    at = 0
    while match := _TOKEN.match(text, at):
        at = match.end()
        if match.lastgroup == "string":
            at = _end_of_string(text, at)
            yield "string", text[match.start() : at]
        elif match.lastgroup in {"open", "close", "equals", "word", "line"}:
            yield match.lastgroup, match[0]


def _end_of_string(text: str, at: int) -> int:
    """Where the string ends that begins before `at`; an interpolation in it may hold strings and braces of its own."""
    inside: list[str] = ['"']
    while inside and at < len(text):
        two, one = text[at : at + 2], text[at]
        at += 1
        if inside[-1] == '"':
            if one == "\\":
                at += 1
            elif text[at - 1 : at + 2] in {"$${", "%%{"}:
                at += 2
            elif two in {"${", "%{"}:
                inside.append("}")
                at += 1
            elif one == '"':
                inside.pop()
        elif one == '"':
            inside.append('"')
        elif one == "{":
            inside.append("}")
        elif one == "}":
            inside.pop()
    return at


class _Reader:
    """Follows the braces of a file; what a line begins with, at a depth of 0, opens a block."""

    def __init__(self) -> None:
        self.found: list[Block] = []
        self._stack: list[str] = []
        self._line: list[str] = []
        self._header: tuple[str, ...] = ()
        self._source = ""
        self._protected = False

    def read(self, tokens: list[tuple[str, str]]) -> tuple[Block, ...]:
        for (part, text), (next_part, next_text) in itertools.pairwise([*tokens, ("", "")]):
            if part == "string":
                self._line.append(text[1:-1])
                continue
            if part == "word":
                self._line.append(text)
                continue
            if part == "open":
                self._open()
            elif part == "close":
                self._close()
            elif part == "equals" and self._line:
                self._argument(self._line[-1], next_part, next_text)
            self._line = []
        return tuple(self.found)

    def _open(self) -> None:
        if not self._stack:
            self._header, self._source, self._protected = tuple(self._line), "", False
        self._stack.append(self._line[0] if self._line else "")

    def _close(self) -> None:
        if self._stack:
            self._stack.pop()
            if not self._stack and self._header:
                kind, *labels = self._header
                self.found.append(Block(kind, tuple(labels), self._source, self._protected))

    def _argument(self, name: str, part: str, value: str) -> None:
        if self._stack[1:] == ["lifecycle"] and name == "prevent_destroy" and value == "true":
            self._protected = True
        if len(self._stack) == 1 and name == "source" and part == "string":
            self._source = value[1:-1]


def _of_json(text: str) -> list[Block]:
    """The same of the JSON syntax (Terraform's documentation, "JSON Configuration Syntax")."""
    try:
        whole = json.loads(text)
    except ValueError:
        return []
    found = []
    for kind, labels, body in _bodies(whole):
        lifecycle = _first(body.get("lifecycle"))
        source = body.get("source")
        found.append(
            Block(
                kind,
                labels,
                source if isinstance(source, str) else "",
                lifecycle.get("prevent_destroy") is True,
            )
        )
    return found


def _bodies(whole: Any) -> Iterator[tuple[str, tuple[str, ...], dict[str, Any]]]:
    for section in whole if isinstance(whole, list) else [whole]:
        if not isinstance(section, dict):
            continue
        for name, body in _members(section.get("module")):
            yield "module", (name,), _first(body)
        for kind, named in _members(section.get("resource")):
            for name, body in _members(named):
                yield "resource", (kind, name), _first(body)


def _members(value: Any) -> Iterator[tuple[str, Any]]:
    for each in value if isinstance(value, list) else [value]:
        if isinstance(each, dict):
            yield from each.items()


def _first(value: Any) -> dict[str, Any]:
    found = value[0] if isinstance(value, list) and value else value
    return found if isinstance(found, dict) else {}


def without_keys(address: str) -> str:
    """An address as the configuration has it: ``module.a["x"].t.n[0]`` is of ``module.a.t.n``."""
    return re.sub(r"\[(?:\d+|\"(?:\\.|[^\"\\])*\")\]", "", address)
