"""What asking for help costs: counted in what is imported, since seconds are this machine's."""

from __future__ import annotations

import json
import os
import subprocess
import sys

from tests.rollback.cli.desk import FILE

HEAVY = {"boto3", "botocore", "moto", "pydantic", "requests", "rehearsal", "rich", "sqlalchemy"}
ASKING = """
import contextlib, io, json, sys
sys.argv = ["rollback", "--help"]
from rollback.cli import main
with contextlib.suppress(SystemExit), contextlib.redirect_stdout(io.StringIO()):
    main()
print(json.dumps(sorted({name.partition(".")[0] for name in sys.modules})))
"""


def test_help_imports_nothing_that_only_a_rollback_needs() -> None:
    environment = {**os.environ, "PYTHONPATH": str(FILE.parent)}
    done = subprocess.run(  # noqa: S603 - an argument list of our own
        [sys.executable, "-c", ASKING], env=environment, capture_output=True, check=True, timeout=60
    )
    imported = set(json.loads(done.stdout))
    assert "typer" in imported
    # An add-on of another package, as the sandbox, may come along; it imports no more than this by itself.
    assert imported & HEAVY <= {"rehearsal"}
