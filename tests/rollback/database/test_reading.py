"""What is told of a revision file, by its syntax tree alone."""

from __future__ import annotations

from textwrap import indent
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rollback.database.migrations import Effect, Head, Migration, Unreadable, read, read_head

EXPAND, DATA, DESTRUCTIVE, UNKNOWN = Effect.EXPAND, Effect.DATA, Effect.DESTRUCTIVE, Effect.UNKNOWN
IMPORTS: Final = "import sqlalchemy as sa\nfrom alembic import op\n"
EFFECTS: Final = {
    'op.create_table("t", sa.Column("a", sa.Integer(), nullable=False))': EXPAND,
    'op.add_column("t", sa.Column("a", sa.Integer()))': EXPAND,
    'op.add_column("t", sa.Column("a", sa.Integer(), nullable=True))': EXPAND,
    'op.add_column("t", sa.Column("a", sa.Integer(), nullable=False, server_default="0"))': EXPAND,
    'op.add_column("t", sa.Column("a", sa.Integer(), nullable=False))': DESTRUCTIVE,
    'op.add_column("t", sa.Column("a", sa.Integer(), sa.ForeignKey("b.id")))': UNKNOWN,
    'op.add_column("t", sa.Column("a", sa.Integer(), **options))': UNKNOWN,
    'op.add_column("t", column)': UNKNOWN,
    'op.drop_column("t", "a")': DESTRUCTIVE,
    'op.drop_table("t")': DESTRUCTIVE,
    'op.rename_table("t", "u")': DESTRUCTIVE,
    'op.alter_column("t", "a", new_column_name="b")': DESTRUCTIVE,
    'op.alter_column("t", "a", nullable=False)': DESTRUCTIVE,
    'op.alter_column("t", "a", nullable=True)': EXPAND,
    'op.alter_column("t", "a", server_default=None)': DESTRUCTIVE,
    'op.alter_column("t", "a", server_default="0")': EXPAND,
    'op.alter_column("t", "a", type_=sa.BigInteger())': UNKNOWN,
    'op.alter_column("t", "a", type_=sa.String(80), existing_type=sa.String(length=40))': EXPAND,
    'op.alter_column("t", "a", type_=sa.Text(), existing_type=sa.String(length=40))': EXPAND,
    'op.alter_column("t", "a", type_=sa.String(40), existing_type=sa.String(length=80))': UNKNOWN,
    'op.alter_column("t", "a", type_=sa.String(40), existing_type=sa.Text())': UNKNOWN,
    'op.create_index(op.f("ix"), "t", ["a"], unique=False)': EXPAND,
    'op.create_index("ix", "t", ["a"], unique=True)': UNKNOWN,
    'op.create_unique_constraint("uq", "t", ["a"])': UNKNOWN,
    'op.drop_constraint("uq", "t")': EXPAND,
    "op.bulk_insert(table, rows)": DATA,
    'op.execute("UPDATE t SET a = 1")': DATA,
    'op.execute(sa.text("DELETE FROM t"))': DATA,
    'op.execute("TRUNCATE t")': DESTRUCTIVE,
    'op.execute("ALTER TABLE t DROP COLUMN a")': DESTRUCTIVE,
    'op.execute("ALTER TABLE t ADD COLUMN a int, DROP COLUMN b")': DESTRUCTIVE,
    'op.execute("ALTER TABLE t ADD COLUMN a numeric(1, 2)")': EXPAND,
    'op.execute("ALTER TABLE t ADD a int NOT NULL")': DESTRUCTIVE,
    'op.execute("ALTER TABLE t ADD a int NOT NULL DEFAULT 0")': EXPAND,
    'op.execute("ALTER TABLE t ALTER COLUMN a TYPE bigint")': UNKNOWN,
    "op.execute(\"INSERT INTO t VALUES ('x; DROP TABLE t')\")": DATA,
    'op.execute("CREATE INDEX i ON t (a); DROP TABLE u")': DESTRUCTIVE,
    'op.execute("/* DROP TABLE t */ CREATE TABLE u (a int)")': EXPAND,
    'op.execute("DO $$ BEGIN DROP TABLE t; END $$")': UNKNOWN,
    'op.execute("SELECT setval(1)")': UNKNOWN,
    'op.execute("VACUUM")': UNKNOWN,
    'op.execute(f"DROP TABLE {name}")': UNKNOWN,
    "op.execute(statement)": UNKNOWN,
    "op.something_new()": UNKNOWN,
    "helper(op)": UNKNOWN,
    "pass": EXPAND,
    '"""Only words."""': EXPAND,
    'with op.batch_alter_table("t") as batch:\n    batch.drop_column("a")': DESTRUCTIVE,
    'with op.batch_alter_table("t") as batch:\n    batch.add_column(sa.Column("a", sa.Integer()))': EXPAND,
    'with open("x") as file:\n    pass': UNKNOWN,
    'if condition:\n    op.drop_table("t")': DESTRUCTIVE,
    'for name in ("t", "u"):\n    op.drop_table(name)': DESTRUCTIVE,
    'try:\n    pass\nexcept ValueError:\n    op.drop_table("t")\n': DESTRUCTIVE,
    'bind = op.get_bind()\nbind.execute(sa.text("UPDATE t SET a = 1"))': DATA,
    'rows = op.get_bind().execute(sa.text("SELECT a FROM t")).fetchall()': EXPAND,
    "bind = op.get_bind()\nsa.orm.Session(bind)": UNKNOWN,
    "sa.inspect(op.get_bind())": EXPAND,
    "sa.orm.anything(op.get_bind())": UNKNOWN,
    "bind = op.get_bind()\nsa.orm.anything(on=bind)": UNKNOWN,
    "sa.Enum(name='e').drop(op.get_bind())": UNKNOWN,
    't = sa.table("t", sa.column("a"))\nop.execute(t.update().values(a=1))': DATA,
    'text = "DROP TABLE t"\nop.execute(text)': DESTRUCTIVE,
    'drop = op.drop_table\ndrop("t")': UNKNOWN,
    'op = object()\nop.create_table("t")': UNKNOWN,
    "lambda: 1": UNKNOWN,
    "del x": UNKNOWN,
}


