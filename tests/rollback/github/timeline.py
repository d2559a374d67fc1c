"""A workflow run that lives by the clock: what GitHub says of it changes at given seconds."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from rollback.github import WatchedRun, watch
from rollback.journal import Kind, read
from tests.rollback.builders import REPOSITORY
from tests.rollback.github.payloads import DEPLOY, SHA, job, jobs, run, runs, step
from tests.rollback.github.script import NOT_FOUND, Asked, Reply

if TYPE_CHECKING:
    from pathlib import Path

    from rollback.access import Access
    from tests.rollback.github.script import Script

RUN = 9_000_000_001


@dataclass
class Timeline:
    """What is true from which second on.

    Attributes:
        runs: changes to our run; before the first there is none.
        jobs: the jobs of it, by attempt; the last that has begun counts.
        others: runs that are there all the time.
    """

    script: Script
    runs: dict[float, dict[str, Any]] = field(default_factory=dict)
    jobs: dict[float, list[dict[str, Any]]] = field(default_factory=dict)
    others: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.script.on("GET /actions/runs", self._list)
        self.script.on(f"GET /actions/runs/{RUN}", self._run)
        for attempt in (1, 2):
            self.script.on(f"GET /actions/runs/{RUN}/attempts/{attempt}/jobs", self._jobs)
        self.script.on("GET /actions/workflows/deploy.yml", Reply(200, {"state": "active"}))
        self.script.on(f"GET /commits/{SHA}", Reply(200, {"sha": SHA, "commit": {"message": "Revert it"}}))

    def now(self, at: float) -> dict[str, Any] | None:
        """Our run at that second."""
        begun = [changes for since, changes in sorted(self.runs.items()) if since <= at]
        return run(**begun[-1]) if begun else None

    def _list(self, asked: Asked) -> Reply:
        ours = self.now(asked.at)
        return Reply(200, runs(*self.others, *([ours] if ours else [])))

    def _run(self, asked: Asked) -> Reply:
        ours = self.now(asked.at)
        return Reply(200, ours) if ours else NOT_FOUND

    def _jobs(self, asked: Asked) -> Reply:
        begun = [listed for since, listed in sorted(self.jobs.items()) if since <= asked.at]
        return Reply(200, jobs(*(begun[-1] if begun else [])))


def the_tests(status: str, conclusion: str | None = None) -> dict[str, Any]:
    """The job that tests, as far as it has come."""
    done = "completed" if status == "completed" else "in_progress"
    return job("test", status=status, conclusion=conclusion, steps=[step(1, "Checkout", "completed", "success"), step(2, "Test", done, conclusion)])  # fmt: skip


def deployed(status: str, conclusion: str | None = None) -> dict[str, Any]:
    """The job that deploys."""
    return job(
        "deploy", id=5_000_000_002, status=status, conclusion=conclusion, steps=[step(1, "Update service")]
    )


def fine(script: Script) -> Timeline:
    """A run that is queued after 7 seconds, runs from 12 and has succeeded at 160."""
    return Timeline(
        script,
        runs={
            7: {"status": "queued"},
            12: {"status": "in_progress"},
            160: {"status": "completed", "conclusion": "success"},
        },
        jobs={
            7: [the_tests("queued")],
            12: [the_tests("in_progress")],
            60: [the_tests("completed", "success"), deployed("in_progress")],
            160: [the_tests("completed", "success"), deployed("completed", "success")],
        },
    )


def watched(hands: Access, *, deadline: float = 600, limit: float = 180) -> WatchedRun:
    """Watch the run of our commit."""
    return watch(
        hands,
        repository=replace(REPOSITORY, run_limit_seconds=limit),
        sha=SHA,
        branch="main",
        workflow=DEPLOY,
        deadline_seconds=deadline,
    )


def ended(script: Script, conclusion: str, *listed: dict[str, Any], **changes: object) -> Timeline:
    """A run that has ended at 60 seconds."""
    return Timeline(
        script,
        runs={0: {"status": "in_progress"}, 60: {"status": "completed", "conclusion": conclusion, **changes}},
        jobs={0: [the_tests("in_progress")], 60: list(listed)},
    )


def told(path: Path) -> list[str]:
    """What was observed, by the journal at `path`."""
    return [entry.what for entry in read(path) if entry.kind is Kind.OBSERVATION]
