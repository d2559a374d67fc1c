"""What a migration's ``upgrade`` does, read from its syntax tree and never run."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from rollback.database.migrations import known
from rollback.database.migrations.model import Effect, Operation
from rollback.database.migrations.statements import read_sql

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_PACKAGES: Final = frozenset({"sqlalchemy", "sqlmodel", "geoalchemy2", "pgvector"})
"""Whose calls only describe: types, columns, expressions."""
_PURE: Final = frozenset(
    {
        "str",
        "int",
        "len",
        "list",
        "tuple",
        "dict",
        "set",
        "range",
        "zip",
        "enumerate",
        "sorted",
        "bool",
        "print",
    }
    | {"isinstance", "super", "min", "max"}
)
_WRITES: Final = frozenset({"update", "insert", "delete"})
_ENGINES: Final = frozenset(
    {"Session", "create_engine", "sessionmaker", "drop", "drop_all", "execute", "connect", "begin", "commit"}
)
"""What of these packages reaches the database by itself, and may do anything there."""
_HARMLESS_WITH_A_BIND: Final = frozenset({"create", "create_all", "inspect"})
_EXECUTES: Final = frozenset({"execute", "scalar", "scalars", "exec_driver_sql"})
_RESULTS: Final = frozenset(
    {"fetchall", "fetchone", "fetchmany", "scalar", "scalars", "scalar_one", "scalar_one_or_none"}
    | {"all", "first", "one", "one_or_none", "mappings", "keys"}
)


_DEFINITIONS: Final = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


@dataclass(slots=True)
class _Reader:
    """Where names lead while a file is read."""

    functions: Mapping[str, ast.FunctionDef]
    constants: dict[str, ast.expr]
    op: set[str]
    describing: set[str]
    binds: set[str] = field(default_factory=set)
    batches: dict[str, str] = field(default_factory=dict)
    inside: list[str] = field(default_factory=list)

    def body(self, statements: list[ast.stmt]) -> Iterator[Operation]:
        for statement in statements:
            yield from self._statement(statement)

    def _statement(self, statement: ast.stmt) -> Iterator[Operation]:
        match statement:
            case ast.With():
                yield from self._with(statement)
            case ast.Assign() | ast.AnnAssign():
                yield from self._assigned(statement)
            case ast.Import() | ast.ImportFrom():
                return
            case ast.If() | ast.For() | ast.While() | ast.Try():
                # What may happen counts as if it did.
                for child in ast.iter_child_nodes(statement):
                    yield from self._child(child)
            case (
                ast.Expr()
                | ast.Pass()
                | ast.Return()
                | ast.Assert()
                | ast.Raise()
                | ast.AugAssign()
                | ast.Continue()
            ):
                yield from self._calls(statement)
            case _:
                yield Operation(
                    Effect.UNKNOWN, f"does what can't be read in line {statement.lineno}", statement.lineno
                )

    def _child(self, child: ast.AST) -> Iterator[Operation]:
        if isinstance(child, ast.stmt):
            yield from self._statement(child)
        elif isinstance(child, ast.ExceptHandler):
            yield from self.body(child.body)
        else:
            yield from self._calls(child)

    def _with(self, statement: ast.With) -> Iterator[Operation]:
        for item in statement.items:
            call, name = item.context_expr, item.optional_vars
            is_batch = isinstance(call, ast.Call) and self._operation(call) == "batch_alter_table"
            if is_batch and isinstance(call, ast.Call) and isinstance(name, ast.Name):
                first = call.args[0] if call.args else None
                table = first.value if isinstance(first, ast.Constant) else "?"
                self.batches[name.id] = str(table)
            else:
                yield from self._calls(call)
        yield from self.body(statement.body)

    def _assigned(self, statement: ast.Assign | ast.AnnAssign) -> Iterator[Operation]:
        value = statement.value
        if value is None:
            return
        yield from self._calls(value)
        targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
        for target in targets:
            if isinstance(target, ast.Name):
                self.name(target.id, value)

    def name(self, name: str, value: ast.expr) -> None:
        """Remember what a name stands for; a later meaning takes the place of an earlier one."""
        self.constants.pop(name, None)
        for known_names in (self.describing, self.binds, self.op):
            known_names.discard(name)
        if isinstance(value, ast.Call) and self._operation(value) == "get_bind":
            self.binds.add(name)
        elif _root(value) in self.describing:
            self.describing.add(name)
            self.constants[name] = value
        else:
            self.constants[name] = value

    def _calls(self, node: ast.AST) -> Iterator[Operation]:
        if isinstance(node, (ast.Yield, ast.Await, ast.Lambda)):
            yield Operation(Effect.UNKNOWN, f"does what can't be read in line {node.lineno}", node.lineno)
        elif isinstance(node, ast.Call):
            yield from self._call(node)
        else:
            for child in ast.iter_child_nodes(node):
                yield from self._calls(child)

    def _call(self, call: ast.Call) -> Iterator[Operation]:
        function = call.func
        name = self._operation(call)
        executes = isinstance(function, ast.Attribute) and function.attr in _EXECUTES
        if name == "execute" or (executes and self._is_bind(function)):
            yield from self._executed(call)
            return
        for argument in (*call.args, *(keyword.value for keyword in call.keywords)):
            yield from self._calls(argument)
        if name in known.IDLE:
            return
        if name:
            yield known.operation(name, call, table=self.batches.get(_root(function), ""))
        elif isinstance(function, ast.Name) and function.id in self.functions:
            yield from self._own(function.id, call)
        elif not self._describes(function) or self._handed_on(call):
            yield Operation(Effect.UNKNOWN, f"calls {_written(function)}, which isn't read here", call.lineno)
        elif isinstance(function, ast.Attribute):
            yield from self._calls(function.value)

    def _handed_on(self, call: ast.Call) -> bool:
        """Whether something is given the connection that may do anything with it."""
        if _ended(call.func) in _HARMLESS_WITH_A_BIND:
            return False
        given = (*call.args, *(keyword.value for keyword in call.keywords))
        return any(
            (isinstance(each, ast.Name) and each.id in self.binds)
            or (isinstance(each, ast.Call) and self._operation(each) == "get_bind")
            for each in given
        )

    def _own(self, name: str, call: ast.Call) -> Iterator[Operation]:
        """A function of the same file, read where it is called."""
        if name in self.inside:
            yield Operation(Effect.UNKNOWN, f"calls {name}, which calls itself", call.lineno)
            return
        self.inside.append(name)
        yield from self.body(self.functions[name].body)
        self.inside.pop()

    def _operation(self, call: ast.Call) -> str:
        """The name of an operation of alembic, or an empty string."""
        function = call.func
        if isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name):
            owner = function.value.id
            return function.attr if owner in self.op or owner in self.batches else ""
        return ""

    def _is_bind(self, function: ast.expr) -> bool:
        owner = function.value if isinstance(function, ast.Attribute) else None
        if isinstance(owner, ast.Call):
            return self._operation(owner) == "get_bind"
        return isinstance(owner, ast.Name) and owner.id in self.binds

    def _describes(self, function: ast.expr) -> bool:
        """Whether a call only describes something: a type, a column, an expression, a text."""
        if isinstance(function, ast.Name):
            return function.id in _PURE or (function.id in self.describing and function.id not in _ENGINES)
        if _attribute_of_a_call(function) in _RESULTS:
            return True  # of what has been executed, which is read itself
        if _attributes(function) & _ENGINES:
            return False
        root = _rooted(function)
        if isinstance(root, ast.Constant):
            return True
        return isinstance(root, ast.Name) and root.id in self.describing

    def _executed(self, call: ast.Call) -> Iterator[Operation]:
        asked = call.args[0] if call.args else None
        text = self._sql(asked)
        if text is not None:
            yield from read_sql(text, line=call.lineno)
        elif asked is not None and self._writes(asked):
            yield Operation(Effect.DATA, "changes rows", call.lineno)
        else:
            yield Operation(Effect.UNKNOWN, "executes SQL that can't be read", call.lineno)

    def _sql(self, asked: ast.expr | None, depth: int = 0) -> str | None:
        """SQL that is written as it is, perhaps within ``sa.text()`` or under a name."""
        match asked:
            case ast.Constant(value=str() as text):
                return text
            case ast.Name(id=name) if name in self.constants and depth < 3:  # noqa: PLR2004 - names of names
                return self._sql(self.constants[name], depth + 1)
            case ast.Call(func=function, args=[first, *_]) if _ended(function) == "text":
                return self._sql(first, depth + 1)
            case ast.Call(func=ast.Attribute(value=ast.Call() as inner, attr="bindparams")):
                return self._sql(inner, depth + 1)
            case _:
                return None

    def _writes(self, asked: ast.expr) -> bool:
        if isinstance(asked, ast.Name) and asked.id in self.constants:
            asked = self.constants[asked.id]
        root = _rooted(asked)
        describes = isinstance(root, ast.Name) and root.id in self.describing
        return describes and bool(_attributes(asked) & _WRITES or _root(asked) in _WRITES)


def operations(module: ast.Module) -> tuple[Operation, ...] | None:
    """What the module's ``upgrade`` does; None where it has none."""
    functions = {each.name: each for each in module.body if isinstance(each, ast.FunctionDef)}
    upgrade = functions.get("upgrade")
    if upgrade is None:
        return None
    op, describing = _imported(module)
    reader = _Reader(functions, {}, op, describing)
    aside = [each for each in module.body if not isinstance(each, _DEFINITIONS)]
    loose = tuple(reader.body(aside))
    if upgrade.decorator_list or "upgrade" in reader.constants or _takes_all(module):
        loose += (Operation(Effect.UNKNOWN, "may replace its upgrade by another", upgrade.lineno),)
    reader.inside.append("upgrade")
    return (*loose, *reader.body(upgrade.body))


