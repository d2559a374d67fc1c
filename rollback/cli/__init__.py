"""The command line: what a person types at three in the morning. `rollback.cli.app` says what it offers."""

from __future__ import annotations

import sys
from typing import NoReturn


def main() -> NoReturn:
    """Run the command that this process was started with."""
    from rollback.cli.app import run  # noqa: PLC0415 - typer, which nobody needs who imports this package

    sys.exit(run())
