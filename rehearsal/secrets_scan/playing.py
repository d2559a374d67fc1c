"""A run of its own, which says all that it can, and keeps all that it wrote."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from rehearsal.secrets_scan.looking import leaks
from rehearsal.secrets_scan.planting import FAIL_AT, PLANTED, planted

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from rehearsal.secrets_scan.looking import Leak

_OUTPUT: Final = "output.txt"


@dataclass(frozen=True, slots=True)
class Played:
    """What a run has left.

    Attributes:
        directory: its files, its output and its report.
        secrets: what was planted: each with its name.
        code: its exit code.
    """

    directory: Path
    secrets: Mapping[str, str]
    code: int

    @property
    def output(self) -> str:
        """What it said."""
        return (self.directory / _OUTPUT).read_text(encoding="utf-8")

    @property
    def leaks(self) -> list[Leak]:
        """Every secret where it may not be."""
        return leaks(self.directory, self.secrets)


def play(arguments: Sequence[str], directory: Path, *, fail_at: Sequence[str] = ()) -> Played:
    """Play features in a process of its own.

    Args:
        arguments: what, as pytest is told.
        directory: an empty one.
        fail_at: the operations at which it fails on purpose, as ``ecs:UpdateService``.
    """
    inside = directory / "run"
    inside.mkdir(mode=0o755)
    notes = directory / "planted.jsonl"
    notes.touch(mode=0o600)
    command = (
        *(sys.executable, "-m", "pytest", "-p", "rehearsal.secrets_scan.planting", "-p", "no:cacheprovider"),
        *("-o", "tmp_path_retention_policy=all", f"--basetemp={inside / 'files'}"),
        *(f"--junitxml={inside / 'junit.xml'}", "-o", "junit_logging=all"),
        *(f"--report={inside / 'runbook'}", *arguments),
    )
    surroundings = os.environ | {PLANTED: str(notes), FAIL_AT: ",".join(fail_at), "COLUMNS": "4000"}
    with (inside / _OUTPUT).open("wb") as output:
        ended = subprocess.run(  # noqa: S603 - an argument list of ours
            command, stdout=output, stderr=subprocess.STDOUT, env=surroundings, check=False
        )
    return Played(inside, planted(notes), ended.returncode)
