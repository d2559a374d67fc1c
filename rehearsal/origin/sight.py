"""What is seen of the repository, its pipeline and the service afterwards, by nothing that rolls back."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from rehearsal.origin.github.store import Run
    from rehearsal.origin.origin import Origin
    from rehearsal.origin.people import Developers
    from rehearsal.world.world import World
    from rollback.environment import Environment

ASKED: Final = 12


@dataclass(frozen=True, slots=True)
class State:
    """The repository and the service at one moment, for "nothing has changed".

    Attributes:
        branches: the tips of all branches that are deployed anywhere.
        deployments: the service's deployments, by id and revision.
        runs: how many workflow runs there are.
    """

    branches: dict[str, str]
    deployments: tuple[tuple[str, int], ...]
    runs: int


class Sight:
    """Read-only: for what a scenario finds in the world afterwards."""

    def __init__(
        self, environment: Environment, origin: Origin, world: World, developers: Developers
    ) -> None:
        self._environment = environment
        self._origin = origin
        self._world = world
        self._developers = developers

    def state(self) -> State:
        """How it is now; branches that are deployed nowhere don't count."""
        branches = self._origin.bare.branches()
        deployments = self._world.look.deployments()
        return State(
            {name: sha for name, sha in branches.items() if name in self._origin.deployed},
            tuple((each.id, each.revision) for each in deployments),
            len(self._origin.store.runs),
        )

    def tree(self, commit: str) -> str:
        """The object name of a commit's tree: two of the same name hold the same files."""
        return self._origin.bare.show(commit).tree

    def holds(self, title: str) -> bool:
        """Whether the branch's newest files hold what a change has brought."""
        made = self._developers.made[title]
        bare, tip = self._origin.bare, self._origin.tip
        brought = [path for path in made.files if not path.startswith("docs/")]
        return any(
            bare.read(tip, path) not in {None, bare.read(made.before, path)} for path in brought
        ) and all(bare.read(tip, path) is not None for path in brought)

    def restored(self, title: str) -> bool:
        """Whether no file that a change has touched differs from what it was before the change."""
        made = self._developers.made[title]
        return not set(made.files) & set(self._origin.bare.changed(made.before, self._origin.tip))

    def brought_back(self, title: str) -> bool:
        """Whether the branch holds exactly the files that it held with a change, by another commit."""
        commit, tip = self._developers.made[title].commit, self._origin.tip
        return commit != tip and self.tree(commit) == self.tree(tip)

    def running_commits(self) -> dict[str, int]:
        """How many tasks run an image of each commit, by the tag that the application answers as."""
        ecs, name = self._world.stage.clients.ecs, self._environment
        counts: dict[str, int] = {}
        for revision, count in self._world.look.running().items():
            definition = ecs.describe_task_definition(taskDefinition=f"{name.family}:{revision}")
            tag = definition["taskDefinition"]["containerDefinitions"][0]["image"].rpartition(":")[2]
            counts[tag] = counts.get(tag, 0) + count
        return counts

    def answers(self) -> set[tuple[int, str | None]]:
        """What some requests are answered: status and version."""
        return {(answer.status, answer.version) for answer in self._world.look.ask(ASKED)}

    def runs_for(self, sha: str) -> list[Run]:
        """The workflow runs that a commit has started."""
        return [run for run in self._origin.store.runs if run.sha == sha]

    def health_check_path(self) -> str:
        """Where the load balancer asks for a task's health."""
        groups = self._world.stage.clients.elbv2.describe_target_groups(
            TargetGroupArns=[self._world.foundation.target_group]
        )
        return groups["TargetGroups"][0]["HealthCheckPath"]

    def settings(self, commit: str) -> dict[str, str]:
        """The infrastructure's settings in a commit."""
        path = f"{self._environment.terraform_directory}/settings.auto.tfvars.json"
        found: dict[str, str] = json.loads(self._origin.bare.read(commit, path) or "{}")
        return found
