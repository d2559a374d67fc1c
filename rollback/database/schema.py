"""The schema that a database really has, whatever its version table says; SQLAlchemy is imported when it is read."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sqlalchemy import Connection, Select

VERSION_TABLE: Final = "alembic_version"
"""Where alembic notes at which revision a database is (alembic, `EnvironmentContext.configure`)."""


@dataclass(frozen=True, slots=True, order=True)
class Column:
    """A column of a table.

    Attributes:
        type: as the database spells it.
        nullable: whether it may be empty.
        default: whether the database fills it by itself where a statement doesn't.
        key: whether it belongs to the primary key.
    """

    name: str
    type: str
    nullable: bool = True
    default: bool = False
    key: bool = False

    @property
    def demanding(self) -> bool:
        """Whether each new row has to bring a value for it."""
        return not (self.nullable or self.default or self.key)


@dataclass(frozen=True, slots=True, order=True)
class Index:
    """An index or a unique constraint, whatever it is called."""

    columns: tuple[str, ...]
    unique: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A table: its columns and indexes are in the order of their names."""

    name: str
    columns: tuple[Column, ...]
    indexes: tuple[Index, ...] = ()

    def column(self, name: str) -> Column | None:
        """The column of that name."""
        return next((each for each in self.columns if each.name == name), None)


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that a schema has, as two schemas are compared.

    Attributes:
        what: in words, as ``the column orders.note``.
        detail: what else of it is compared; empty of a table.
    """

    what: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Schema:
    """What a database holds beside its rows.

    Attributes:
        tables: in the order of their names, without the version table.
        revisions: what the version table names; None where there is none.
    """

    tables: tuple[Table, ...] = ()
    revisions: tuple[str, ...] | None = None

    def table(self, name: str) -> Table | None:
        """The table of that name."""
        return next((each for each in self.tables if each.name == name), None)

    @property
    def facts(self) -> frozenset[Fact]:
        """All that it has, one by one; the version table is no part of it."""
        return frozenset(fact for table in self.tables for fact in _facts(table))


def _facts(table: Table) -> Iterator[Fact]:
    yield Fact(f"the table {table.name}")
    for each in table.columns:
        rules = ("" if each.nullable else " NOT NULL") + (" DEFAULT" if each.default else "")
        yield Fact(f"the column {table.name}.{each.name}", f"{each.type}{rules}{' KEY' if each.key else ''}")
    for index in table.indexes:
        yield Fact(
            f"the {'unique ' if index.unique else ''}index on {table.name} ({', '.join(index.columns)})"
        )


def words(facts: Iterable[Fact], *, most: int = 5) -> str:
    """Some facts, as a sentence names them: what a table or column holds is not told twice."""
    told = sorted({fact.what for fact in facts})
    tables = {what.removeprefix("the table ") for what in told if what.startswith("the table ")}
    short = [what for what in told if not any(_within(what, table) for table in tables)]
    more = len(short) - most
    return ", ".join(short[:most]) + (f" and {more} more" if more > 0 else "")


def _within(what: str, table: str) -> bool:
    return what.startswith(f"the column {table}.") or f"index on {table} (" in what


def read_schema(connection: Connection) -> Schema:
    """The schema that a connection sees, in the schema that the database takes for granted.

    Raises:
        sqlalchemy.exc.SQLAlchemyError: the database doesn't say.
    """
    from sqlalchemy import inspect  # noqa: PLC0415 - an extra, which only this chapter needs

    inspector = inspect(connection)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of types that SQLAlchemy doesn't know
        columns = inspector.get_multi_columns()
        keys = inspector.get_multi_pk_constraint()
        indexes = inspector.get_multi_indexes()
        uniques = inspector.get_multi_unique_constraints()
    tables = [
        Table(
            name=name[1],
            columns=tuple(_columns(connection, found, keys.get(name))),
            indexes=_indexes(indexes.get(name) or (), uniques.get(name) or ()),
        )
        for name, found in columns.items()
        if name[1] != VERSION_TABLE
    ]
    there = (None, VERSION_TABLE) in columns
    return Schema(
        tables=tuple(sorted(tables, key=lambda table: table.name)),
        revisions=_revisions(connection) if there else None,
    )


def _columns(connection: Connection, found: Iterable[Any], key: Any) -> Iterator[Column]:
    keys = set((key or {}).get("constrained_columns") or ())
    for each in sorted(found, key=lambda column: str(column["name"])):
        yield Column(
            name=each["name"],
            type=_spelled(connection, each["type"]),
            nullable=bool(each["nullable"]),
            default=bool(each.get("default") or each.get("computed") or each.get("identity")),
            key=each["name"] in keys,
        )


def _spelled(connection: Connection, column_type: Any) -> str:
    from sqlalchemy.exc import CompileError  # noqa: PLC0415 - see above

    try:
        return str(column_type.compile(dialect=connection.dialect))
    except CompileError:
        return "a type that isn't known here"


def _indexes(indexes: Iterable[Any], uniques: Iterable[Any]) -> tuple[Index, ...]:
    found = {
        Index(tuple(each.get("expressions") or each["column_names"]), bool(each["unique"]))
        for each in indexes
    }
    found |= {Index(tuple(each["column_names"]), unique=True) for each in uniques}
    return tuple(sorted(found))


def _revisions(connection: Connection) -> tuple[str, ...]:
    from sqlalchemy import column, select, table  # noqa: PLC0415 - see above

    asked: Select[tuple[str]] = select(column("version_num")).select_from(table(VERSION_TABLE))
    return tuple(sorted(str(name) for (name,) in connection.execute(asked)))


def count_rows(connection: Connection, tables: Iterable[str]) -> dict[str, int]:
    """How many rows each of these tables has.

    Raises:
        sqlalchemy.exc.SQLAlchemyError: the database doesn't say.
    """
    from sqlalchemy import func, select, table  # noqa: PLC0415 - see above

    return {
        name: int(connection.execute(select(func.count()).select_from(table(name))).scalar_one())
        for name in tables
    }
