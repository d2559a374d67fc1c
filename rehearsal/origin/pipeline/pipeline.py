"""The pipeline: what GitHub Actions makes of the pushes to the rehearsed repository."""

from __future__ import annotations

from functools import partial
from random import Random
from typing import TYPE_CHECKING, Final

from rehearsal.origin.github.store import Run, Workflow
from rehearsal.origin.pipeline import document, triggers
from rehearsal.origin.pipeline.application import ApplicationWork
from rehearsal.origin.pipeline.concurrency import Groups
from rehearsal.origin.pipeline.expressions import evaluate, fill, true
from rehearsal.origin.pipeline.running import Attempt
from rehearsal.origin.pipeline.terraform import TerraformWork
from rehearsal.origin.pipeline.work import Checkout
from rehearsal.origin.push import WORKFLOW_ACTOR, ZERO

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rehearsal.aws.pace import Span
    from rehearsal.embedded import EmbeddedStage
    from rehearsal.origin.github.store import Store
    from rehearsal.origin.objects import Objects
    from rehearsal.origin.pipeline.document import Concurrency, Definition
    from rehearsal.origin.push import Push
    from rehearsal.world.database_house import DatabaseHouse
    from rehearsal.world.world import World

STEP: Final = 1.0
"""How far the clock goes on, in seconds, between two looks for a pipeline at rest."""


class Unsettled(AssertionError):
    """Workflow runs went on for longer than they should; the message says which."""


