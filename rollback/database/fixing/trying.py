"""The fix, tried on a copy of the database with all its rows before anything is changed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rollback.database.fixing.drafting import additions, drafted
from rollback.database.fixing.needs import lacks
from rollback.database.fixing.upgraded import upgraded
from rollback.database.schema import Schema, count_rows, read_schema

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sqlalchemy import Engine, MetaData

    from rollback.access import Access
    from rollback.database.fixing.address import Address
    from rollback.database.fixing.drafting import Draft
    from rollback.database.fixing.expecting import Files
    from rollback.database.fixing.needs import Lack
    from rollback.environment import Environment


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What came of it.

    Attributes:
        draft: the migration that was tried; None where the branch's own are enough.
        failed: the revision that failed; empty where none did.
        why: why, in words without any value; empty where nothing did.
        after: the schema at the end.
        left: what the running version lacks even then.
        before_rows: how many rows each table had.
        after_rows: how many each had at the end, of those that were still there.
        seconds: how long the migrations took.
    """

    draft: Draft | None = None
    failed: str = ""
    why: str = ""
    after: Schema = field(default_factory=Schema)
    left: tuple[Lack, ...] = ()
    before_rows: Mapping[str, int]
    after_rows: Mapping[str, int] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def lost(self) -> dict[str, tuple[int, int]]:
        """The tables that have fewer rows than before: how many they had, and have."""
        return {
            name: (count, self.after_rows.get(name, 0))
            for name, count in self.before_rows.items()
            if self.after_rows.get(name, 0) < count
        }


def tried(
    environment: Environment,
    access: Access,
    address: Address,
    files: Files,
    needed: Schema,
    *,
    metadata: Callable[[], MetaData],
    given: Draft | None,
    needing: str,
) -> Trial:
    """Upgrade a copy with the branch's own migrations, then with the one that goes on top.

    Args:
        environment: the place.
        access: the hands.
        address: where the database is.
        files: the branch's migrations.
        needed: what the running version was written for.
        metadata: gives the same as SQLAlchemy has it.
        given: the migration that a person has written; without it one is drafted where something is missing.
        needing: who needs it.

    Raises:
        RollbackError: no copy can be made, or nothing can be run on it.
    """
    with access.databases.copied(address.url) as engine:
        now = _read(engine)
        rows = _rows(engine, now)
        seconds = 0.0
        if now.revisions != (files.head,):
            done = upgraded(environment, access, engine, files.contents, kept=0)
            seconds = done.seconds
            if done.why:
                return Trial(failed=done.failed, why=done.why, before_rows=rows, seconds=seconds)
        draft = given or _draft(engine, files, needed, metadata=metadata, needing=needing)
        if draft is not None:
            done = upgraded(
                environment, access, engine, {**files.contents, draft.path: draft.text.encode()}, kept=0
            )
            seconds += done.seconds
            if done.why:
                return Trial(draft=draft, failed=done.failed, why=done.why, before_rows=rows, seconds=seconds)
        after = _read(engine)
        return Trial(
            draft=draft,
            after=after,
            left=lacks(needed, after),
            before_rows=rows,
            after_rows=_rows(engine, after),
            seconds=seconds,
        )


def _draft(
    engine: Engine, files: Files, needed: Schema, *, metadata: Callable[[], MetaData], needing: str
) -> Draft | None:
    lacking = lacks(needed, _read(engine))
    if not any(each.needed for each in lacking):
        return None
    with engine.connect() as connection:
        body = additions(connection, metadata(), lacking)
    if not body:
        return None
    head = files.past.heads[files.head][0]
    return drafted(body, head, files.past.heads, lacking, needing=needing)


def _read(engine: Engine) -> Schema:
    with engine.connect() as connection:
        return read_schema(connection)


def _rows(engine: Engine, schema: Schema) -> dict[str, int]:
    with engine.connect() as connection:
        return count_rows(connection, (table.name for table in schema.tables))
