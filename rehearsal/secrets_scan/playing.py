"""A run of its own, which says all that it can, and keeps all that it wrote."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TextIO

import pytest

from rehearsal.secrets_scan.looking import leaks
from rehearsal.secrets_scan.planting import FAIL_AT, PLANTED, planted, unread

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
        unread: the names of those that nothing in the run has had in its hands.
        code: its exit code.
    """

    directory: Path
    secrets: Mapping[str, str]
    unread: Sequence[str]
    code: int

    @property
    def output(self) -> str:
        """What it said."""
        return (self.directory / _OUTPUT).read_text(encoding="utf-8")

    @property
    def leaks(self) -> list[Leak]:
        """Every secret where it may not be."""
        return leaks(self.directory, self.secrets)


def play(
    arguments: Sequence[str], directory: Path, *, fail_at: Sequence[str] = (), here: bool = False
) -> Played:
    """Play features in a process of its own, or in this one.

    Args:
        arguments: what, as pytest is told.
        directory: an empty one.
        fail_at: the operations at which it fails on purpose, as ``ecs:UpdateService``.
        here: play it in this process, which may have imported and made already what is dear.
    """
    inside = directory / "run"
    inside.mkdir(mode=0o755)
    notes = directory / "planted.jsonl"
    notes.touch(mode=0o600)
    told = (
        *("-p", "rehearsal.secrets_scan.planting", "-p", "no:cacheprovider"),
        *("-o", "tmp_path_retention_policy=all", f"--basetemp={inside / 'files'}"),
        *(f"--junitxml={inside / 'junit.xml'}", "-o", "junit_logging=all"),
        *(f"--report={inside / 'runbook'}", *arguments),
    )
    surroundings = {PLANTED: str(notes), FAIL_AT: ",".join(fail_at), "COLUMNS": "4000"}
    with (inside / _OUTPUT).open("w", encoding="utf-8") as output:
        code = (_here if here else _apart)(told, output, surroundings)
    return Played(inside, planted(notes), unread(notes), code)


def _apart(told: Sequence[str], output: TextIO, surroundings: Mapping[str, str]) -> int:
    ended = subprocess.run(  # noqa: S603 - an argument list of ours
        (sys.executable, "-m", "pytest", *told),
        stdout=output,
        stderr=subprocess.STDOUT,
        env=os.environ | surroundings,
        check=False,
    )
    return ended.returncode


def _here(told: Sequence[str], output: TextIO, surroundings: Mapping[str, str]) -> int:
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(output), redirect_stderr(output):
        for name, value in surroundings.items():
            patch.setenv(name, value)
        # What was imported before isn't rewritten, and needn't be.
        return pytest.main([*told, "-W", "ignore::pytest.PytestAssertRewriteWarning"])
