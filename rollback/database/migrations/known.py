"""What each operation of alembic does to the code from before it (alembic's Operation Reference)."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

from rollback.database.migrations.model import Effect, Operation

if TYPE_CHECKING:
    from collections.abc import Mapping

_WIDENS: Final[Mapping[str, str]] = {
    "create_table": "creates the table",
    "create_table_comment": "comments the table",
    "drop_table_comment": "uncomments the table",
    "drop_index": "drops the index",
    "drop_constraint": "drops the constraint",
}
_NARROWS: Final[Mapping[str, str]] = {
    "create_unique_constraint": "adds the unique constraint",
    "create_check_constraint": "adds the check",
    "create_foreign_key": "adds the foreign key",
    "create_primary_key": "adds the primary key",
    "create_exclude_constraint": "adds the exclusion",
}
_LOSES: Final[Mapping[str, str]] = {
    "drop_table": "drops the table",
    "rename_table": "renames the table",
}
IDLE: Final = frozenset({"f", "get_bind", "get_context", "inline_literal", "batch_alter_table"})
"""What changes nothing by itself."""
_COLUMN: Final = "a column"


def operation(name: str, call: ast.Call, *, table: str = "") -> Operation:
    """What the call ``op.<name>(...)`` does.

    Args:
        name: of the operation; ``execute`` is not among those known here.
        call: the call.
        table: that of ``batch_alter_table``, whose operations don't name it again.
    """
    line = call.lineno
    match name:
        case "add_column":
            return _adds(call, table, line)
        case "alter_column":
            return _alters(call, table, line)
        case "create_index":
            return _indexes(call, line)
        case "drop_column":
            where = _dotted(table, call, 0, "column_name")
            return Operation(Effect.DESTRUCTIVE, f"drops the column {where}", line)
        case "bulk_insert":
            return Operation(Effect.DATA, "inserts rows", line)
        case _:
            return _listed(name, call, line)


def _listed(name: str, call: ast.Call, line: int) -> Operation:
    named = _text(call, 0, "constraint_name" if "constraint" in name or "key" in name else "table_name")
    for effect, known in ((Effect.EXPAND, _WIDENS), (Effect.UNKNOWN, _NARROWS), (Effect.DESTRUCTIVE, _LOSES)):
        if what := known.get(name):
            doubt = ", which the old code may not keep to" if effect is Effect.UNKNOWN else ""
            return Operation(effect, f"{what} {named}".rstrip() + doubt, line)
    return Operation(Effect.UNKNOWN, f"does {name}, which is no operation that is known here", line)


def _adds(call: ast.Call, table: str, line: int) -> Operation:
    """A column that may be empty or has a default at the server widens; old code can't fill any other."""
    column = _argument(call, 0 if table else 1, "column")
    if not (isinstance(column, ast.Call) and _last(column.func) == "Column"):
        return Operation(Effect.UNKNOWN, "adds a column that can't be read", line)
    where = f"{table or _text(call, 0, 'table_name')}.{_text(column, 0, 'name') or '?'}"
    if any(keyword.arg is None for keyword in column.keywords):
        return Operation(Effect.UNKNOWN, f"adds the column {where} with options that can't be read", line)
    given = {keyword.arg: keyword.value for keyword in column.keywords}
    if _true(given.get("unique")) or _true(given.get("primary_key")) or _has(column, "ForeignKey"):
        return Operation(
            Effect.UNKNOWN, f"adds the column {where} with a rule that the old code may not keep to", line
        )
    nullable = given.get("nullable")
    default = given.get("server_default")
    filled = (default is not None and not _none(default)) or _has(column, "Computed", "Identity")
    if nullable is None or _true(nullable) or filled:
        return Operation(Effect.EXPAND, f"adds the column {where}", line)
    return Operation(
        Effect.DESTRUCTIVE, f"adds the column {where}, which may not be empty and has no default", line
    )


def _alters(call: ast.Call, table: str, line: int) -> Operation:
    where = _dotted(table, call, 0, "column_name")
    if any(keyword.arg is None for keyword in call.keywords) or len(call.args) > (1 if table else 2):
        return Operation(Effect.UNKNOWN, f"alters the column {where} in a way that can't be read", line)
    given = {keyword.arg: keyword.value for keyword in call.keywords if keyword.arg}
    effect, what = _alteration(given)
    return Operation(effect, what.format(f"the column {where}"), line)


