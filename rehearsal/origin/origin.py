"""The software house of a rehearsal, put together: git remote, GitHub and pipeline of one repository."""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import TYPE_CHECKING, Final

from rehearsal.database_config import server as database_server
from rehearsal.embedded import ON_CALL, TOKEN
from rehearsal.origin import ready
from rehearsal.origin.drafts import Draft
from rehearsal.origin.github.api import LOGS, Api
from rehearsal.origin.github.store import Store
from rehearsal.origin.objects import FOLDER
from rehearsal.origin.pipeline import Pipeline
from rehearsal.origin.push import Push
from rehearsal.origin.server import LOOPBACK, server
from rehearsal.origin.smart_http import GitHttp
from rehearsal.origin.source_files import QUERY, migrations_directory
from rehearsal.world.database_house import DatabaseHouse
from rehearsal.world.version import AppVersion
from rollback.revert.change import web_host

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rehearsal.embedded import EmbeddedStage
    from rehearsal.origin.github.store import Pull
    from rehearsal.origin.wire import Request, Response
    from rehearsal.world.world import World
    from rollback.environment import Environment


FEWEST_DIGITS: Final = 4
"""Of an object name, that git takes."""
ENOUGH_TO_MEET: Final = 2000
"""Commits among which two surely begin with the same four digits."""


class Origin:
    """The repository that the service of a world is built from, and everything around it.

    Attributes:
        world: the world that its pipeline deploys to.
        bare: the git remote.
        store: GitHub's memory.
        api: GitHub's REST API.
        pipeline: GitHub Actions.
        database: the application's real databases, which its pipeline migrates.
        git: how git reaches the remote; faults stand in its way.
        history: what has happened in the repository so far.
        deployed: the branches that are deployed to one environment or another.
    """

    def __init__(
        self,
        stage: EmbeddedStage,
        world: World,
        environments: Iterable[Environment],
        *,
        seed: int,
        logs: str = LOGS,
    ) -> None:
        # A stage that doesn't have them says so here, before anything is made.
        application, hosts = stage.application, stage.hosts
        self.world = world
        self.deployed = frozenset(environment.branch for environment in environments)
        self._stage = stage
        self._environment = stage.environment
        repository = stage.environment.repository
        self.bare, self.history = ready.repository(
            stage.directory / FOLDER, stage.clock, environments, stage.blueprint
        )
        self.store = Store(repository.name)
        self.history.remember(self.store)
        world.applied = partial(self.bare.files, self.tip)
        self.database = DatabaseHouse(
            database_server(stage.directory),
            migrations_directory(repository),
            before=partial(self.bare.files, self.tip),
            hosts=hosts,
        )
        application.database = self.database.answers
        stage.leads = self.database.leads
        self.pipeline = Pipeline(self.bare, self.store, stage, world, seed=seed, database=self.database)
        web = f"https://{web_host(repository)}"
        self.api = Api(
            self.store,
            stage.clock,
            api=repository.api,
            web=web,
            tokens={TOKEN: ON_CALL.login},
            bare=self.bare,
            merged=self.merge,
            logs=logs,
        )
        self.git = GitHttp(self.bare, self.pushed, name=repository.name, actor=ON_CALL.login)
        self._answering = server().answering(
            {**dict.fromkeys(self.api.hosts, self.api.respond), LOOPBACK: self._respond_at_loopback}
        )
        self._answering.__enter__()

    def _respond_at_loopback(self, request: Request) -> Response:
        """Answer git, which comes there; and GitHub's API, where the environment says that it is there too."""
        if LOOPBACK in self.api.hosts and not request.path.startswith(
            f"/{self._environment.repository.name}"
        ):
            return self.api.respond(request)
        return self.git.respond(request)

    def close(self) -> None:
        """Stop answering.

        Raises:
            StageFailure: something of the software house could not answer, so that the rehearsal proves nothing.
        """
        self.database.close()
        self._answering.__exit__(None, None, None)

    @property
    def branch(self) -> str:
        """The branch that is deployed to the stage's environment."""
        return self._environment.branch

    @property
    def tip(self) -> str:
        """The newest commit of that branch."""
        return self.bare.tip(self.branch)

    def open_the_service(self) -> None:
        """Have the service run the newest commit of its branch, as its pipeline left it, and one before it."""
        newest, before, *_ = self.bare.log(self.tip, 2)
        self.world.open_with(
            *(AppVersion(each.sha, query=self._query(each.sha)) for each in (before, newest))
        )

    def _query(self, sha: str) -> str:
        return (self.bare.read(sha, QUERY) or "").strip()

    def pushed(self, push: Push) -> None:
        """Tell the pipeline of a push."""
        with self._stage.clock.lock:
            self.pipeline.pushed(push)

    def merge(self, pull: Pull, by: str, *, how: str = "merge") -> str:
        """Merge a pull request, as its button does; returns the commit on the base branch.

        Args:
            pull: an open one.
            by: who presses the button.
            how: ``merge`` or ``squash``.
        """
        before = self.bare.tip(pull.base)
        owner = self.store.name.partition("/")[0]
        if how == "squash":
            sha = self.bare.squash(pull.base, pull.head, f"{pull.title} (#{pull.number})", body=pull.body)
        else:
            subject = f"Merge pull request #{pull.number} from {owner}/{pull.head}"
            sha = self.bare.merge(pull.base, pull.head, subject, body=pull.title)
        pull.state, pull.merged_by, pull.merge_commit = "closed", by, sha
        pull.merged_at = pull.closed_at = self._stage.clock.now()
        self.pushed(Push(branch=pull.base, before=before, after=sha, actor=by))
        return sha

    def commit_elsewhere(self) -> str:
        """A commit that is only on a branch that isn't deployed."""
        return self.bare.commit("elsewhere", "Try something", {"app/try.py": "TRY = 1\n"}, parent=self.tip)

    def two_alike(self) -> str:
        """The digits with which the names of two commits begin, as few as git takes."""
        parents: tuple[str | int, ...] = (self.tip,)
        drafts = []
        for number in range(ENOUGH_TO_MEET):
            drafts.append(
                Draft(
                    ref="refs/heads/many", parents=parents, message=f"{number}\n", at=self._stage.clock.now()
                )
            )
            parents = (number,)
        beginnings = Counter(sha[:FEWEST_DIGITS] for sha in self.bare.make(drafts))
        return next(digits for digits, count in beginnings.items() if count > 1)

    def settle(self) -> None:
        """Let time pass until no run goes on and the service is steady."""
        self.pipeline.settle()
        self.world.settle()
