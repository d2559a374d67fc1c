"""The engineers who keep the record of a rollback, lose their machine over it, and go on with one another's journal."""

from __future__ import annotations

import errno
import os
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from rehearsal.notes import asked_for
from rollback import record
from rollback.journal import Entry, Kind

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from botocore.awsrequest import AWSResponse

    from rehearsal.doors import Call
    from rehearsal.embedded import EmbeddedStage
    from rehearsal.notes import Notes
    from rehearsal.operator import Operator
    from rollback.environment import Environment

USER: Final = "kim"
HOST: Final = "kims-laptop"
_ASKED: Final = "ecs:UpdateService"
_TORN: Final = b'{"number": 4711, "at": "2026-01-0'


class Killed(BaseException):
    """The process is gone: nobody catches it, and nothing more is written."""


class RecordKeeper:
    """Keeps the record as a person would, and remembers what it says."""

    def __init__(
        self, environment: Environment, stage: EmbeddedStage, operator: Operator, notes: Notes
    ) -> None:
        self._environment = environment
        self._stage = stage
        self._operator = operator
        self._notes = notes
        self._report: record.Report | None = None

    @property
    def report(self) -> record.Report:
        """The report that was written."""
        return asked_for(self._report, "reported")

    @property
    def journal(self) -> Path:
        """Where the rollback is written down."""
        return self._operator.access.journal.path

    def begun(self) -> record.Begun:
        """What the journal tells."""
        return record.begun(self.journal)

    def roll_back(self) -> None:
        """Roll back, with all that belongs into the record: who, and what users see before, during and after."""
        access = self._operator.access
        record.opened(self._environment, access, user=USER, host=HOST)
        record.measure(self._environment, access)
        self._operator.access = record.watching(self._environment, access)
        self._operator.roll_back()
        record.measure(self._environment, access)

    def write(self) -> None:
        """Write the report beside the journal."""
        path = self.journal.with_suffix(".md")
        self._report = record.write(self._environment, self._operator.access, path)

    def roll_back_and_be_killed(self, moment: str) -> None:
        """Roll back until the process is gone, and leave its journal behind."""
        moments: dict[str, Callable[[], None]] = {
            "before ECS was asked": lambda: self._kill_at(Kind.SAVED),
            "right after ECS was asked": self._kill_once_asked,
            "in the middle of a line, after ECS has answered": lambda: self._kill_at(Kind.ANSWER),
        }
        moments[moment]()
        with suppress(Killed):
            self._operator.roll_back()
        access = self._operator.access
        access.aws.close()
        access.journal.close()
        if moment.startswith("in the middle of a line"):
            with access.journal.path.open("ab") as file:
                file.write(_TORN)

    def go_on(self) -> None:
        """Another engineer sits down with the journal, and goes on."""
        begun = self.begun()
        self._operator.access = self._stage.access(journal_at=begun.path)
        self._notes.ended(record.resume(self._environment, self._operator.access, begun))

    def take_back(self) -> None:
        """Another engineer sits down with the journal, and undoes what it tells of."""
        begun = self.begun()
        self._operator.access = self._stage.access(journal_at=begun.path)
        self._notes.ended(record.undo(self._environment, self._operator.access, begun))

    def try_to_go_on_elsewhere(self) -> None:
        """Another engineer tries to go on with the journal while its writer is still there, or takes the refusal down."""
        with self._notes.trying():
            record.resume(self._environment, self._stage.access(), self.begun())

    def full_disk(self) -> Callable[[int, bytes], int]:
        """A writing to disk that fails for the journal once the world was saved."""
        journal, write = self._operator.access.journal, os.write
        full: list[Entry] = []
        journal.subscribe(lambda entry: full.append(entry) if entry.kind is Kind.SAVED else None)
        place = journal.path.stat()

        def written(descriptor: int, data: bytes) -> int:
            if full and os.path.samestat(os.fstat(descriptor), place):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            return write(descriptor, data)

        return written

    def _kill_at(self, kind: Kind) -> None:
        """Be killed right after an entry: of an answer, of that of the change."""

        def kill(entry: Entry) -> None:
            if entry.kind is kind and entry.what.startswith(_ASKED if kind is Kind.ANSWER else ""):
                raise Killed

        self._operator.access.journal.subscribe(kill)

    def _kill_once_asked(self) -> None:
        """Be killed when ECS has done it, before its answer is written down."""

        def kill(call: Call, proceed: Callable[[], AWSResponse]) -> AWSResponse:
            answer = proceed()
            if call.operation == _ASKED:
                self._stage.operator.interceptors.remove(kill)
                raise Killed
            return answer

        self._stage.operator.interceptors.append(kill)
