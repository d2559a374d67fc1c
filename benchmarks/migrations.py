"""What it costs to know which migrations lie between two commits of a team that keeps 2,000 of them."""

from __future__ import annotations

import os
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

from benchmarks.harness import Answer, Figure, cost, in_turns, median
from benchmarks.setting import CHECKOUT
from rollback.access import Access
from rollback.clock import SystemClock
from rollback.database.migrations import crossing
from rollback.environment import load
from rollback.git import Copy
from rollback.journal import Journal
from rollback.process import Processes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.harness import Cost, Size

FILES: Final = 2_000
BETWEEN: Final = 10
BOUND: Final = 1.0
TEXT: Final = '''"""Change number {number}.

Revision ID: {revision}
Revises: {before}
Create Date: 2026-01-05 10:00:00

"""
from typing import Sequence, Union

from alembic import op
import sqlalchemy as sa

# revision identifiers, used by Alembic.
revision: str = "{revision}"
down_revision: Union[str, Sequence[str], None] = {before!r}
branch_labels: Union[str, Sequence[str], None] = None
depends_on: Union[str, Sequence[str], None] = None


def upgrade() -> None:
    op.create_table(
        "table_{number}",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_table_{number}_name"), "table_{number}", ["name"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_table_{number}_name"), table_name="table_{number}")
    op.drop_table("table_{number}")
'''


def answer(size: Size) -> Answer:
    """Look at what lies between the newest commit and the one before its ten newest migrations."""
    with opened() as (copy, here, there):
        patterns = ("migrations/",)
        repository = load(CHECKOUT / "environments.toml").default.repository

        def ours() -> Cost:
            return cost(lambda: crossing(copy, repository, here=here, there=there))

        assert repository.migrations == patterns
        found = crossing(copy, repository, here=here, there=there)
        assert len(found.taken) == BETWEEN
        assert not found.troubles_here
        costs = in_turns({"ours": ours}, size.rounds)["ours"]
    return Answer(
        (
            Figure(
                f"what lies between two commits, of {FILES:,} migrations",
                median(each.seconds for each in costs),
                "s",
                BOUND,
            ),
            Figure("  of it in this process", median(each.processor for each in costs), "s"),
        ),
        ("With the reading from git, without fetching; the files are as alembic makes them.",),
    )


@contextmanager
def opened() -> Iterator[tuple[Copy, str, str]]:
    """A copy of a repository with them all, and its newest commit and an earlier one."""
    repository = load(CHECKOUT / "environments.toml").default.repository
    clock = SystemClock()
    with (
        tempfile.TemporaryDirectory() as directory,
        Journal.create(Path(directory) / "journal.jsonl", clock) as journal,
    ):
        root = Path(directory)
        remote, settings = root / "remote.git", root / "settings"
        settings.write_text(f'[url "file://{remote}"]\n\tinsteadOf = {repository.remote}\n')
        env: dict[str, str | None] = {
            **{name: None for name in os.environ if name.startswith("GIT_")},
            "GIT_CONFIG_GLOBAL": str(settings),
            "GIT_CONFIG_NOSYSTEM": "1",
        }
        _git("init", "-q", "--bare", "-b", "main", str(remote))
        _git("-C", str(remote), "fast-import", "--quiet", stdin=b"".join(stream()))
        nothing = cast(Any, None)
        access = Access(
            aws=nothing,
            http=nothing,
            github=nothing,
            journal=journal,
            clock=clock,
            directory=root / "kept",
            processes=Processes(journal, clock, env=env),
        )
        copy = Copy.fetched(repository, access)
        newest = copy.tip("main")
        yield copy, newest.sha, newest.parents[0]


def stream() -> Iterator[bytes]:
    """The history for git fast-import: all but the newest migrations at first, and then those."""
    for began, (first, last) in enumerate(((0, FILES - BETWEEN), (FILES - BETWEEN, FILES))):
        yield (
            b"commit refs/heads/main\ncommitter Bob <bob@team.example> 170000000%d +0000\ndata 2\nGo\n"
            % began
        )
        for number in range(first, last):
            before = f"{number - 1:012x}" if number else None
            text = TEXT.format(number=number, revision=f"{number:012x}", before=before).encode()
            yield b"M 644 inline migrations/versions/%012x_change.py\ndata %d\n" % (number, len(text))
            yield text + b"\n"


def _git(*args: str, stdin: bytes | None = None) -> None:
    subprocess.run(["git", *args], input=stdin, check=True, capture_output=True)  # noqa: S603, S607 - our own list, git of PATH
