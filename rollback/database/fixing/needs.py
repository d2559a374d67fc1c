"""What code needs of a schema, and what of that a database lacks."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rollback.database.schema import Schema, Table

_TEXT: Final = re.compile(r"(?P<base>(?:N?VARCHAR|CHARACTER VARYING|TEXT|STRING))(?:\((?P<length>\d+)\))?")
_WHOLE: Final = ("SMALLINT", "INTEGER", "BIGINT")


@dataclass(frozen=True, slots=True)
class Lack:
    """One thing that a schema lacks for some code.

    Attributes:
        what: in words, as ``the column orders.note``.
        why: what is the matter with it; empty where it is missing.
        table: the name of the table that it belongs to.
        column: the name of the column, where it is one's.
        needed: whether the code can't do without; an index only makes it slow, or lets in what should stay out.
        unknown: whether it is a column that the code doesn't know, and that each row has to fill.
    """

    what: str
    why: str = ""
    table: str = ""
    column: str = ""
    needed: bool = True
    unknown: bool = False

    def __str__(self) -> str:
        return f"{self.what}{f' ({self.why})' if self.why else ''}"


def lacks(needed: Schema, real: Schema) -> tuple[Lack, ...]:
    """What code that was written for `needed` doesn't find in `real`; what there is more doesn't matter.

    Except for a column that each row has to fill: code that doesn't know of it can't insert any more.
    """
    found: list[Lack] = []
    for table in needed.tables:
        there = real.table(table.name)
        if there is None:
            found.append(Lack(f"the table {table.name}", table=table.name))
        else:
            found += _columns(table, there)
            found += _indexes(table, there)
    return tuple(found)


def _columns(table: Table, there: Table) -> Iterator[Lack]:
    for column in table.columns:
        what, real = f"the column {table.name}.{column.name}", there.column(column.name)
        lack = partial(Lack, what, table=table.name, column=column.name)
        if real is None:
            yield lack()
        elif not holds(column.type, real.type):
            yield lack(why=f"it is {real.type} instead of {column.type}")
        elif column.nullable and not real.nullable and not real.default:
            yield lack(why="it may not be empty any more")
        elif column.default and not real.default and not real.nullable and not real.key:
            yield lack(why="it has no default any more")
    for real in there.columns:
        if table.column(real.name) is None and real.demanding:
            yield Lack(
                f"the column {table.name}.{real.name}",
                "the code doesn't know it, and it may not be empty and has no default",
                table=table.name,
                column=real.name,
                unknown=True,
            )


def _indexes(table: Table, there: Table) -> Iterator[Lack]:
    for index in table.indexes:
        if index not in there.indexes:
            kind = "unique index" if index.unique else "index"
            yield Lack(
                f"the {kind} on {table.name} ({', '.join(index.columns)})", table=table.name, needed=False
            )


def holds(needed: str, real: str) -> bool:
    """Whether a column of the type `real` takes and gives what one of the type `needed` did."""
    if needed == real:
        return True
    one, other = _TEXT.fullmatch(needed.upper()), _TEXT.fullmatch(real.upper())
    if one and other:
        return other["length"] is None or (
            one["length"] is not None and int(one["length"]) <= int(other["length"])
        )
    whole = needed.upper(), real.upper()
    return all(each in _WHOLE for each in whole) and _WHOLE.index(whole[0]) <= _WHOLE.index(whole[1])


def told(found: Iterable[Lack], *, most: int = 5) -> str:
    """The first of them, as a sentence names them."""
    every = [str(each) for each in found]
    more = len(every) - most
    return ", ".join(every[:most]) + (f" and {more} more" if more > 0 else "")
