"""What travels with each step of a scenario: all that the journals of those who act in it tell."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from rehearsal.report.items import Items, size, within
from rehearsal.report.rollouts import ROLLOUT, Rollouts
from rehearsal.story import Attachment
from rollback.journal import Kind, overheard

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from contextlib import AbstractContextManager

    from rehearsal.report.rollouts import Users
    from rehearsal.story import Timing
    from rollback.clock import Clock
    from rollback.environment import Environment
    from rollback.errors import RollbackError
    from rollback.journal import Entry

TIMING: Final = "application/vnd.rollback.timing+json"
LARGEST: Final = 64 * 1024
"""Characters of attachments that a scenario may have."""
_FOR_THE_WHOLE: Final = 20 * 1024
"""Of these, what is left for what belongs to the scenario as a whole."""
_STATE: Final = "state"


class Evidence:
    """Gathers the evidence of one scenario (`rehearsal.story.Gatherer`).

    Attributes:
        is_over: whether the scenario has ended, so that what is heard from now on is none of its own.
    """

    def __init__(self) -> None:
        self.is_over = False
        self._items = Items()
        self._room = LARGEST - _FOR_THE_WHOLE
        self._clock: Clock | None = None
        self._rollouts = Rollouts()
        self._versions: Callable[[Collection[str]], Attachment | None] | None = None
        self._of_state = False
        self._written: list[str] = []

    def heard(self, entry: Entry) -> None:
        """Take an entry of somebody's journal down."""
        self._items.add(entry)
        self._rollouts.heard(entry)
        if entry.kind in {Kind.PLAN, Kind.SAVED} and entry.detail.get("way") == _STATE:
            self._of_state = True
        if entry.kind is Kind.OBSERVATION and isinstance(version := entry.detail.get("version"), str):
            self._written.append(version)

    def refused(self, error: RollbackError) -> None:
        """Take down what somebody was refused with."""
        if self._clock is not None:
            self._items.note("refusal", error.sentence, self._clock.now(), error.remedy)

    def plays(self, environment: Environment, clock: Clock, users: Callable[[], Users] | None = None) -> None:
        """Say where the scenario plays.

        Args:
            environment: the place.
            clock: its time.
            users: how many answers users would get at a moment that are good, and how many that aren't, where that can be
                known without asking.
        """
        self._clock = clock
        self._items.region = environment.region
        self._rollouts.url, self._rollouts.users = environment.url, users

    def keeps(self, versions: Callable[[Collection[str]], Attachment | None]) -> None:
        """Say what tells the versions of the state, of which some ids are those that a restore has written."""
        self._versions = versions

    def of_step(self) -> tuple[Attachment, ...]:
        """What was heard since it was last asked, as far as there is room."""
        items, self._items = self._items, Items(self._items.region)
        found = items.folded()
        if not found:
            return ()
        # Half of what is left, so that no step takes all of it.
        kept = within(found, self._room // 2, at=str(found[-1].body["at"]))
        self._room -= size(kept)
        return tuple(kept)

    def of_scenario(self, timings: Sequence[Timing]) -> tuple[Attachment, ...]:
        """The times against their budgets, and what the pictures are made of; with that the scenario is over."""
        self.is_over = True
        found = [
            Attachment(TIMING, json.dumps(_timing(each), ensure_ascii=False), each.label) for each in timings
        ]
        if (drawn := self._rollouts.drawn()) is not None:
            found.append(Attachment(ROLLOUT, json.dumps(drawn, ensure_ascii=False), "the rollout"))
        if self._of_state and self._versions and (told := self._versions(self._written)) is not None:
            found.append(told)
        return tuple(found)


class Listening:
    """Makes the evidence of each scenario of this process, and has it hear every journal."""

    def __init__(self) -> None:
        self._current: Evidence | None = None

    def evidence(self) -> Evidence:
        """That of the scenario that now begins."""
        self._current = Evidence()
        return self._current

    def begun(self) -> AbstractContextManager[None]:
        """Listens for as long as the block lasts."""
        return overheard(self._heard)

    def _heard(self, entry: Entry) -> None:
        if self._current is not None and not self._current.is_over:
            self._current.heard(entry)


def _timing(timing: Timing) -> dict[str, Any]:
    return {
        "label": timing.label,
        "seconds": round(timing.seconds, 3),
        "from_seconds": timing.from_seconds,
        "to_seconds": timing.to_seconds,
    }
