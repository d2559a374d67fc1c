"""What code lacks of a schema, where a database really is, and what a draft brings back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import NullPool, create_engine

from rollback.database.fixing.drafting import additions, drafted, reflected
from rollback.database.fixing.needs import holds, lacks, told
from rollback.database.fixing.soundness import State, soundness
from rollback.database.fixing.verification import digest
from rollback.database.migrations import Effect, Head, Migration, read
from rollback.database.schema import Column, Index, Schema, Table, count_rows, read_schema, words

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Engine

HEAD: Final = Head(path="migrations/versions/0003_tidy.py", revision="0003")


def schema(**tables: tuple[Column, ...]) -> Schema:
    """Tables of these columns."""
    return Schema(
        tuple(Table(name, tuple(sorted(columns))) for name, columns in sorted(tables.items())), ("0003",)
    )


ID = Column("id", "BIGINT", key=True)
NOTE = Column("note", "TEXT")


def test_the_same_schema_lacks_nothing_and_more_of_it_does_no_harm() -> None:
    needed = schema(orders=(ID, NOTE))
    assert lacks(needed, needed) == ()
    wider = schema(orders=(ID, NOTE, Column("gift", "TEXT")), gifts=(ID,))
    assert lacks(needed, wider) == ()


@pytest.mark.parametrize(
    ("real", "what"),
    [
        (schema(), "the table orders"),
        (schema(orders=(ID,)), "the column orders.note"),
        (schema(orders=(ID, Column("note", "INTEGER"))), "it is INTEGER instead of TEXT"),
        (schema(orders=(ID, Column("note", "TEXT", nullable=False))), "may not be empty any more"),
        (schema(orders=(ID, NOTE, Column("gift", "TEXT", nullable=False))), "the code doesn't know it"),
    ],
)
def test_what_the_code_would_stumble_over_is_named(real: Schema, what: str) -> None:
    found = lacks(schema(orders=(ID, NOTE)), real)
    assert [each.needed for each in found] == [True]
    assert what in told(found)


def test_a_column_that_fills_itself_hinders_nobody() -> None:
    filled = Column("gift", "TEXT", nullable=False, default=True)
    assert lacks(schema(orders=(ID,)), schema(orders=(ID, filled))) == ()


def test_a_missing_index_is_told_and_keeps_nobody_from_working() -> None:
    needed = Schema((Table("orders", (ID, NOTE), (Index(("note",), unique=True),)),))
    found = lacks(needed, schema(orders=(ID, NOTE)))
    assert [(str(each), each.needed) for each in found] == [("the unique index on orders (note)", False)]


@pytest.mark.parametrize(
    ("needed", "real", "fits"),
    [
        ("VARCHAR(20)", "VARCHAR(40)", True),
        ("VARCHAR(40)", "VARCHAR(20)", False),
        ("VARCHAR(40)", "TEXT", True),
        ("TEXT", "VARCHAR(40)", False),
        ("INTEGER", "BIGINT", True),
        ("BIGINT", "INTEGER", False),
        ("TIMESTAMP", "DATE", False),
    ],
)
def test_a_type_fits_where_it_takes_all_that_the_code_gives(needed: str, real: str, *, fits: bool) -> None:
    assert holds(needed, real) is fits


CHAIN: Final = {
    "0001": schema(orders=(ID,)),
    "0002": schema(orders=(ID, NOTE)),
    "0003": schema(orders=(ID, NOTE, Column("weight", "TEXT"), Column("height", "TEXT")), parcels=(ID,)),
}


def test_a_schema_that_is_that_of_the_named_revision_is_sound() -> None:
    assert soundness(CHAIN["0002"], "0002", CHAIN).state is State.SOUND


def test_a_version_table_lies_where_the_schema_is_another_one_s() -> None:
    found = soundness(CHAIN["0003"], "0002", CHAIN)
    assert (found.state, found.really) == (State.LYING, ("0003",))


def test_half_of_the_next_migration_is_told_from_the_rest_of_it() -> None:
    half = schema(orders=(ID, NOTE, Column("weight", "TEXT")))
    found = soundness(half, "0002", CHAIN)
    assert (found.state, found.really) == (State.HALF, ("0002", "0003"))
    assert words(found.there) == "the column orders.weight"
    assert words(found.missing) == "the column orders.height, the table parcels"


def test_what_half_of_a_migration_has_taken_away_is_told_from_what_it_has_changed() -> None:
    chain = {
        "0001": schema(orders=(ID, NOTE, Column("size", "TEXT"), Column("old", "TEXT"))),
        "0002": schema(orders=(ID, Column("size", "INTEGER"))),
    }
    half = schema(orders=(ID, Column("size", "INTEGER"), Column("old", "TEXT")))
    found = soundness(half, "0001", chain)
    assert found.state is State.HALF
    assert (words(found.there), words(found.gone)) == ("the column orders.size", "the column orders.note")
    assert (words(found.missing), words(found.left)) == ("", "the column orders.old")


def test_what_no_migration_makes_has_drifted() -> None:
    found = soundness(schema(orders=(ID, NOTE, Column("by_hand", "TEXT"))), "0002", CHAIN)
    assert (found.state, words(found.there), words(found.missing)) == (
        State.DRIFTED,
        "the column orders.by_hand",
        "",
    )


def test_a_migration_that_fails_is_half_applied_as_far_as_it_gets() -> None:
    partial = {"0002": CHAIN["0002"], "0003": schema(orders=(ID, NOTE, Column("weight", "TEXT")))}
    assert soundness(partial["0003"], "0002", partial, failed="0003").state is State.HALF
    assert soundness(CHAIN["0002"], "0002", partial, failed="0003").state is State.SOUND


names = st.sampled_from("abcdef")
columns = st.builds(
    Column,
    name=names,
    type=st.sampled_from(["TEXT", "INTEGER", "VARCHAR(20)", "VARCHAR(40)"]),
    nullable=st.booleans(),
    default=st.booleans(),
)
schemas = st.dictionaries(
    st.sampled_from(["orders", "gifts", "parcels"]),
    st.lists(columns, unique_by=lambda each: each.name, max_size=4).map(tuple),
    max_size=3,
).map(lambda tables: schema(**{name: (ID, *own) for name, own in tables.items()}))


@given(schemas, schemas)
def test_two_schemas_have_the_same_digest_just_where_they_hold_the_same(one: Schema, other: Schema) -> None:
    assert (digest(one) == digest(other)) is (one.facts == other.facts)


# The draft, on real databases.


def engine(directory: Path, name: str, *statements: str) -> Engine:
    made = create_engine(f"sqlite:///{directory}/{name}.db", poolclass=NullPool)
    with made.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
    return made


def ddl(real: Schema) -> list[str]:
    return [
        f"CREATE TABLE {table.name} ("
        + ", ".join(
            f"{each.name} {each.type}"
            + (" PRIMARY KEY" if each.key else "")
            + ("" if each.nullable else " NOT NULL")
            + (" DEFAULT 1" if each.default else "")
            for each in table.columns
        )
        + ")"
        for table in real.tables
    ]


def seen(made: Engine) -> Schema:
    with made.connect() as connection:
        return read_schema(connection)


def draft_for(needed: Engine, real: Engine) -> Any:
    with needed.connect() as one, real.connect() as other:
        lacking = lacks(read_schema(one), read_schema(other))
        body = additions(other, reflected(one), lacking)
    return drafted(body, HEAD, {"0003"}, lacking, needing="app:41") if body else None


def run(made: Engine, text: str) -> None:
    from alembic.migration import MigrationContext  # noqa: PLC0415 - what the pipeline does, in short
    from alembic.operations import Operations  # noqa: PLC0415

    scope: dict[str, Any] = {}
    exec(compile(text, "draft.py", "exec"), scope)  # noqa: S102 - it is what is tested
    with made.begin() as connection, Operations.context(MigrationContext.configure(connection)):
        scope["upgrade"]()


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    ("needed", "real"),
    [
        (schema(orders=(ID, NOTE)), schema(orders=(ID,))),
        (schema(orders=(ID, NOTE), gifts=(ID,)), schema(orders=(ID, NOTE))),
        (schema(orders=(ID, Column("a", "VARCHAR(40)"))), schema(orders=(ID, Column("a", "VARCHAR(20)")))),
        (schema(orders=(ID,)), schema(orders=(ID, Column("b", "TEXT", nullable=False)))),
        (schema(orders=(ID, NOTE)), schema(orders=(ID, Column("note", "TEXT", nullable=False)))),
        (
            schema(orders=(ID, Column("c", "INTEGER", nullable=False, default=True))),
            schema(orders=(ID, Column("other", "TEXT"))),
        ),
        (schema(orders=(ID, Column("d", "TEXT", nullable=False))), schema(orders=(ID,))),
    ],
)
def test_a_draft_brings_all_that_is_missing_takes_nothing_away_and_reads_as_safe(
    tmp_path: Path, needed: Schema, real: Schema
) -> None:
    one, other = engine(tmp_path, "needed", *ddl(needed)), engine(tmp_path, "real", *ddl(real))
    with other.begin() as connection:
        demanding = [c.name for t in real.tables for c in t.columns if c.demanding]
        values = ", ".join(["1", *("'x'" for _ in demanding)])
        connection.exec_driver_sql(f"INSERT INTO orders ({', '.join(['id', *demanding])}) VALUES ({values})")  # noqa: S608 - names of our own
    before = seen(other)
    draft = draft_for(one, other)
    migration = read(draft.path, draft.text.encode())
    assert isinstance(migration, Migration)
    assert (migration.effect, migration.head.down) == (Effect.EXPAND, ("0003",))
    run(other, draft.text)
    after = seen(other)
    assert lacks(seen(one), after) == ()
    assert {c.name for t in before.tables for c in t.columns} <= {
        c.name for t in after.tables for c in t.columns
    }
    with other.connect() as connection:
        assert count_rows(connection, ["orders"]) == {"orders": 1}


def test_nothing_is_drafted_where_something_would_have_to_be_narrowed(tmp_path: Path) -> None:
    needed = engine(tmp_path, "needed", "CREATE TABLE orders (id bigint PRIMARY KEY, a integer)")
    real = engine(tmp_path, "real", "CREATE TABLE orders (id bigint PRIMARY KEY, a text, more text)")
    assert draft_for(needed, real) is None


def test_the_same_need_on_the_same_head_makes_the_same_file(tmp_path: Path) -> None:
    one = engine(tmp_path, "needed", *ddl(schema(orders=(ID, NOTE))))
    other = engine(tmp_path, "real", *ddl(schema(orders=(ID,))))
    assert draft_for(one, other) == draft_for(one, other)


def test_a_draft_is_numbered_where_the_team_numbers_and_named_anew_where_not() -> None:
    numbered = drafted("pass", HEAD, {"0003"}, (), needing="app:41")
    taken = drafted("pass", HEAD, {"0003", "0004"}, (), needing="app:41")
    hashed = drafted("pass", Head(path="v/ae10_x.py", revision="ae1027a6acf1"), set(), (), needing="app:41")
    assert numbered.path == "migrations/versions/0004_fix_forward.py"
    assert len(taken.revision) == len(hashed.revision) == 12
    assert hashed.path == f"v/{hashed.revision}_fix_forward.py"