def _alteration(given: Mapping[str, ast.expr]) -> tuple[Effect, str]:
    default = given.get("server_default")
    leftover = set(given) - {"nullable", "server_default", "type_", "comment"} - _EXISTING
    if "new_column_name" in given or "name" in given:
        found = Effect.DESTRUCTIVE, "renames {}"
    elif "nullable" in given and not _true(given["nullable"]):
        found = Effect.DESTRUCTIVE, "lets {} no longer be empty"
    elif default is not None and (_none(default) or _false(default)):
        found = Effect.DESTRUCTIVE, "takes the default of {} away"
    elif "type_" in given and not _longer(given["type_"], given.get("existing_type")):
        found = Effect.UNKNOWN, "changes the type of {}"
    elif leftover:
        found = Effect.UNKNOWN, f"alters {', '.join(sorted(leftover))} of {{}}"
    else:
        found = Effect.EXPAND, "widens {}"
    return found


_EXISTING: Final = frozenset(
    {
        "existing_type",
        "existing_server_default",
        "existing_nullable",
        "existing_comment",
        "schema",
        "table_name",
    }
    | {"column_name", "existing_autoincrement"}
)


def _indexes(call: ast.Call, line: int) -> Operation:
    name = _text(call, 0, "index_name")
    given = {keyword.arg: keyword.value for keyword in call.keywords}
    if None in given or not (given.get("unique") is None or _false(given["unique"])):
        return Operation(
            Effect.UNKNOWN, f"creates the unique index {name}, which the old code may not keep to", line
        )
    return Operation(Effect.EXPAND, f"creates the index {name}".rstrip(), line)


def _longer(new: ast.expr, old: ast.expr | None) -> bool:
    """Whether a text column only gets longer: from a length to a greater one, or to none."""
    before, after = _length(old), _length(new)
    if before is None or after is None:
        return False
    return after == 0 or 0 < before <= after


def _length(column_type: ast.expr | None) -> int | None:
    """The length of a type of text, 0 where it has none; None for any other type."""
    name = _last(column_type.func if isinstance(column_type, ast.Call) else column_type)
    if name in {"Text", "UnicodeText", "TEXT"}:
        return 0
    if name not in {"String", "Unicode", "VARCHAR"}:
        return None
    if not isinstance(column_type, ast.Call):
        return 0
    length = _argument(column_type, 0, "length")
    if length is None or _none(length):
        return 0
    return length.value if isinstance(length, ast.Constant) and isinstance(length.value, int) else None


def _dotted(table: str, call: ast.Call, at: int, keyword: str) -> str:
    column = _text(call, at if table else at + 1, keyword) or _COLUMN
    owner = table or _text(call, at, "table_name") or "?"
    return f"{owner}.{column}" if column != _COLUMN else f"{owner}.?"


def _argument(call: ast.Call, at: int, keyword: str) -> ast.expr | None:
    if at < len(call.args):
        return call.args[at]
    return next((each.value for each in call.keywords if each.arg == keyword), None)


def _text(call: ast.Call, at: int, keyword: str) -> str:
    """A name that is written as it is, perhaps within ``op.f()``; empty where it isn't."""
    found = _argument(call, at, keyword)
    if isinstance(found, ast.Call) and _last(found.func) == "f" and found.args:
        found = found.args[0]
    return found.value if isinstance(found, ast.Constant) and isinstance(found.value, str) else ""


def _last(expression: ast.expr | None) -> str:
    """The last name of ``a.b.c``."""
    if isinstance(expression, ast.Attribute):
        return expression.attr
    return expression.id if isinstance(expression, ast.Name) else ""


def _has(call: ast.Call, *names: str) -> bool:
    return any(isinstance(each, ast.Call) and _last(each.func) in names for each in call.args)


def _true(expression: ast.expr | None) -> bool:
    return isinstance(expression, ast.Constant) and expression.value is True


def _false(expression: ast.expr | None) -> bool:
    return isinstance(expression, ast.Constant) and expression.value is False


def _none(expression: ast.expr | None) -> bool:
    return isinstance(expression, ast.Constant) and expression.value is None