class Pipeline:
    """GitHub Actions for one repository.

    What a run takes is drawn from the seed, the run's number and the step, and not from the commit: object names
    differ from one rehearsal to the next where a commit holds the time of this machine.

    Args:
        objects: the repository, which it reads and never writes.
        store: GitHub's memory, where its runs are.
        stage: the stage; pushes to the branch of its environment are deployed there, and no others.
        world: the service that is deployed.
        seed: what all chance is drawn from.
        database: what migrations are run against; without it they aren't.

    Raises:
        Unrehearsed: a workflow file that is there already asks for something that isn't played here.
    """

    def __init__(
        self,
        objects: Objects,
        store: Store,
        stage: EmbeddedStage,
        world: World,
        *,
        seed: int,
        database: DatabaseHouse | None = None,
    ) -> None:
        self._objects = objects
        self._store = store
        self._world = world
        self._environment = stage.environment
        self._clock = stage.clock
        self._seed = seed
        self._steps = {
            **ApplicationWork(world.team, database).steps,
            **TerraformWork(stage, world).steps,
        }
        self._variables = {
            "vars.cluster": stage.environment.cluster,
            "vars.family": stage.environment.family,
            "vars.repository": world.foundation.repository_uri,
            "vars.service": stage.environment.service,
            "vars.terraform_directory": stage.environment.terraform_directory,
        }
        self._groups = Groups()
        self._attempts: dict[int, Attempt] = {}
        self._plays: dict[int, tuple[Definition, Checkout]] = {}
        if objects.exists(self._environment.branch):
            self._get_to_know(objects.files(objects.tip(self._environment.branch)))

    def pushed(self, push: Push) -> None:
        """Start the workflows that `push` starts, by the workflow files of the pushed commit.

        Raises:
            Unrehearsed: a workflow file asks for something that isn't played here.
        """
        with self._clock.lock:
            if push.after == ZERO or push.actor == WORKFLOW_ACTOR or not self._store.actions_enabled:
                return
            checkout = Checkout(
                sha=push.after,
                branch=push.branch,
                files=self._objects.files(push.after),
                staged=push.branch == self._environment.branch,
            )
            if checkout.staged and push.before != ZERO and self._world.applied is None:
                self._world.applied = partial(self._objects.files, push.before)
            message = self._objects.message(push.after)
            skipped = triggers.told_to_skip(message)
            for path in document.paths_in(checkout.files):
                self._consider(path, push, checkout, message, skipped=skipped)

    def approve(self, run: Run, by: str) -> None:
        """Let a run that waits for an approval go on.

        Raises:
            ValueError: it doesn't wait, or `by` is not one of those who can approve.
        """
        self._reviewed(run, by).approve()

    def reject(self, run: Run, by: str) -> None:
        """Refuse a run that waits for an approval, which fails it.

        Raises:
            ValueError: as `approve`.
        """
        self._reviewed(run, by).reject()

    def cancel(self, run: Run) -> None:
        """Cancel a run, which ends it at once.

        Raises:
            ValueError: it is completed.
        """
        with self._clock.lock:
            if run.status == "completed":
                raise ValueError(f"Run {run.number} of {run.workflow.name} is completed already.")
            self._attempts[run.id].cancel()

    def rerun(self, run: Run) -> None:
        """Run all jobs of a completed run again, as its next attempt.

        Raises:
            ValueError: it is not completed, or it never had a job.
        """
        with self._clock.lock:
            if run.status != "completed" or run.id not in self._plays:
                raise ValueError(f"Run {run.number} of {run.workflow.name} can't be run again: {run.status}.")
            run.attempt += 1
            run.status, run.conclusion, run.started_at = "queued", "", self._clock.now()
            self._play(run)

    def settle(self, *, limit_seconds: float = 1800.0) -> float:
        """Let time pass until no run goes on: all are completed, or wait for an approval or for one that does.

        What the runs have begun in ECS may still go on: see `World.settle`.

        Returns:
            How many seconds it took.

        Raises:
            Unsettled: a run still goes on after `limit_seconds`.
        """
        began = self._clock.monotonic()
        while going_on := [run for run in self._store.runs if run.status in {"queued", "in_progress"}]:
            if self._clock.monotonic() - began >= limit_seconds:
                raise Unsettled(f"Not at rest after {limit_seconds:.0f} s: {going_on}")
            self._clock.sleep(STEP)
        return self._clock.monotonic() - began

    def _consider(self, path: str, push: Push, checkout: Checkout, message: str, *, skipped: bool) -> None:
        """Start the workflow at `path`, if `push` does."""
        title = message.partition("\n")[0]
        try:
            definition = document.read(path, checkout.files[path])
        except document.InvalidWorkflow:
            workflow = self._workflow(path, path)
            if workflow.state == "active" and not skipped:
                run = self._run(workflow, push, title)
                run.status, run.conclusion = "completed", "failure"
            return
        workflow = self._workflow(path, definition.name)
        if workflow.state != "active" or skipped or definition.push is None:
            return
        if triggers.starts(definition.push, push, self._objects):
            run = self._run(workflow, push, title)
            self._plays[run.id] = definition, checkout
            self._play(run)

    def _get_to_know(self, files: Mapping[str, str]) -> None:
        """Remember the workflows that are there before anything is pushed."""
        for path in document.paths_in(files):
            try:
                name = document.read(path, files[path]).name
            except document.InvalidWorkflow:
                name = path
            self._workflow(path, name)

    def _workflow(self, path: str, name: str) -> Workflow:
        workflow = self._store.workflows.get(path)
        if workflow is None:
            workflow = Workflow(id=next(self._store.ids), name=name, path=path, created_at=self._clock.now())
            self._store.workflows[path] = workflow
        workflow.name = name
        return workflow

    def _run(self, workflow: Workflow, push: Push, title: str) -> Run:
        earlier = [run.number for run in self._store.runs if run.workflow is workflow]
        run = Run(
            id=next(self._store.ids),
            number=max(earlier, default=0) + 1,
            workflow=workflow,
            branch=push.branch,
            sha=push.after,
            title=title,
            actor=push.actor,
            created_at=self._clock.now(),
            updated_at=self._clock.now(),
        )
        self._store.runs.append(run)
        return run

    def _play(self, run: Run) -> None:
        """Begin the latest attempt of `run`, when its concurrency group lets it."""
        definition, checkout = self._plays[run.id]
        context = self._context(run)
        dice = f"{self._seed}:{run.workflow.path}:{run.number}:{run.attempt}"

        def draw(name: str, span: Span) -> float:
            return round(Random(f"{dice}:{name}").uniform(span.low, span.high), 3)  # noqa: S311 - it must repeat

        attempt = Attempt(
            run,
            definition,
            checkout,
            context=context,
            steps=self._steps,
            store=self._store,
            clock=self._clock,
            draw=draw,
            over=self._groups.leave,
        )
        self._attempts[run.id] = attempt
        wanted = definition.concurrency
        name = fill(wanted.group, context) if wanted else ""
        self._groups.enter(attempt, name, cancels=wanted is not None and _cancels(wanted, context))

    def _context(self, run: Run) -> dict[str, str]:
        """What expressions can ask for, by names in lower case."""
        return {
            "github.actor": run.actor,
            "github.event_name": run.event,
            "github.ref": f"refs/heads/{run.branch}",
            "github.ref_name": run.branch,
            "github.ref_type": "branch",
            "github.repository": self._store.name,
            "github.run_attempt": str(run.attempt),
            "github.run_id": str(run.id),
            "github.run_number": str(run.number),
            "github.sha": run.sha,
            "github.workflow": run.workflow.name,
            **(self._variables if run.branch == self._environment.branch else {}),
        }

    def _reviewed(self, run: Run, by: str) -> Attempt:
        attempt = self._attempts.get(run.id)
        if attempt is None or not attempt.waiting:
            raise ValueError(
                f"Run {run.number} of {run.workflow.name} waits for no approval: it is {run.status}."
            )
        for environment in attempt.waiting:
            if by not in self._store.reviewers[environment]:
                raise ValueError(f"{by} can't approve deployments to {environment}.")
        return attempt


def _cancels(wanted: Concurrency, context: dict[str, str]) -> bool:
    if isinstance(wanted.cancel_in_progress, bool):
        return wanted.cancel_in_progress
    inside = wanted.cancel_in_progress.strip().removeprefix("${{").removesuffix("}}")
    return true(evaluate(inside, context))