def _takes_all(module: ast.Module) -> bool:
    """Whether an import may bring any name."""
    imports = (each for each in module.body if isinstance(each, ast.ImportFrom))
    return any(name.name == "*" for each in imports for name in each.names)


def _imported(module: ast.Module) -> tuple[set[str], set[str]]:
    """By which names alembic's operations and what only describes are known."""
    op, describing = set(), set()
    for statement in _statements(module.body):
        if isinstance(statement, ast.ImportFrom):
            package = (statement.module or "").partition(".")[0]
            for each in statement.names:
                name = each.asname or each.name
                if package == "alembic" and each.name == "op":
                    op.add(name)
                elif package in _PACKAGES and each.name not in _ENGINES:
                    describing.add(name)
        elif isinstance(statement, ast.Import):
            for each in statement.names:
                package = each.name.partition(".")[0]
                if package in _PACKAGES:
                    describing.add(each.asname or package)
    return op, describing


def _statements(body: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    """All statements, also those within others, but not those on the way down; much sooner than by `ast.walk`."""
    for statement in body:
        yield statement
        if isinstance(statement, ast.FunctionDef) and statement.name == "downgrade":
            continue
        for part in ("body", "orelse", "finalbody"):
            yield from _statements(getattr(statement, part, ()))
        for handler in getattr(statement, "handlers", ()):
            yield from _statements(handler.body)


def _rooted(expression: ast.expr) -> ast.expr:
    """Where ``a.b(c).d`` begins."""
    while isinstance(expression, (ast.Attribute, ast.Call, ast.Subscript)):
        expression = expression.func if isinstance(expression, ast.Call) else expression.value
    return expression


def _root(expression: ast.expr) -> str:
    root = _rooted(expression)
    return root.id if isinstance(root, ast.Name) else ""


def _attributes(expression: ast.expr) -> set[str]:
    found = set()
    while isinstance(expression, (ast.Attribute, ast.Call, ast.Subscript)):
        if isinstance(expression, ast.Attribute):
            found.add(expression.attr)
        expression = expression.func if isinstance(expression, ast.Call) else expression.value
    return found


def _attribute_of_a_call(function: ast.expr) -> str:
    called = isinstance(function, ast.Attribute) and isinstance(function.value, ast.Call)
    return function.attr if called and isinstance(function, ast.Attribute) else ""


def _ended(function: ast.expr) -> str:
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def _written(function: ast.expr) -> str:
    text = ast.unparse(function)
    return text if len(text) <= 40 else text[:37] + "..."  # noqa: PLR2004 - what a sentence bears
