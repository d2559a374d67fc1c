"""How a rollout went, for its picture: tasks of each revision and what users got, over time, and the moments of decision."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from rehearsal.hiding import without_secrets
from rollback.journal import Kind

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from rollback.journal import Entry

ROLLOUT: Final = "application/vnd.rollback.rollout+json"

_TARGET: Final = re.compile(r"[\w.-]+:(\d+): \d+ of ")
_POLL: Final = "ecs:DescribeServices"
_EVERY: Final = 15.0
"""Seconds between two looks at what users get while nothing else has changed."""
_OTHERS: Final = "others"
_ERROR: Final = 400
_MOST_SAMPLES: Final = 120
_MOST_MARKS: Final = 30
_LONGEST: Final = 200

Users = tuple[int, int]
"""How many answers would be good at this moment, and how many not."""


@dataclass(slots=True)
class _Sample:
    at: datetime
    tasks: dict[str, int]
    http: Users


class Rollouts:
    """Draws what a journal tells of rollouts.

    Attributes:
        url: where the application answers; requests there are what users get.
        users: what users get at this moment, where that can be known without asking; None where it can't.
    """

    def __init__(self) -> None:
        self.url = ""
        self.users: Callable[[], Users] | None = None
        self._samples: list[_Sample] = []
        self._marks: list[tuple[datetime, str]] = []
        self._planned: tuple[datetime, str] | None = None
        self._tasks: dict[str, int] = {}
        self._before = _OTHERS
        self._underway = False
        self._looked: datetime | None = None

    def heard(self, entry: Entry) -> None:
        """Take an entry of a journal down."""
        detail = entry.detail
        if entry.kind is Kind.PLAN:
            self._planned = (entry.at, entry.what)
        elif entry.kind is Kind.SAVED:
            self._begins(entry)
        elif {"running", "others", "desired"} <= detail.keys():
            self._counted(entry)
        elif entry.kind is Kind.RESPONSE and self.url and f" {self.url}/" in entry.what:
            self._asked(entry)
        elif entry.kind is Kind.ANSWER and entry.what == _POLL and self._underway:
            if self._looked is None or (entry.at - self._looked).total_seconds() >= _EVERY:
                self._sample(entry.at)
        elif entry.kind in {Kind.DECISION, Kind.OUTCOME, Kind.INTERRUPTED}:
            self._marks.append((entry.at, entry.what))
            if entry.kind is not Kind.DECISION:
                self._underway = False
                self._sample(entry.at)
        elif entry.kind is Kind.CALL and entry.what in {"ecs:UpdateService", "ecs:StopServiceDeployment"}:
            self._marks.append((entry.at, f"{entry.what.partition(':')[2]} is asked for."))

    def drawn(self) -> dict[str, Any] | None:
        """What the picture is made of; None where no tasks were counted."""
        if not any(sample.tasks for sample in self._samples):
            return None
        began = min(sample.at for sample in self._samples)
        samples = self._samples
        if len(samples) > _MOST_SAMPLES:
            samples = [samples[n * (len(samples) - 1) // (_MOST_SAMPLES - 1)] for n in range(_MOST_SAMPLES)]
        names = {name for sample in samples for name in sample.tasks}
        return {
            "began": began.isoformat(timespec="milliseconds"),
            "samples": [
                {
                    "t": _seconds(sample.at, began),
                    "tasks": {name: sample.tasks.get(name, 0) for name in sorted(names)},
                    "http": {"ok": sample.http[0], "failed": sample.http[1]},
                }
                for sample in samples
            ],
            "marks": [
                {"t": _seconds(at, began), "text": without_secrets(text)[:_LONGEST]}
                for at, text in self._marks[:_MOST_MARKS]
                if at >= began
            ],
        }

    def _begins(self, entry: Entry) -> None:
        revision = str(entry.detail.get("revision", ""))
        self._before = revision.rpartition(":")[2] if ":" in revision else _OTHERS
        self._underway = True
        self._tasks = {}
        if self._planned:
            self._marks.append(self._planned)
            self._sample(self._planned[0])
            self._planned = None
        self._sample(entry.at)

    def _counted(self, entry: Entry) -> None:
        told = _TARGET.match(entry.what)
        running, others = entry.detail["running"], entry.detail["others"]
        if told is None or not isinstance(running, int) or not isinstance(others, int):
            return
        self._underway = True
        self._tasks = {self._before: others, told[1]: running}
        for sample in reversed(self._samples):
            if sample.tasks:
                break
            sample.tasks = self._tasks  # until it was first counted, nothing had changed
        self._sample(entry.at)

    def _asked(self, entry: Entry) -> None:
        status = entry.detail.get("status")
        good = isinstance(status, int) and status < _ERROR
        last = self._samples[-1] if self._samples else None
        if last is None:
            return
        if last.at == entry.at or self.users is None:
            self._samples.append(_Sample(entry.at, self._tasks, (int(good), int(not good))))

    def _sample(self, at: datetime) -> None:
        self._looked = at
        http = self.users() if self.users else (0, 0)
        last = self._samples[-1] if self._samples else None
        if last is not None and last.at == at:
            last.tasks, last.http = self._tasks, http
        elif last is None or (last.tasks, last.http) != (self._tasks, http) or not self._underway:
            self._samples.append(_Sample(at, self._tasks, http))


def _seconds(at: datetime, began: datetime) -> float:
    return round((at - began).total_seconds(), 3)