def file(upgrade: str, *, revision: str = '"b2"', down: str = '"a1"', before: str = "") -> bytes:
    return (
        f'"""A change."""\n{IMPORTS}{before}\nrevision: str = {revision}\ndown_revision = {down}\n\n\n'
        f'def upgrade() -> None:\n{indent(upgrade, "    ")}\n\n\ndef downgrade():\n    op.drop_table("all")\n'
    ).encode()


def migration(upgrade: str, *, before: str = "") -> Migration:
    found = read("v/b2.py", file(upgrade, before=before))
    assert isinstance(found, Migration)
    return found


@pytest.mark.parametrize(("upgrade", "effect"), EFFECTS.items())
def test_each_operation_is_known_by_what_the_old_code_would_notice(upgrade: str, effect: Effect) -> None:
    assert migration(upgrade).effect is effect


def test_the_effect_is_the_worst_of_what_is_done_and_the_words_name_it() -> None:
    found = migration(
        'op.create_table("t")\nop.drop_column("orders", "note")\nop.execute("UPDATE t SET a = 1")'
    )
    assert found.effect is DESTRUCTIVE
    assert [operation.what for operation in found.weighing] == ["drops the column orders.note"]


def test_a_function_of_the_same_file_is_read_where_it_is_called() -> None:
    helper = 'def helper():\n    op.drop_table("t")\n'
    assert migration("helper()", before=helper).effect is DESTRUCTIVE
    assert migration("helper()", before="def helper():\n    helper()\n").effect is UNKNOWN


@pytest.mark.parametrize(
    ("aside", "effect"),
    [
        ('op.drop_table("t")', DESTRUCTIVE),
        ('if True:\n    op.drop_table("t")', DESTRUCTIVE),
        ("from somewhere import *", UNKNOWN),
        ("upgrade = print", UNKNOWN),
    ],
)
def test_what_stands_beside_upgrade_counts_too(aside: str, effect: Effect) -> None:
    assert migration("pass", before=aside).effect is effect


@pytest.mark.parametrize(
    ("down", "stands_on"),
    [("None", ()), ('"a1"', ("a1",)), ('("a1", "a2")', ("a1", "a2")), ('["a1"]', ("a1",))],
)
def test_a_revision_stands_on_none_on_one_or_on_several(down: str, stands_on: tuple[str, ...]) -> None:
    assert read_head("v/b2.py", file("pass", down=down)) == Head(
        path="v/b2.py", revision="b2", down=stands_on
    )


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"revision = (:", "no Python"),
        (file("pass") + b"def x(:", "no Python"),
        (b"\xff\xfe", "no Python"),
        (b"a\0b", "no Python"),
        (b"def upgrade(): pass", "names no revision"),
        (file("pass", revision="made()"), "isn't written as a text"),
        (file("pass", revision="4"), "isn't written as a text"),
        (file("pass", down="made()"), "stands on isn't written as a text"),
        (file("pass", down='("a", 1)'), "stands on isn't written as a text"),
        (b'revision = "a"\n', "has no upgrade"),
        (b"#" * 1_000_001, "1,000,001 bytes"),
        (b"(" * 5_000, ""),
    ],
)
def test_what_cannot_be_read_is_said_in_a_sentence(content: bytes, why: str) -> None:
    found = read("v/x.py", content)
    assert isinstance(found, Unreadable)
    assert why in found.why
    assert found.why.endswith(".")


def test_nothing_in_a_file_is_ever_run(tmp_path: object) -> None:
    content = file("pass", before=f"import pathlib\npathlib.Path({str(tmp_path)!r}, 'x').touch()")
    assert migration("pass").effect is EXPAND
    found = read("v/x.py", content)
    assert isinstance(found, Migration)
    assert found.effect is UNKNOWN


@given(st.binary(max_size=200))
def test_whatever_a_file_holds_reading_it_never_raises(content: bytes) -> None:
    assert isinstance(read("x.py", content), (Migration, Unreadable))


@given(st.lists(st.sampled_from(sorted(EFFECTS)), min_size=1, max_size=5))
def test_an_operation_is_never_hidden_by_what_stands_beside_it(operations: list[str]) -> None:
    """Among any others, what is unsafe by itself stays unsafe."""
    shadows = ("op = ", "drop = ", "lambda", "del ")
    operations = [each for each in operations if not each.startswith(shadows)]
    together = migration("\n".join(operations) or "pass").effect
    if any(not EFFECTS[each].safe for each in operations):
        assert not together.safe
    else:
        assert together in {EFFECTS[each] for each in operations} | {EXPAND}


@given(
    st.sampled_from(sorted(EFFECTS)),
    st.sampled_from(["", "\n\nX = 1\n", "\n\nclass Y:\n    pass\n", '\n\nrevision = "c3"\n']),
)
def test_the_short_way_to_a_head_comes_to_what_the_long_one_does(upgrade: str, after: str) -> None:
    content = file(upgrade) + after.encode()
    whole = read("x.py", content)
    assert isinstance(whole, Migration)
    assert whole.head == read_head("x.py", content)
    assert whole.head.revision == ("c3" if "c3" in after else "b2")
