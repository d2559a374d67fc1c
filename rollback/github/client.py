"""The client of GitHub's REST API for one repository."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import requests

    from rollback.clock import Clock
    from rollback.environment import Repository
    from rollback.github.model import Job, Protection, PullRequest, Run
    from rollback.journal import Journal


class GitHub:
    """GitHub's REST API, for one repository.

    Args:
        http: the session, whose door is watched.
        repository: whose name and base URL it takes.
        token: for the API; empty where there is none. It goes nowhere but to the API's own host.
        clock: what it waits by.
        journal: for its decisions.
    """

    def __init__(
        self, http: requests.Session, repository: Repository, *, token: str, clock: Clock, journal: Journal
    ) -> None:
        self._http = http
        self._repository = repository
        self._token = token
        self._clock = clock
        self._journal = journal

    @property
    def signed_in(self) -> bool:
        """Whether there is a token."""
        return bool(self._token)

    def pull_request(self, number: int) -> PullRequest:
        """A pull request of this repository."""
        raise NotImplementedError

    def open_pull_request(self, *, head: str, base: str, title: str, body: str) -> PullRequest:
        """Open a pull request, or find the open one of `head` where an earlier attempt has opened it."""
        raise NotImplementedError

    def protection(self, branch: str) -> Protection:
        """What a push to `branch` has to reckon with."""
        raise NotImplementedError

    def runs(self, sha: str) -> tuple[Run, ...]:
        """The workflow runs for exactly that commit, the newest first."""
        raise NotImplementedError

    def run(self, run_id: int) -> Run:
        """A workflow run as it is now."""
        raise NotImplementedError

    def jobs(self, run_id: int) -> tuple[Job, ...]:
        """The jobs of the latest attempt of a run."""
        raise NotImplementedError

    def log_tail(self, job_id: int, *, lines: int = 10) -> tuple[str, ...]:
        """The last lines of a job's log, without time stamps; empty where GitHub has none."""
        raise NotImplementedError

    def workflow_state(self, workflow: str) -> str:
        """``active``, ``disabled_manually``, ``disabled_inactivity`` ...; empty where there is no such workflow."""
        raise NotImplementedError

    def awaited_approval(self, run_id: int) -> tuple[str, ...]:
        """The deployment environments for whose approval a run waits."""
        raise NotImplementedError
