"""Running a team's migrations on a database that is only for trying: what the program is given, and what it says."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

import pytest
from sqlalchemy import NullPool, create_engine
from sqlalchemy.exc import IntegrityError

from rehearsal.clock import VirtualClock
from rollback.database.fixing.upgraded import Upgraded, upgraded
from rollback.database.schema import words
from rollback.database.upgrading import URL, explained
from rollback.errors import RollbackError
from rollback.journal import Journal, Kind, read
from rollback.process import Completed, Processes
from tests.rollback.builders import ENVIRONMENT
from tests.rollback.database.team import revision

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sqlalchemy import Engine

    from rollback.access import Access

FIRST: Final = revision("0001", None, 'op.execute("CREATE TABLE orders (id bigint PRIMARY KEY)")')


class Hands:
    """Those of an operator who only runs programs."""

    def __init__(self, directory: Path) -> None:
        clock = VirtualClock()
        self.journal = Journal.create(directory / "journal.jsonl", clock)
        self.processes = Processes(_Scribe(self.journal), clock)


class _Scribe:
    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def command(self, args: Sequence[str], cwd: Path | None) -> None:
        self._journal.record(Kind.COMMAND, " ".join(args), cwd=str(cwd))

    def exited(self, args: Sequence[str], code: int, seconds: float) -> None:
        """Nothing to write down."""


@pytest.fixture
def hands(tmp_path: Path) -> Iterator[Hands]:
    made = Hands(tmp_path)
    yield made
    made.journal.close()


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    return create_engine(f"sqlite:///{tmp_path}/trial.db", poolclass=NullPool)


def ran(hands: Hands, engine: Engine, files: Mapping[str, str], **wish: int | str) -> Upgraded:
    held = {f"migrations/versions/{name}.py": text.encode() for name, text in files.items()}
    return upgraded(ENVIRONMENT, cast("Access", hands), engine, held, **wish)  # type: ignore[arg-type]


def test_it_tells_the_schema_after_each_revision_whatever_they_print(hands: Hands, engine: Engine) -> None:
    second = revision("0002", "0001", 'op.add_column("orders", sa.Column("note", sa.Text()))\nprint("{}")')
    done = ran(hands, engine, {"a": FIRST, "b": second})
    assert (done.failed, done.why) == ("", "")
    assert list(done.schemas) == ["0001", "0002"]
    before, after = (schema.facts for schema in done.schemas.values())
    assert words(after - before) == "the column orders.note"
    assert next(entry.what for entry in read(hands.journal.path)).endswith("-m rollback.database.upgrading")
    assert "sqlite" not in hands.journal.path.read_text()


def test_of_a_failure_it_tells_the_revision_and_no_value(hands: Hands, engine: Engine) -> None:
    second = revision("0002", "0001", "op.execute(\"INSERT INTO orders VALUES (1), (1), ('a secret word')\")")
    done = ran(hands, engine, {"a": FIRST, "b": second})
    assert (done.failed, list(done.schemas)) == ("0002", ["0001"])
    assert "UNIQUE constraint failed: orders.id" in done.why
    assert "secret word" not in done.why


def test_it_has_none_of_our_credentials_knows_no_other_database_and_leaves_nothing(
    hands: Hands, engine: Engine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    variable = ENVIRONMENT.database.variable
    for name in ("AWS_SECRET_ACCESS_KEY", "PGPASSWORD", ENVIRONMENT.repository.token_variable):
        monkeypatch.setenv(name, "a secret")
    monkeypatch.setenv(variable, "postgresql://app:secret@db.example/app")
    looks = (
        "import os\nleft = [value for value in os.environ.values() if 'secret' in value]\n"
        f"assert not left and os.environ['{variable}'] == os.environ['{URL}']\n"
        f"open({str(tmp_path / 'seen')!r}, 'w').write(__file__)"
    )
    done = ran(hands, engine, {"a": FIRST, "b": revision("0002", "0001", looks)})
    assert done.why == ""
    assert not Path((tmp_path / "seen").read_text()).exists()


def test_a_program_that_says_nothing_is_a_sentence(
    hands: Hands, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def silent(args: tuple[str, ...], **_: object) -> Completed:
        return Completed(args, 1, b"", b"ModuleNotFoundError: No module named 'alembic'\n", 0.0)

    monkeypatch.setattr(hands, "processes", type("Silent", (), {"run": staticmethod(silent)}))
    with pytest.raises(RollbackError, match="not installed here") as refused:
        ran(hands, engine, {"a": FIRST})
    assert "database" in refused.value.remedy


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ('invalid input syntax for type integer: "4111 1111"', "Exception: invalid input syntax for type integer: ..."),
        ('duplicate key value violates unique constraint "orders_pkey"\nDETAIL: Key (id)=(7) exists',
         'Exception: duplicate key value violates unique constraint "orders_pkey"'),
        ("no such value 'Kim'", "Exception: no such value ..."),
    ],
)  # fmt: skip
def test_a_database_s_own_words_are_told_without_what_they_quote(said: str, told: str) -> None:
    statement = "INSERT INTO orders VALUES ('a secret')"
    assert explained(IntegrityError(statement, ("a secret",), Exception(said))) == told


def test_what_a_migration_imports_and_is_not_here_is_named(hands: Hands, engine: Engine) -> None:
    done = ran(hands, engine, {"a": FIRST.replace("import sqlalchemy as sa", "import company.models")})
    assert (done.failed, done.why) == ("", "it imports company, which isn't here")


def test_of_anybody_s_own_exception_only_the_kind_and_the_line_are_told() -> None:
    code = compile("\n\nraise ValueError('a secret')", "/team/versions/0002_tidy.py", "exec")
    with pytest.raises(ValueError, match="a secret") as raised:
        exec(code)  # noqa: S102 - as alembic does with a team's file
    assert explained(raised.value) == "ValueError in its line 3"
