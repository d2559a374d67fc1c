"""A small software house around a world: its repository, GitHub's memory and the pipeline."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from rehearsal.origin.github.store import Store
from rehearsal.origin.pipeline import Pipeline
from rehearsal.origin.push import ZERO, Push
from rehearsal.origin.repository import Bare
from rehearsal.origin.source_files import application_files, infrastructure_files
from rehearsal.origin.workflow_files import workflow_files
from rehearsal.world.version import AppVersion, Behaviour

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from rehearsal.origin.github.store import Job, Run
    from rehearsal.world.infrastructure import Settings
    from rehearsal.world.world import World
    from rollback.environment import Environments

DEPLOY = ".github/workflows/deploy.yml"
"""Where these tests put a workflow of their own: it takes the place of the team's deploy workflow."""


class House:
    """The team's repository with one commit on the branch of every environment, and nothing run yet."""

    def __init__(self, world: World, environments: Environments, directory: Path, *, seed: int = 0) -> None:
        self.world = world
        self.clock = world.clock
        self.environment = world.stage.environment
        self.branch = self.environment.branch
        repository = self.environment.repository
        assert repository.application_workflow == DEPLOY
        self.bare = Bare(directory / "origin.git", self.clock)
        self.store = Store(repository.name)
        self.pipeline = Pipeline(self.bare, self.store, world.stage, world, seed=seed)
        self.first = self.bare.commit(
            self.branch,
            "Begin",
            {
                **application_files(repository),
                **infrastructure_files(self.environment, world.stage.blueprint),
                **workflow_files(repository, list(environments)),
            },
        )
        self.others = [each.branch for each in environments if each.branch != self.branch]
        for branch in self.others:
            self.bare.point(branch, self.first)

    def open(self) -> None:
        """Have the service run the first commit."""
        self.world.open_with(AppVersion(self.first))

    def push(
        self,
        files: Mapping[str, str | None],
        subject: str = "Change",
        *,
        branch: str = "",
        body: str = "",
        actor: str = "ada",
    ) -> str:
        """Commit on a branch, by default the environment's, and tell the pipeline; returns the commit."""
        branch = branch or self.branch
        before = self.bare.tip(branch)
        after = self.bare.commit(branch, subject, files, body=body)
        self.pipeline.pushed(Push(branch=branch, before=before, after=after, actor=actor))
        return after

    def push_new(self, branch: str, files: Mapping[str, str | None], *, parent: str) -> str:
        """Push a branch that wasn't there."""
        after = self.bare.commit(branch, "Begin a branch", files, parent=parent)
        self.pipeline.pushed(Push(branch=branch, before=ZERO, after=after, actor="ada"))
        return after

    def push_behaviour(self, behaviour: Behaviour, *, branch: str = "") -> str:
        """Push a commit whose application behaves so."""
        line = f'BEHAVIOUR = "{behaviour}"\n'
        return self.push({"app/orders.py": line}, f"Have orders: {behaviour}", branch=branch)

    def push_settings(self, settings: Settings) -> str:
        """Push a change of the infrastructure's settings."""
        path = f"{self.environment.terraform_directory}/settings.auto.tfvars.json"
        return self.push({path: json.dumps(asdict(settings))}, "Change the infrastructure")

    def push_revert(self, sha: str) -> str:
        """Push the revert of the newest commit."""
        before = self.bare.show(sha).parents[0]
        files = {path: self.bare.read(before, path) for path in self.bare.changed(before, sha)}
        return self.push(files, f'Revert "{self.bare.show(sha).subject}"', body=f"This reverts commit {sha}.")

    def settle(self) -> None:
        """Let the pipeline and the service come to rest."""
        self.pipeline.settle()
        self.world.settle()

    @property
    def run(self) -> Run:
        """The newest run."""
        return self.store.runs[-1]

    @property
    def names(self) -> list[str]:
        """The workflows that have run, in the order in which they were started."""
        return [run.workflow.name for run in self.store.runs]

    def statuses(self) -> set[int]:
        """What users get, whichever task they reach."""
        return {answer.status for answer in self.world.look.ask(2 * self.world.look.desired_count())}

    def versions(self) -> set[str | None]:
        """Which versions answer."""
        return {answer.version for answer in self.world.look.ask(2 * self.world.look.desired_count())}

    def until(self, status: str, *, limit: int = 900) -> None:
        """Let time pass until the newest run has that status."""
        for _ in range(limit * 2):
            if self.run.status == status:
                return
            self.clock.sleep(0.5)
        raise AssertionError(f"{self.run.status} instead of {status}")


def job_of(run: Run, name: str) -> Job:
    """The job of the run's latest attempt that has that name."""
    return next(job for job in reversed(run.jobs) if job.name == name)


def outline(run: Run) -> dict[str, tuple[str, list[tuple[str, str]]]]:
    """How each job and each of its steps ended."""
    return {
        job.name: (job.conclusion, [(step.name, step.conclusion) for step in job.steps]) for job in run.jobs
    }


def printed(job: Job) -> list[str]:
    """The lines of a job's log."""
    return [line for _, line in job.log]
