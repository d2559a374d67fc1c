"""Somebody at the command line of a stage, in this process."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest import mock

from typer.main import get_command
from typer.testing import CliRunner

from rollback.aws import is_read
from rollback.cli import asking, place
from rollback.cli.app import build
from rollback.record.reading import LEASE_CALL

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pytest
    from botocore.awsrequest import AWSResponse
    from typer import Typer

    from rehearsal.doors import Call
    from rollback.access import Access
    from tests.rollback.revert.house import House

FILE = Path(__file__).parents[3] / "environments.toml"
OVERRIDE = ("--override", "Orders are lost every minute.", "--by", "Kim Okafor")


@dataclass
class Ended:
    """How a command ended.

    Attributes:
        code: its exit code.
        out: standard output.
        err: standard error.
    """

    code: int
    out: str
    err: str

    @property
    def said(self) -> str:
        """All of it as one line, however it was broken."""
        return re.sub(r"\s+", " ", f"{self.out} {self.err}")

    @property
    def last(self) -> str:
        """The last line that a person sees."""
        return (self.out + self.err).rstrip().splitlines()[-1].strip()

    @property
    def told(self) -> Any:
        """What a machine was told."""
        return json.loads(self.out)


@cache
def made() -> tuple[Typer, Any]:
    """The command line, made once: that takes longer than most commands."""
    app = build()
    return app, get_command(app)


def typed(*words: str, stdin: str = "") -> Ended:
    """Type a command."""
    app, command = made()
    with mock.patch("typer.testing._get_command", return_value=command):
        done = CliRunner().invoke(app, list(words), input=stdin, env={"COLUMNS": "100"}, prog_name="rollback")
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return Ended(done.exit_code, done.stdout, done.stderr)


@dataclass
class Desk:
    """Somebody at a terminal, with hands on the stage of a house.

    Attributes:
        house: where.
        changes: what has arrived at AWS that changes something, without the lease.
        journals: those that were written, the newest first.
    """

    house: House
    changes: list[str] = field(default_factory=list)
    journals: list[Path] = field(default_factory=list)

    def sit_down(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """From now on commands work on the stage."""
        self.house.stage.operator.interceptors.append(self._note)
        monkeypatch.setattr(place, "hands", self._hands)
        monkeypatch.setattr(place, "journals", lambda _: tuple(self.journals))

    def type(self, *words: str) -> Ended:
        """Type a command where nobody answers."""
        return typed(*words, "--env", self.house.environment.name, "--environments", str(FILE))

    def answer(self, monkeypatch: pytest.MonkeyPatch, answer: str, *words: str) -> Ended:
        """Type a command at a terminal, and an answer to its question."""
        monkeypatch.setattr(asking, "somebody_is_there", lambda: True)
        found = typed(
            *words,
            "--env",
            self.house.environment.name,
            "--environments",
            str(FILE),
            stdin=f"{answer}\n",
        )
        monkeypatch.undo()
        self.house.stage.operator.interceptors.remove(self._note)
        self.sit_down(monkeypatch)
        return found

    @property
    def runs(self) -> int:
        """The revision that the service runs."""
        return self.house.world.look.primary_revision()

    def _hands(self, _: object, asked: object, *, purpose: str, journal: Path | None = None) -> Access:
        del asked
        there = journal if journal is not None and journal.exists() else None
        access = self.house.stage.access(journal_at=there)
        if there is None and purpose in {"incident", "drill"}:
            self.journals.insert(0, access.journal.path)
        return access

    def _note(self, call: Call, proceed: Callable[[], AWSResponse]) -> AWSResponse:
        changes = not is_read(call.operation.partition(":")[2])
        if changes and call.operation != LEASE_CALL:
            self.changes.append(call.operation)
        return proceed()


def commands_in(text: str) -> Iterator[list[str]]:
    """The lines of this tool that a text says to type, as words."""
    for line in text.splitlines():
        words = line.split()
        if words[:1] == ["rollback"]:
            yield words[1:]
