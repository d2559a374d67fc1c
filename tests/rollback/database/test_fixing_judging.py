"""What is said of a version table, and of a migration that a person has brought, without any database."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from rollback.database.fixing import checks, judging
from rollback.database.fixing.expecting import Expected, Files
from rollback.database.migrations.past import past
from rollback.database.schema import Column, Schema, Table
from tests.rollback.builders import ENVIRONMENT
from tests.rollback.database.team import revision
from tests.rollback.database.written import WIDENS, own

if TYPE_CHECKING:
    from pathlib import Path

CONTENTS: Final = {
    f"migrations/versions/{name}_it.py": revision(name, down).encode()
    for name, down in (("0001", None), ("0002", "0001"))
}
FILES: Final = Files(
    contents=CONTENTS,
    past=past({path: path for path in CONTENTS}, CONTENTS, {}),
)
MADE: Final = Expected(
    schemas={
        "0001": Schema((Table("orders", (Column("id", "BIGINT"),)),)),
        "0002": Schema((Table("orders", (Column("id", "BIGINT"), Column("note", "TEXT"))),)),
    }
)


def named(*revisions: str) -> Schema:
    return Schema(MADE.schemas["0002"].tables, revisions)


@pytest.mark.parametrize(
    ("revisions", "said"),
    [
        ((), "is empty"),
        (("0001", "0002"), "names several revisions, 0001 and 0002"),
        (("ae10",), "is at ae10, which no file on testing holds"),
    ],
)
def test_a_version_table_that_names_no_one_revision_is_told(revisions: tuple[str, ...], said: str) -> None:
    (refused,) = checks.version_table(ENVIRONMENT, named(*revisions), FILES, MADE)
    assert (refused.severity, said in refused.seen) == ("refusal", True)
    assert "Its schema is that of 0002." in refused.seen
    assert "alembic stamp --purge 0002" in refused.commands


def test_where_the_schema_is_nobody_s_no_revision_is_advised() -> None:
    (refused,) = checks.version_table(ENVIRONMENT, Schema((), ()), FILES, MADE)
    assert "Its schema is" not in refused.seen
    assert not any("stamp" in command for command in refused.commands)


@pytest.mark.parametrize(
    ("upgrade", "given", "said"),
    [
        ('op.drop_column("orders", "placed_at")', {}, "takes something away"),
        ("import contextlib\n    contextlib.nullcontext(op.get_bind())", {}, "can't be told to be safe"),
        (WIDENS, {"down": "0001"}, "stands on 0001, and the head of testing is 0002"),
        (WIDENS, {"down": None}, "stands on nothing"),
        (WIDENS, {"revision": "0001"}, "There is a migration 0001 already"),
        (WIDENS, {"more": "depends_on = 'ae10'"}, "depends on ae10, which no file holds"),
        ("=", {}, "can't be read: It is no Python"),
    ],
)
def test_a_migration_of_one_s_own_that_may_not_go_on_top_is_refused(
    tmp_path: Path, upgrade: str, given: dict[str, str | None], said: str
) -> None:
    draft, finding = judging.given(ENVIRONMENT, own(tmp_path, upgrade, **given), FILES)  # type: ignore[arg-type]
    assert (draft, finding.severity, said in finding.seen) == (None, "refusal", True), finding.seen


def test_one_that_only_adds_goes_beside_the_others(tmp_path: Path) -> None:
    draft, finding = judging.given(ENVIRONMENT, own(tmp_path), FILES)
    assert draft is not None
    assert (draft.path, draft.given, finding.severity) == ("migrations/versions/0003_mine.py", True, "ok")


def test_a_file_that_is_no_text_or_is_not_there_is_a_sentence(tmp_path: Path) -> None:
    binary = tmp_path / "0003_binary.py"
    binary.write_bytes(b"\xff\xfe")
    assert "it is no text" in judging.given(ENVIRONMENT, binary, FILES)[1].seen
    assert "No such file" in judging.given(ENVIRONMENT, tmp_path / "0003_gone.py", FILES)[1].seen
