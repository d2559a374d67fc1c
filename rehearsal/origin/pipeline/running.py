"""One attempt of a workflow run: its jobs and their steps, on the clock."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rehearsal.origin.github.store import Job, Step
from rehearsal.origin.pipeline.expressions import fill, masked
from rehearsal.origin.pipeline.transcript import RUNNER, heading
from rehearsal.origin.pipeline.work import (
    CLEAN_UP,
    QUEUED,
    SET_UP,
    StepFailed,
    Work,
    is_checkout,
    nothing,
    work_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from rehearsal.aws.pace import Span
    from rehearsal.clock import VirtualClock
    from rehearsal.origin.github.store import Run, Store
    from rehearsal.origin.pipeline.document import Definition
    from rehearsal.origin.pipeline.work import Checkout

_UNAPPROVED: Final = 30 * 86400.0
"""After so many seconds a job that nobody approves fails (GitHub Docs, "Reviewing deployments")."""


class Attempt:
    """Plays a run from its first job to its conclusion.

    Args:
        run: the run, which it writes.
        definition: its workflow.
        checkout: what it runs for.
        context: what expressions may ask for.
        steps: what steps do, by their names in lower case.
        store: whose reviewers have to approve.
        clock: its time.
        draw: a duration within a span, for a name of its own.
        over: called once the run is completed.

    Attributes:
        run: the run.
    """

    def __init__(
        self,
        run: Run,
        definition: Definition,
        checkout: Checkout,
        *,
        context: Mapping[str, str],
        steps: Mapping[str, Work],
        store: Store,
        clock: VirtualClock,
        draw: Callable[[str, Span], float],
        over: Callable[[Attempt], None],
    ) -> None:
        self.run = run
        self._definition = definition
        self._checkout = checkout
        self._context = context
        self._known = steps
        self._store = store
        self._clock = clock
        self._draw = draw
        self._over = over
        self._jobs: dict[str, Job] = {}
        self._work: dict[str, list[Work]] = {}
        self._names = {key: fill(job.name or key, context) for key, job in definition.jobs.items()}
        self._environments = {
            key: fill(job.environment.name, context)
            for key, job in definition.jobs.items()
            if job.environment
        }

    @property
    def completed(self) -> bool:
        """Whether it has come to its conclusion."""
        return self.run.status == "completed"

    @property
    def waiting(self) -> list[str]:
        """The deployment environments for which approval is waited for."""
        return list(
            dict.fromkeys(
                self._environments[key] for key, job in self._jobs.items() if job.status == "waiting"
            )
        )

    def begin(self) -> None:
        """Ask for the first jobs."""
        self.run.status = "queued"
        self._go_on()

    def approve(self) -> None:
        """Let the jobs that wait for an approval go on."""
        for key, job in self._jobs.items():
            if job.status == "waiting":
                self._queue(key)
        self._tell()

    def reject(self) -> None:
        """Let the jobs that wait for an approval fail."""
        for job in list(self._jobs.values()):
            if job.status == "waiting":
                self._end(job, "failure")
        self._go_on()

    def cancel(self) -> None:
        """End it at once, whatever it was doing; what a step has done by then stays done."""
        for job in self._jobs.values():
            if job.status == "completed":
                continue
            for step in job.steps:
                if step.status != "completed":
                    self._end(step, "cancelled" if step.status == "in_progress" else "skipped")
            if job.status == "in_progress":
                self._log(job, "##[error]The operation was canceled.")
            self._end(job, "cancelled")
        self._conclude("cancelled")

    def _after(self, seconds: float, action: Callable[[], None]) -> None:
        def play() -> None:
            if not self.completed:
                action()
                self._tell()

        self._clock.call_in(seconds, play)

    def _go_on(self) -> None:
        """Ask for the jobs whose turn it is, skip those that lost what they need, and conclude after the last."""
        for key, spec in self._definition.jobs.items():
            needed = [self._jobs[need].conclusion if need in self._jobs else "" for need in spec.needs]
            if key in self._jobs or not all(needed):
                continue
            job = Job(
                id=next(self._store.ids),
                name=self._names[key],
                created_at=self._clock.now(),
                attempt=self.run.attempt,
            )
            self._jobs[key] = job
            self.run.jobs.append(job)
            if any(conclusion != "success" for conclusion in needed):
                job.started_at = self._clock.now()
                self._end(job, "skipped")
                self._go_on()
                return
            self._admit(key)
        self._tell()
        conclusions = [job.conclusion for job in self._jobs.values()]
        if len(conclusions) == len(self._definition.jobs) and all(conclusions):
            self._conclude("failure" if "failure" in conclusions else "success")

    def _admit(self, key: str) -> None:
        if not self._store.reviewers.get(self._environments.get(key, "")):
            self._queue(key)
            return
        job = self._jobs[key]
        job.status = "waiting"

        def give_up() -> None:
            if job.status == "waiting":
                self._end(job, "failure")
                self._go_on()

        self._after(_UNAPPROVED, give_up)

    def _queue(self, key: str) -> None:
        self._jobs[key].status = "queued"
        self._after(self._draw(f"{key}:queued", QUEUED), lambda: self._start(key))

    def _start(self, key: str) -> None:
        job, spec = self._jobs[key], self._definition.jobs[key]
        job.status, job.started_at = "in_progress", self._clock.now()
        named = [("Set up job", Work(SET_UP, nothing))]
        named += [(masked(step.title, self._context), work_of(step, self._known)) for step in spec.steps]
        named += [(f"Post {step.title}", Work(CLEAN_UP, nothing)) for step in spec.steps if is_checkout(step)]
        named += [("Complete job", Work(CLEAN_UP, nothing))]
        job.steps = [Step(number=number, name=name) for number, (name, _) in enumerate(named, start=1)]
        self._work[key] = [work for _, work in named]
        self._log(job, *RUNNER)
        self._step(key, 0)

    def _step(self, key: str, index: int) -> None:
        job, own = self._jobs[key], self._definition.jobs[key].steps
        if index == len(job.steps):
            failed = any(step.conclusion == "failure" for step in job.steps)
            self._end(job, "failure" if failed else "success")
            self._go_on()
            return
        step = job.steps[index]
        step.started_at = self._clock.now()
        is_own = 0 < index <= len(own)
        if is_own and any(before.conclusion == "failure" for before in job.steps):
            self._end(step, "skipped")
            self._step(key, index + 1)
            return
        step.status = "in_progress"
        if is_own:
            self._log(job, *heading(own[index - 1], self._context))
        elif step.name.startswith("Post "):
            self._log(job, "Post job cleanup.")
        elif index:
            self._log(job, "Cleaning up orphan processes")
        span = self._work[key][index].span
        self._after(self._draw(f"{key}:{index}", span), lambda: self._finish(key, index))

    def _finish(self, key: str, index: int) -> None:
        job = self._jobs[key]
        try:
            self._log(job, *self._work[key][index].perform(self._checkout))
            self._end(job.steps[index], "success")
        except StepFailed as failed:
            self._log(job, *failed.lines, f"##[error]Process completed with exit code {failed.code}.")
            self._end(job.steps[index], "failure")
        self._step(key, index + 1)

    def _log(self, job: Job, *lines: str) -> None:
        job.log += [(self._clock.now(), line) for line in lines]

    def _end(self, what: Job | Step, conclusion: str) -> None:
        what.status, what.conclusion, what.completed_at = "completed", conclusion, self._clock.now()

    def _conclude(self, conclusion: str) -> None:
        self.run.status, self.run.conclusion = "completed", conclusion
        self.run.environment, self.run.updated_at = "", self._clock.now()
        self._over(self)

    def _tell(self) -> None:
        """Say of the run what its jobs are doing."""
        if self.completed:
            return
        self.run.updated_at = self._clock.now()
        self.run.environment = next(iter(self.waiting), "")
        going_on = {job.status for job in self._jobs.values()}
        begun = any(job.started_at for job in self._jobs.values())
        if "in_progress" in going_on or ("queued" in going_on and begun):
            self.run.status = "in_progress"
        elif "queued" in going_on:
            self.run.status = "queued"
        elif "waiting" in going_on:
            self.run.status = "waiting"
