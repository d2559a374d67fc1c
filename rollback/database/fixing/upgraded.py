"""A commit's migrations, run on a database that is only for trying, in a program of their own."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

import rollback
from rollback._text import printable
from rollback.database.migrations.past import scripts
from rollback.database.schema import Schema  # noqa: TC001 - pydantic looks at it
from rollback.database.upgrading import URL
from rollback.errors import RollbackError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Engine

    from rollback.access import Access
    from rollback.environment import Environment
    from rollback.process import Completed

SECONDS: Final = 3600.0
"""How long the migrations of a commit may take on a copy, in real seconds."""
KEPT: Final = 30
"""Of how many of the newest revisions the schema is taken down."""
_OTHERS: Final = frozenset({"PGPASSWORD", "PGPASSFILE", "PGSERVICE", "PGHOST", "PGUSER", "PGDATABASE"})
"""By which code of a team might find another database than the one it is given."""
_PROGRAM: Final = "rollback.database.upgrading"


class _Taken(BaseModel):
    model_config = ConfigDict(frozen=True)

    revision: str
    table: Annotated[Schema, Field(alias="schema")]


class _Answer(BaseModel):
    """What the program says; it has run anybody's code."""

    model_config = ConfigDict(frozen=True)

    schemas: tuple[_Taken, ...]
    failed: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Upgraded:
    """What came of it.

    Attributes:
        schemas: the schema after each of the last revisions, the oldest first.
        failed: the revision that failed; empty where none did.
        why: why it failed, or why none could be run at all, in words without any value.
        seconds: how long all of it took.
    """

    schemas: Mapping[str, Schema]
    failed: str = ""
    why: str = ""
    seconds: float = 0.0


def upgraded(
    environment: Environment,
    access: Access,
    engine: Engine,
    files: Mapping[str, bytes],
    *,
    target: str = "head",
    kept: int = KEPT,
) -> Upgraded:
    """Run ``alembic upgrade`` on a database that is only for trying.

    What it runs is a team's own code. It gets the address of this one database, also in the variable from which the
    application knows its own, and none of the credentials that we have.

    Args:
        environment: the place.
        access: the hands.
        engine: the database.
        files: what a commit keeps for its migrations, by path.
        target: the revision to upgrade to.
        kept: of how many of the newest revisions the schema is taken down.

    Raises:
        RollbackError: the program could not be run, or was stopped.
    """
    url = engine.url.render_as_string(hide_password=False)
    with tempfile.TemporaryDirectory(prefix="rollback-migrations-") as place:
        directory = Path(place).resolve()
        for path, content in files.items():
            file = directory / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
        versions = sorted({str(directory / PurePosixPath(path).parent) for path in scripts(files)})
        job = {"directory": str(directory), "versions": versions, "target": target, "kept": kept}
        done = access.processes.run(
            [sys.executable, "-P", "-m", _PROGRAM],
            timeout_seconds=SECONDS,
            cwd=directory,
            env=_variables(environment, url),
            stdin=json.dumps(job).encode(),
        )
    return _read(done)


def _variables(environment: Environment, url: str) -> dict[str, str | None]:
    """Those of the program: where the database and this package are, and no credentials."""
    ours = str(Path(rollback.__path__[0]).parent)
    inherited = os.environ.get("PYTHONPATH")
    credentials = [name for name in os.environ if name.startswith("AWS_") or name in _OTHERS]
    return {
        **dict.fromkeys((*credentials, environment.repository.token_variable)),
        "PYTHONPATH": f"{ours}{os.pathsep}{inherited}" if inherited else ours,
        "PYTHONDONTWRITEBYTECODE": "1",
        environment.database.variable: url,
        URL: url,
    }


def _read(done: Completed) -> Upgraded:
    try:
        answer = _Answer.model_validate_json(done.stdout)
    except ValidationError:
        last = printable((done.error_text.strip().splitlines() or ["it said nothing"])[-1])
        if "No module named" in last:
            raise RollbackError(
                "Alembic or SQLAlchemy is not installed here, so no migration can be tried.",
                remedy='Install them: pip install "rollback-rehearsal[database]".',
            ) from None
        raise RollbackError(
            f"The migrations could not be tried: their program ended with code {done.code} and no answer.",
            remedy="Run `alembic upgrade head` on a database of your own, and see what it says.",
        ) from None
    return Upgraded(
        schemas={each.revision: each.table for each in answer.schemas},
        failed=answer.failed,
        why=answer.why or ("it ended without a word" if done.code else ""),
        seconds=done.seconds,
    )
