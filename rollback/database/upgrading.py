"""Runs a team's migrations on a database that is only for trying: ``python -m rollback.database.upgrading``.

A program of its own, since migrations are anybody's code. It is told what to do on its standard input, and where the
database is by an environment variable; it answers on its standard output, with one line of JSON and no value of a row.
"""

from __future__ import annotations

import json
import os
import re
import sys
import traceback
import warnings
from contextlib import redirect_stdout
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final, cast

from rollback.database.schema import Schema, read_schema

if TYPE_CHECKING:
    from sqlalchemy import Connection

URL: Final = "ROLLBACK_TRIAL_URL"
"""The environment variable that says where the database is."""
_LITERAL: Final = re.compile(r"'(?:[^']|'')*'")
_VALUE: Final = re.compile(r"(?<=: )\"[^\"]*\"$")
_LONGEST: Final = 200


class _Upgrade:
    """``alembic upgrade``, with the schema taken down after each of the last revisions."""

    def __init__(self, job: dict[str, Any]) -> None:
        self.schemas: list[tuple[str, Schema]] = []
        self.at = ""
        self._job = job

    def run(self) -> None:
        from alembic.config import Config  # noqa: PLC0415 - what it can't import is an answer, too
        from alembic.runtime.environment import EnvironmentContext  # noqa: PLC0415
        from alembic.script import ScriptDirectory  # noqa: PLC0415
        from sqlalchemy import create_engine, pool  # noqa: PLC0415

        scripts = ScriptDirectory(self._job["directory"], version_locations=self._job["versions"])
        target, kept = self._job["target"], int(self._job["kept"])
        order = [each.revision for each in scripts.iterate_revisions(target, "base")]
        wanted = set(order[:kept])

        def steps(revision: Any, _: Any) -> Any:
            # The function of `alembic.command.upgrade`, whose steps are looked at one by one.
            planned: list[Any] = list(scripts._upgrade_revs(target, revision))  # noqa: SLF001
            for step in planned:
                self.at = step.revision.revision
                yield step
            self.at = ""

        def applied(*, ctx: Any, step: Any, heads: Any, **_: Any) -> None:
            if step.up_revision_id in wanted and len(heads) == 1:
                self.schemas.append((step.up_revision_id, read_schema(ctx.connection)))

        engine = create_engine(os.environ[URL], poolclass=pool.NullPool)
        with engine.connect() as connection:
            environment = EnvironmentContext(Config(), scripts, fn=steps, destination_rev=target)
            with environment:
                environment.configure(connection=connection, on_version_apply=cast("Any", applied))
                with environment.begin_transaction():
                    environment.run_migrations()
            _done(connection)


def _done(connection: Connection) -> None:
    if connection.in_transaction():
        connection.commit()


def explained(error: BaseException) -> str:
    """What an error says, in one line and without any value: of anybody's own exceptions only what kind it is."""
    from alembic.util import CommandError  # noqa: PLC0415 - see above
    from sqlalchemy.exc import DBAPIError  # noqa: PLC0415

    kind = type(error).__name__
    if isinstance(error, ImportError):
        return f"it imports {error.name or 'something'}, which isn't here"
    if isinstance(error, DBAPIError) and error.orig is not None:
        first = (str(error.orig).strip().splitlines() or [""])[0]
        return f"{type(error.orig).__name__}: {_VALUE.sub('...', _LITERAL.sub('...', first))[:_LONGEST]}"
    if isinstance(error, CommandError):
        return f"{kind}: {str(error).splitlines()[0][:_LONGEST]}"
    lines = [
        f.lineno
        for f in traceback.extract_tb(error.__traceback__)
        if f"{os.sep}versions{os.sep}" in f.filename
    ]
    return f"{kind} in its line {lines[-1]}" if lines else kind


def main() -> int:
    """Do what standard input says; 0 if it worked, else 1."""
    upgrade = _Upgrade(json.load(sys.stdin))
    why = ""
    answers = sys.stdout
    with redirect_stdout(sys.stderr), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            upgrade.run()
        except Exception as error:  # noqa: BLE001 - a migration is anybody's code
            why = explained(error)
    schemas = [{"revision": revision, "schema": asdict(schema)} for revision, schema in upgrade.schemas]
    answers.write(json.dumps({"schemas": schemas, "failed": upgrade.at if why else "", "why": why}) + "\n")
    return 1 if why else 0


if __name__ == "__main__":
    sys.exit(main())
