"""Counting rows, and saying how many are missing.

Only rows are counted: what was changed in a row that stays doesn't show.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rollback._text import printable
from rollback.database.schema import count_rows, read_schema
from rollback.errors import RollbackError
from rollback.journal import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Engine

    from rollback.access import Access

MOST_TABLES = 5
"""How many tables a sentence names."""


@dataclass(frozen=True, slots=True)
class Counted:
    """The rows of a database.

    Attributes:
        tables: how many each table has.
        revisions: at which revision its version table says that the schema is; None where there is no such table.
        problem: why they couldn't be counted; empty where they could.
    """

    tables: Mapping[str, int] = field(default_factory=dict)
    revisions: tuple[str, ...] | None = None
    problem: str = ""

    @property
    def total(self) -> int:
        """The rows of all tables."""
        return sum(self.tables.values())


def counted(access: Access, url: str, where: str) -> Counted:
    """Count the rows of each table of the database at `url`; what stands against it is told in the answer.

    Args:
        access: the hands.
        url: with a password, which is repeated nowhere.
        where: what the database is called in the record.
    """
    try:
        with access.databases.opened(url) as engine:
            found = _counted(engine)
    except RollbackError as error:
        found = Counted(problem=error.sentence)
    told = found.problem or f"{found.total} rows"
    access.journal.record(Kind.OBSERVATION, f"Rows of {where}: {told}.", rows=dict(found.tables))
    return found


def _counted(engine: Engine) -> Counted:
    # An extra: whoever has opened the database has it.
    from sqlalchemy.exc import SQLAlchemyError  # noqa: PLC0415

    try:
        with engine.connect() as connection:
            schema = read_schema(connection)
            tables = count_rows(connection, [table.name for table in schema.tables])
    except SQLAlchemyError as error:
        # Its text may repeat the address.
        return Counted(problem=f"The database doesn't say ({type(error).__name__})")
    return Counted(tables, schema.revisions)


def missing(before: Mapping[str, int], after: Mapping[str, int]) -> dict[str, int]:
    """How many rows each table has lost, without those that have lost none."""
    lost = {table: rows - after.get(table, 0) for table, rows in before.items()}
    return {table: rows for table, rows in lost.items() if rows > 0}


def told(lost: Mapping[str, int]) -> str:
    """Rows by table, as a sentence names them: ``3 of orders, 1 of notes``."""
    named = sorted(lost.items(), key=lambda each: (-each[1], each[0]))
    words = [f"{rows} of {printable(table)}" for table, rows in named[:MOST_TABLES]]
    rest = sum(rows for _, rows in named[MOST_TABLES:])
    return ", ".join((*words, *((f"{rest} of other tables",) if rest else ()))) or "none"
