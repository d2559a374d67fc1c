"""Doing something to an environment: one at a time, shown while it waits, and told how it ended, whatever happens."""

from __future__ import annotations

import signal
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rich.text import Text

from rollback import show
from rollback.cli import printing
from rollback.cli.codes import Exit, code_of, code_of_end
from rollback.cli.progress import shown
from rollback.cli.screen import error_of
from rollback.errors import RollbackError
from rollback.journal import read

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from rollback.access import Access
    from rollback.cli.parameters import Asked
    from rollback.cli.screen import Screen
    from rollback.environment import Environment
    from rollback.lease import Purpose
    from rollback.plan import Ended


@dataclass
class Doing:
    """What a command that changes something works with.

    Attributes:
        place: the environment.
        access: the hands, on which the lease is not yet a guard.
        asked: the options.
        screen: where it says what it does.
        told: what a machine is given at the end.
        began: whether the environment was ours to change.
    """

    place: Environment
    access: Access
    asked: Asked
    screen: Screen
    told: dict[str, Any]
    began: bool = False

    @property
    def journal(self) -> Path:
        """Where it is written down."""
        return self.access.journal.path

    @property
    def purpose(self) -> Purpose:
        """What for."""
        from rollback.lease import Purpose  # noqa: PLC0415 - pydantic, which --help need not import

        return Purpose.DRILL if self.asked.drill else Purpose.INCIDENT

    def must_be_ready(self, seconds: float) -> None:
        """See whose hands they are, and that nobody else works here; nothing is changed.

        Raises:
            NotReady: they are not the right ones, or don't last long enough.
            LeaseError: somebody else works on the environment.
            AwsError: S3 doesn't say.
        """
        from rollback import live  # noqa: PLC0415 - botocore, which --help need not import

        # AWS is asked before all of the ways back are imported: what is wrong is mostly wrong there.
        live.check(self.place, self.access, seconds=seconds).must_be_ready()
        from rollback import lease, record  # noqa: PLC0415 - see above

        record.opened(self.place, self.access)
        if not self.asked.without_lease:
            lease.must_be_free(self.place, self.access, purpose=self.purpose, preempt=self.asked.preempt)

    @contextmanager
    def at_work(self, seconds: float) -> Iterator[Access]:
        """Hands that hold the environment's lease, ask the application while they wait, and show what they wait for.

        Raises:
            LeaseError: somebody else works on the environment.
            AwsError: S3 doesn't take the lease.
        """
        from rollback import lease, record  # noqa: PLC0415 - likewise
        from rollback.journal import Kind  # noqa: PLC0415 - likewise

        with ExitStack() as stack:
            access = self.access
            if self.asked.without_lease:
                access.journal.record(
                    Kind.DECISION, f"Begun without the lease of {self.place.name}.", by_option=True
                )
            else:
                access = stack.enter_context(
                    lease.holding(self.place, access, purpose=self.purpose, preempt=self.asked.preempt)
                )
                stack.callback(access.aws.close)
            access = record.watching(self.place, access)
            self.began = True
            yield stack.enter_context(shown(access, self.screen, seconds))

    def finish(self, do: Callable[[], Ended]) -> Exit:
        """Do it, say how it ended and what to type next; returns the exit code.

        Raises:
            RollbackError: before anything was changed.
            KeyboardInterrupt: it was interrupted; `interrupted` has the words.
        """
        try:
            ended = do()
        except RollbackError as error:
            code = self._broken_off(error)
            if code is None:
                raise
            return code
        code = code_of_end(ended)
        show.print_result(ended, self.screen.out)
        self._next(code)
        self.told |= {
            "result": printing.result_of(ended),
            "journal": str(self.journal),
            "exit_code": int(code),
        }
        return code

    def _next(self, code: Exit) -> None:
        """The lines to type next; where nothing was begun there is nothing to go on with or to take back."""
        lines = []
        if self._saved() and not self._is_taken_back():
            lines.append(("To take it back:", printing.go_on_by(self.place, self.journal, verb="undo")))
        if code is not Exit.OK:
            lines.insert(0, ("To go on with it:", printing.go_on_by(self.place, self.journal, verb="resume")))
        else:
            lines.append(("For the report:", printing.go_on_by(self.place, self.journal, verb="report")))
        self.screen.blank()
        self.screen.path("Journal", self.journal)
        for says, line in lines:
            self.screen.indented(says)
            self.screen.commands([line])
        self.told["next"] = [line for _, line in lines]

    def _broken_off(self, error: RollbackError) -> Exit | None:
        """Where something may have been changed before the error: that is said, with the way on. Else None."""
        stands = self._stands() if self.began else None
        if stands is None:
            return None
        self.screen.failed(error)
        self.screen.tell(stands)
        self._next(Exit.IN_DOUBT)
        self.told |= {
            "error": error_of(error),
            "stands": stands,
            "journal": str(self.journal),
            "exit_code": int(Exit.IN_DOUBT),
        }
        return Exit.IN_DOUBT

    def _saved(self) -> bool:
        from rollback import record  # noqa: PLC0415 - likewise

        with suppress(RollbackError):
            return any(each.saved for each in record.attempts(read(self.journal)))
        return False

    def _stands(self) -> str | None:
        """Where it stands, if something may have been changed and nobody has told the end of it."""
        from rollback import record  # noqa: PLC0415 - likewise

        with suppress(RollbackError):
            begun = record.begun(self.journal)
            if begun.stands in {record.Stands.IN_DOUBT, record.Stands.UNDERWAY}:
                return begun.sentence
        return None

    def _end(self) -> str:
        """How the last rollback of the journal has ended; empty where it hasn't."""
        from rollback import record  # noqa: PLC0415 - likewise

        with suppress(RollbackError):
            begun = record.begun(self.journal)
            if begun.stands in {record.Stands.LANDED, record.Stands.ENDED}:
                return begun.sentence
        return ""

    def _is_taken_back(self) -> bool:
        from rollback import record  # noqa: PLC0415 - likewise

        with suppress(RollbackError):
            return record.is_taken_back(record.begun(self.journal))
        return False

    def interrupted(self) -> Exit:
        """Say where an interrupted rollback stands; the last line is the one to go on with it."""
        screen, stands = self.screen, self._stands()
        screen.err.print(Text("INTERRUPTED", style="bold red"))
        self.told |= {"stands": stands, "journal": str(self.journal), "exit_code": int(Exit.INTERRUPTED)}
        if stands is None:
            screen.tell(f"{self._end() or 'Nothing has been changed.'} The journal is {self.journal}.")
            return Exit.INTERRUPTED
        undo, resume = (printing.go_on_by(self.place, self.journal, verb=verb) for verb in ("undo", "resume"))
        self.told["next"] = [resume, undo]
        screen.tell(stands)
        screen.tell("To take it back:")
        screen.commands([undo], on=screen.err)
        screen.tell("To go on with it:")
        screen.commands([resume], on=screen.err)
        return Exit.INTERRUPTED


@contextmanager
def interruptible() -> Iterator[None]:
    """Have a lost terminal and a scheduler's request to end be as Ctrl-C: said, recorded, and gone on with later."""

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    signals = (signal.SIGTERM, signal.SIGHUP)
    try:
        before = {each: signal.signal(each, stop) for each in signals}
    except ValueError:  # not the main thread, as in a test
        yield
        return
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


def code_and_words(error: RollbackError, screen: Screen, told: dict[str, Any]) -> Exit:
    """Say what is in the way; returns the exit code."""
    code = code_of(error)
    screen.failed(error)
    told |= {"error": error_of(error), "exit_code": int(code)}
    return code
