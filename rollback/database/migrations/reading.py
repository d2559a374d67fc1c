"""Reading a revision file of alembic by its syntax tree; nothing in it is ever run."""

from __future__ import annotations

import ast
import re
import warnings
from typing import TYPE_CHECKING, Final

from rollback._text import printable
from rollback.database.migrations.model import Head, Migration, Unreadable
from rollback.database.migrations.upgrade import operations

if TYPE_CHECKING:
    from collections.abc import Mapping

LARGEST: Final = 1_000_000
"""Bytes of a file beyond which it isn't read."""
_ASKED: Final = frozenset({"revision", "down_revision", "depends_on"})


_DEFINED: Final = re.compile(rb"^(?:def|class|async|@)", re.MULTILINE)
_ASSIGNED: Final = re.compile(rb"^(?:revision|down_revision|depends_on)\b", re.MULTILINE)


def read_head(path: str, content: bytes) -> Head | Unreadable:
    """Which revision the file at `path` holds and what it stands on; it never raises.

    Source: alembic, "Script Directory": the variables ``revision``, ``down_revision`` and ``depends_on``.
    """
    if len(content) > LARGEST:
        return Unreadable(path, f"It has {len(content):,} bytes.")
    defined = _DEFINED.search(content)
    if defined and not _ASSIGNED.search(content, defined.start()):
        # What stands before the first function is enough, and a tenth of the work.
        module = _parsed(path, content[: defined.start()])
        if isinstance(module, ast.Module):
            return _head(path, module)
    module = _parsed(path, content)
    return module if isinstance(module, Unreadable) else _head(path, module)


def read(path: str, content: bytes) -> Migration | Unreadable:
    """All that the revision file at `path` says, what its ``upgrade`` does with it; it never raises."""
    head = read_head(path, content)
    if isinstance(head, Unreadable):
        return head
    module = _parsed(path, content)
    if isinstance(module, Unreadable):
        return module
    try:
        done = operations(module)
    except RecursionError:
        return Unreadable(path, "It is nested too deeply.")
    if done is None:
        return Unreadable(path, f"The revision {printable(head.revision)} has no upgrade.")
    return Migration(head=head, operations=done)


def _parsed(path: str, content: bytes) -> ast.Module | Unreadable:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of a team's own escapes in a string
            return ast.parse(content)
    except (SyntaxError, ValueError, UnicodeError) as error:
        line = getattr(error, "lineno", None)
        return Unreadable(path, f"It is no Python{f', see its line {line}' if line else ''}.")
    except (RecursionError, MemoryError):
        return Unreadable(path, "It is nested too deeply.")


def _head(path: str, module: ast.Module) -> Head | Unreadable:
    given = _given(module)
    if "revision" not in given:
        return Unreadable(path, "It names no revision.")
    revision = _text(given["revision"])
    if not revision:
        return Unreadable(path, "Its revision isn't written as a text.")
    down = _texts(given.get("down_revision"))
    depends = _texts(given.get("depends_on"))
    if down is None or depends is None:
        return Unreadable(path, f"What the revision {printable(revision)} stands on isn't written as a text.")
    return Head(path=path, revision=revision, down=down, depends=depends)


def _given(module: ast.Module) -> Mapping[str, ast.expr]:
    """The variables that alembic asks for, the last value of each."""
    given = {}
    for statement in module.body:
        match statement:
            case ast.Assign(targets=targets, value=value):
                names = [target.id for target in targets if isinstance(target, ast.Name)]
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                names = [name]
            case _:
                continue
        given.update({name: value for name in names if name in _ASKED})
    return given


def _text(value: ast.expr) -> str:
    return value.value if isinstance(value, ast.Constant) and isinstance(value.value, str) else ""


def _texts(value: ast.expr | None) -> tuple[str, ...] | None:
    """None or one or several texts; None where it is anything else."""
    if value is None or (isinstance(value, ast.Constant) and value.value is None):
        return ()
    if isinstance(value, (ast.Tuple, ast.List)):
        texts = tuple(_text(each) for each in value.elts)
        return texts if all(texts) else None
    text = _text(value)
    return (text,) if text else None


def same_upgrade(one: bytes, other: bytes) -> bool:
    """Whether two files do the same on the way up, whatever they say in comments and on the way down."""
    modules = (_parsed("", one), _parsed("", other))
    first, second = (_upward(each) if isinstance(each, ast.Module) else each for each in modules)
    return isinstance(first, str) and first == second


def _upward(module: ast.Module) -> str:
    kept = [
        each
        for each in module.body
        if not (isinstance(each, ast.FunctionDef) and each.name == "downgrade")
        and not (isinstance(each, ast.Expr) and isinstance(each.value, ast.Constant))
    ]
    return ast.dump(ast.Module(body=kept, type_ignores=[]))
