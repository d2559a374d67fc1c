"""``python -m rollback.git check-pull-request``: for CI, whether a change mixes infrastructure and application."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from rollback._text import printable
from rollback.clock import SystemClock
from rollback.environment import load
from rollback.errors import RollbackError
from rollback.git.principle import PullRequestCheck, check_pull_request
from rollback.process import Processes

if TYPE_CHECKING:
    from collections.abc import Sequence


class _Unrecorded:
    """A check in CI changes nothing, and its own log is the record."""

    def command(self, args: Sequence[str], cwd: Path | None) -> None:
        """Nothing is taken down."""

    def exited(self, args: Sequence[str], code: int, seconds: float) -> None:
        """Nothing is taken down."""


def main(given: Sequence[str] | None = None) -> int:
    """Check and say so: 0 for one side, 1 for both, 2 where it can't be told."""
    asked = _arguments(given)
    try:
        found = _checked(asked)
    except RollbackError as error:
        sys.stderr.write(f"{error}\n")
        _annotate(str(error))
        return 2
    sys.stdout.write(f"{found.sentence}\n")
    if found.mixed:
        _annotate(found.sentence)
    return int(found.mixed)


def _checked(asked: argparse.Namespace) -> PullRequestCheck:
    environments = load(asked.config)
    environment = environments.get(asked.env) if asked.env else environments.default
    return check_pull_request(
        environment.repository,
        Processes(_Unrecorded(), SystemClock()),
        Path.cwd(),
        base=asked.base,
        head=asked.head,
    )


def _arguments(given: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m rollback.git", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    check = commands.add_parser(
        "check-pull-request", help="fail if a change mixes infrastructure and application"
    )
    check.add_argument("--base", required=True, help="the branch it is meant for, as origin/main")
    check.add_argument("--head", default="HEAD", help="its last commit (default: %(default)s)")
    check.add_argument("--env", help="whose lists of paths hold (default: the default environment's)")
    check.add_argument("--config", type=Path, default=Path("environments.toml"), help="default: %(default)s")
    return parser.parse_args(given)


def _annotate(sentence: str) -> None:
    """Have GitHub Actions show it at the top of the run (GitHub Docs, "Workflow commands")."""
    if os.environ.get("GITHUB_ACTIONS") == "true":
        sys.stdout.write(f"::error::{printable(sentence).replace('%', '%25')}\n")


if __name__ == "__main__":
    sys.exit(main())
