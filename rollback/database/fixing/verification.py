"""Looking at database, branch and application after a fix forward."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rollback import revert
from rollback._text import printable
from rollback.database.fixing.address import address
from rollback.database.migrations import by_hand as ways
from rollback.database.schema import Schema, count_rows, read_schema
from rollback.ecs import look
from rollback.plan import Finding, Verified, ok, refusal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rollback.access import Access
    from rollback.database.fixing.result import SavedPoint
    from rollback.environment import Environment


@dataclass(frozen=True, slots=True)
class Verification(Verified[str]):
    """What was seen afterwards.

    Attributes:
        target: the migration, in words.
        database: what was seen of the database.
        findings: all that was looked at; a ``refusal`` is a proof that it is not fixed.
    """

    database: tuple[Finding, ...]


def verify(environment: Environment, access: Access, saved: SavedPoint) -> Verification:
    """Look at the schema, the version table and the rows, then at branch, service and application.

    Raises:
        DatabaseError: the database can't be reached.
        GitError, AwsError: the remote or AWS doesn't say.
    """
    database = tuple(look_at_the_database(environment, access, saved))
    rest = revert.verify(environment, access, saved.delivery).findings
    return Verification(f"The migration {saved.revision}", (*database, *rest), database)


def look_at_the_database(environment: Environment, access: Access, saved: SavedPoint) -> Iterator[Finding]:
    """Whether schema, version table and rows are as they were on the copy.

    Raises:
        DatabaseError: the database can't be reached.
        AwsError: AWS doesn't say where it is.
    """
    place = address(environment, access, look.service(environment, access))
    with access.databases.opened(place.url) as engine, engine.connect() as connection:
        real = read_schema(connection)
        there = [name for name in saved.rows if real.table(name) is not None]
        rows = count_rows(connection, there)
    named = ", ".join(printable(each) for each in real.revisions or ()) or "nothing"
    if real.revisions == (saved.revision,):
        yield ok("version-table", f"The database of {environment.name} is at {named}.")
    else:
        yield refusal(
            "version-table",
            f"The database of {environment.name} says that it is at {named}, and not at {printable(saved.revision)}.",
            "Read the log of the pipeline's run.",
            *ways.look(),
        )
    if digest(real) == saved.schema:
        yield ok("schema", "Its schema is as it was on the copy.")
    else:
        yield refusal(
            "schema",
            "Its schema is not as it was on the copy.",
            "Plan again: the plan says what is there and what is missing.",
            *ways.look(),
        )
    fewer = [
        f"{printable(name)} has {rows.get(name, 0)} rows, and had {count}"
        for name, count in saved.rows.items()
        if rows.get(name, 0) < count
    ]
    if fewer:
        yield refusal(
            "rows",
            f"There are fewer rows than before: {'; '.join(fewer[:3])}.",
            "Find out whether the application has deleted them; if not, restore the database from a backup.",
            *ways.restore(environment),
        )
    else:
        yield ok("rows", f"No table has fewer rows than before: {sum(rows.values())} in all.")


def digest(schema: Schema) -> str:
    """What two schemas have in common that hold the same, in whatever order they came to it."""
    lines = sorted(f"{fact.what}\0{fact.detail}" for fact in schema.facts)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
