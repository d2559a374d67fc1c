"""Going there and back: whatever happens on the way, a drill puts the service back to where it was."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from rehearsal.drill.photograph import differences, photograph
from rehearsal.drill.steady import must_be_steady
from rehearsal.notes import asked_for
from rollback import ecs, record
from rollback.ecs import Outcome, look
from rollback.errors import Outdated, RollbackError, Throttled, Unavailable
from rollback.journal import Kind, read
from rollback.lease import LeaseLost

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rehearsal.drill.photograph import Photograph
    from rollback.access import Access
    from rollback.ecs.model import Revision, Service
    from rollback.environment import Environment

_PAUSE: Final = 5.0
"""Seconds between two looks at a service that is on its way back, and after a connection that was lost."""
_SETTLES: Final = 120.0
"""Seconds within which the world must be the one of the photograph, once the service runs its revision again."""


class NotPutBack(RollbackError):
    """The drill could not take the service back to where it was; the remedy is the command that does."""


def _silent(_: str) -> None:
    """Nobody is told."""


def _ours() -> None:
    """Nobody else works on a stage."""


@dataclass(slots=True)
class Prompter:
    """Who is told by a drill what a person must know whatever becomes of it.

    Attributes:
        says: told what is happening.
        last_words: the command that puts the world back; empty while there is nothing to put back.
        options: what that command must be told besides, as a profile.
    """

    says: Callable[[str], None] = _silent
    last_words: str = ""
    options: tuple[str, ...] = ()


@dataclass(slots=True)
class Drill:
    """One drill.

    Attributes:
        environment: the place.
        access: the hands.
        prompter: who is told.
        holds: raises `LeaseLost` where the environment is somebody else's by now.
    """

    environment: Environment
    access: Access
    prompter: Prompter = field(default_factory=Prompter)
    holds: Callable[[], None] = _ours
    _photograph: Photograph | None = None
    _start: Revision | None = None
    _plan: ecs.EcsPlan | None = None
    _there: ecs.Result | None = None
    _back_seconds: float | None = None
    _changing: bool = False

    def begin(self) -> None:
        """See that all is well, and write the world down.

        Raises:
            Refused: it isn't; nothing has been changed.
            AwsError: AWS doesn't say.
        """
        service = must_be_steady(self.environment, self.access)
        self._start = service.revision
        self._photograph = photograph(self.environment, self.access)

    def roll_back(self) -> None:
        """Plan and apply; from here on there is something to put back.

        Raises:
            Refused: there is something against it; nothing has been changed.
            LeaseLost: somebody else has the environment now.
            AwsError: AWS didn't answer before anything was changed.
        """
        asked_for(self._photograph, "photographed")
        self._plan = plan = ecs.plan(self.environment, self.access)
        plan.must_be_applicable()
        self._changing = True
        self.prompter.last_words = self.command
        self._there = ecs.apply(self.environment, self.access, plan)

    @property
    def command(self) -> str:
        """What takes the service back, for whoever finds it halfway."""
        path = str(self.access.journal.path)
        confirm = ("--confirm", self.environment.service) if self.environment.drill.confirm else ()
        words = ("rollback", "undo", "--journal", path, "--env", self.environment.name, *confirm)
        return shlex.join((*words, *self.prompter.options))

    @property
    def target(self) -> int:
        """The number of the revision that it went to."""
        return self.there.target.number

    @property
    def there(self) -> ecs.Result:
        """How the way there ended."""
        return asked_for(self._there, "rolled back")

    @property
    def seconds_back(self) -> float:
        """What the way back took, in seconds."""
        return asked_for(self._back_seconds, "put back")

    def contradictions(self) -> tuple[str, ...]:
        """What shows that the earlier revision does not run everywhere, or isn't what answers."""
        if not self.there.landed:
            return (self.there.sentence,)
        version = asked_for(self._plan, "planned").expected_version
        seen = ecs.verify(self.environment, self.access, self.there.target, expected_version=version)
        return tuple(found.seen for found in seen.contradictions)

    def put_back(self) -> None:
        """Take the service to the revision that it ran at the beginning; a lost connection is waited for.

        It is given up at the deadline of an emergency rollback, counted from here, and once; and what somebody else has
        done is left alone.

        Raises:
            NotPutBack: it can't; what does is in its remedy.
            LeaseLost: somebody else has the environment, and what it runs is their business now.
        """
        began = self.access.clock.monotonic()
        try:
            self._until_back(began + self.environment.budgets.emergency.deadline_seconds)
        except LeaseLost:
            self._changing, self.prompter.last_words = False, ""
            raise
        self._back_seconds = self.access.clock.monotonic() - began
        self._changing, self.prompter.last_words = False, ""

    def end(self) -> None:
        """Whatever has happened: put back what isn't back yet.

        Raises:
            NotPutBack, LeaseLost: as `put_back`.
        """
        if not self._changing:
            return
        self.prompter.says(
            f"Putting {self.environment.service} back. If this is broken off, what does it is: {self.command}"
        )
        self.put_back()
        self.prompter.says(f"{self.environment.service} is back at {self._start}.")

    def changes_left(self) -> tuple[str, ...]:
        """What isn't as in the photograph; it is given some time to become so."""
        before = asked_for(self._photograph, "photographed")
        clock = self.access.clock
        until = clock.monotonic() + _SETTLES
        while True:
            left = differences(before, photograph(self.environment, self.access))
            if not left or clock.monotonic() >= until:
                return left
            clock.sleep(_PAUSE)

    def _until_back(self, deadline: float) -> None:
        clock = self.access.clock
        while True:
            try:
                if self._is_back():
                    return
            except (Unavailable, Throttled, Outdated) as error:
                problem = error.sentence
                self.prompter.says(f"The way back isn't clear yet: {problem}")
            except LeaseLost:
                raise
            except RollbackError as error:
                raise self._not_put_back(error.sentence) from error
            else:
                problem = f"{self.environment.service} is still on its way."
            if clock.monotonic() >= deadline:
                raise self._not_put_back(problem)
            clock.sleep(_PAUSE)

    def _is_back(self) -> bool:
        """Do what is missing; whether the service runs its revision again and nothing goes on.

        Raises:
            RollbackError: it can't be done, now or at all.
        """
        self.holds()
        service = look.service(self.environment, self.access)
        self._must_be_ours(service)
        if service.revision == self._start:
            return service.in_progress is None and service.running == service.desired
        back = record.undo(self.environment, self.access, record.begun(self.access.journal.path))
        if back.landed:
            return True
        if isinstance(back, ecs.Result) and back.outcome in {Outcome.FAILED, Outcome.SUPERSEDED}:
            raise NotPutBack(back.sentence)
        return False

    def _must_be_ours(self, service: Service) -> None:
        target = self._plan.target if self._plan else None
        known = {self._start, target, *self._copies()}
        if service.revision not in known:
            raise NotPutBack(
                f"Somebody has deployed {service.revision} meanwhile, which the drill leaves alone."
            )

    def _copies(self) -> Iterator[Revision]:
        for entry in read(self.access.journal.path):
            if entry.kind is Kind.DECISION and "copy" in entry.detail:
                yield ecs.Revision.parse(str(entry.detail["copy"]))

    def _not_put_back(self, problem: str) -> NotPutBack:
        self._changing, self.prompter.last_words = False, self.command
        return NotPutBack(
            f"{self.environment.service} could not be put back to {self._start}: {problem}",
            remedy=f"What does it is: {self.command}",
        )
