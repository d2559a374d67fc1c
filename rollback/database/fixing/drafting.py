"""A migration that only adds: what the code needs and the schema lacks, written by alembic's own autogenerate."""

from __future__ import annotations

import hashlib
import re
import warnings
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, Final

from rollback._text import printable
from rollback.database.fixing.needs import holds
from rollback.database.schema import VERSION_TABLE

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from sqlalchemy import Connection, MetaData

    from rollback.database.fixing.needs import Lack
    from rollback.database.migrations.model import Head

_NUMBER: Final = re.compile(r"0*[0-9]{1,6}")
_SLUG: Final = "fix_forward"
_DIALECTS: Final = ("postgresql", "sqlite", "mysql")


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A migration that would go on top.

    Attributes:
        path: where it would be, from the root of the repository.
        revision: what it is called.
        text: the file.
        given: whether a person has written it.
    """

    path: str
    revision: str
    text: str
    given: bool = False


def reflected(connection: Connection) -> MetaData:
    """All tables of a database but the version table, as SQLAlchemy has them."""
    from sqlalchemy import MetaData  # noqa: PLC0415 - an extra, which only this chapter needs

    metadata = MetaData()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of types that SQLAlchemy doesn't know
        metadata.reflect(connection, only=lambda name, _: name != VERSION_TABLE)
    return metadata


def additions(connection: Connection, needed: MetaData, lacking: Sequence[Lack]) -> str:
    """The body of an ``upgrade`` that brings what `needed` has and the database hasn't; empty where that is nothing.

    It takes nothing away: of what alembic finds, only what adds or widens is kept. A column comes back as one that
    may be empty, unless it has a default.

    Args:
        connection: the database as the migrations of the branch leave it.
        needed: what the code was written for; it may be changed.
        lacking: what of that was found missing.
    """
    from alembic.autogenerate import produce_migrations, render_python_code  # noqa: PLC0415 - see above
    from alembic.operations import ops  # noqa: PLC0415
    from alembic.runtime.migration import MigrationContext  # noqa: PLC0415

    batch = connection.dialect.name == "sqlite"  # which knows no ALTER COLUMN
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": False}
        )
        found = produce_migrations(context, needed).upgrade_ops
        kept = [*_kept(found.ops if found else ()), *_unknown(connection, lacking)]
        if not kept:
            return ""
        body = render_python_code(ops.UpgradeOps(ops=kept), render_as_batch=batch, migration_context=context)
    return "\n".join(line for line in body.splitlines() if not line.lstrip().startswith("# ###")).strip()


def _kept(found: Iterable[Any]) -> Iterator[Any]:
    from alembic.operations import ops  # noqa: PLC0415 - see above

    for each in found:
        match each:
            case ops.ModifyTableOps():
                inner = list(_kept(each.ops))
                if inner:
                    yield ops.ModifyTableOps(each.table_name, inner, schema=each.schema)
            case ops.AddColumnOp(column=column):
                column.nullable = column.nullable or column.server_default is None
                yield each
            case ops.AlterColumnOp() if wider := _wider(each):
                yield wider
            case ops.CreateTableOp():
                yield each
            case ops.CreateIndexOp() if not each.unique:
                yield each


def _wider(found: Any) -> Any:
    """What of an alteration only widens; None where nothing does."""
    from alembic.operations import ops  # noqa: PLC0415 - see above

    longer = found.modify_type is not None and holds(str(found.existing_type), str(found.modify_type))
    emptier = found.modify_nullable is True
    if not longer and not emptier:
        return None
    return ops.AlterColumnOp(
        found.table_name,
        found.column_name,
        schema=found.schema,
        existing_type=found.existing_type,
        existing_nullable=found.existing_nullable,
        modify_type=found.modify_type if longer else None,
        modify_nullable=True if emptier else None,
    )


def _unknown(connection: Connection, lacking: Sequence[Lack]) -> Iterator[Any]:
    """Columns that the code doesn't know and that each row has to fill: they may be empty from now on."""
    from alembic.operations import ops  # noqa: PLC0415 - see above
    from sqlalchemy import inspect  # noqa: PLC0415

    inspector = inspect(connection)
    for lack in lacking:
        if not lack.unknown:
            continue
        column = next(each for each in inspector.get_columns(lack.table) if each["name"] == lack.column)
        change = ops.AlterColumnOp(
            lack.table,
            lack.column,
            existing_type=column["type"],
            existing_nullable=False,
            modify_nullable=True,
        )
        yield ops.ModifyTableOps(lack.table, [change])


def drafted(body: str, head: Head, known: Collection[str], lacking: Sequence[Lack], *, needing: str) -> Draft:
    """The file that has this body, on top of `head`.

    The same need on the same head makes the same file, so that whoever plans again finds what was pushed.

    Args:
        body: the statements of its ``upgrade``.
        head: the newest revision.
        known: the revisions that there are.
        lacking: what it brings.
        needing: who needs it.
    """
    revision = _next(head.revision, known, body)
    dialects = [name for name in _DIALECTS if f"{name}." in body]
    imports = "".join(f"from sqlalchemy.dialects import {name}\n" for name in dialects)
    named = printable(", ".join(each.what for each in lacking if each.needed))
    named = named.replace("\\", "/").replace('"', "'")
    text = (
        f'"""Bring back what {needing} needs: {named}."""\n\nimport sqlalchemy as sa\nfrom alembic import op\n{imports}\n'
        f"revision = {revision!r}\ndown_revision = {head.revision!r}\nbranch_labels = None\ndepends_on = None\n\n\n"
        f"def upgrade():\n    {body}\n\n\n"
        'def downgrade():\n    """Take nothing away: older code doesn\'t notice what there is more."""\n'
    )
    return Draft(path=beside(head.path, f"{revision}_{_SLUG}.py"), revision=revision, text=text)


def beside(path: str, name: str) -> str:
    """The path of a file `name` in the directory of another."""
    return str(PurePosixPath(path).parent / name)


def _next(head: str, known: Collection[str], body: str) -> str:
    """The next number where revisions are numbered, else one made of what it does."""
    if _NUMBER.fullmatch(head):
        number = f"{int(head) + 1:0{len(head)}}"
        if number not in known:
            return number
    return hashlib.sha256(f"{head}\0{body}".encode()).hexdigest()[:12]
