"""The client of GitHub's REST API for one repository."""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from rollback.github import protection as rules
from rollback.github import shapes
from rollback.github.errors import Forbidden, GitHubError, NotFound, Unavailable, Unexpected, Unprocessable
from rollback.github.logs import last_lines
from rollback.github.model import Protection, PullRequest
from rollback.github.shapes import parsed
from rollback.github.transport import TAIL_BYTES, Transport
from rollback.journal import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable
    from contextlib import AbstractContextManager

    import requests

    from rollback.clock import Clock
    from rollback.environment import Repository
    from rollback.github.model import Job, Run
    from rollback.http import RequestGuard
    from rollback.journal import Journal

_ACTIONS: Final = "Actions: read"
_CONTENTS: Final = "Contents: read"
_READ_PULLS: Final = "Pull requests: read"
_WRITE_PULLS: Final = "Pull requests: write"
_EXISTS: Final = "already exists"
_UNPROTECTED: Final = "branch not protected"
_NOT_IN_THE_PLAN: Final = "upgrade to "
"""How GitHub's refusal begins where the owner's plan has no protection for a private repository."""


class GitHub:
    """GitHub's REST API, for one repository.

    Every method that asks raises a `rollback.github.errors.GitHubError` where GitHub refuses or can't be asked.

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
        self._name = repository.name
        self._path = f"/repos/{quote(repository.name)}"
        self._journal = journal
        self._transport = Transport(
            http,
            api=repository.api,
            token=token,
            variable=repository.token_variable,
            clock=clock,
            journal=journal,
        )

    @property
    def signed_in(self) -> bool:
        """Whether there is a token."""
        return self._transport.signed_in

    def guarded(self, guard: RequestGuard) -> GitHub:
        """The same API, with `guard` before each request, which may refuse it by raising a `RollbackError`."""
        guarded = copy(self)
        guarded._transport = self._transport.guarded(guard)  # noqa: SLF001 - its own copy
        return guarded

    def tried_once(self) -> AbstractContextManager[None]:
        """Within this block requests are not repeated: for a loop that comes back by itself."""
        return self._transport.tried_once()

    def hidden_in(self, text: str) -> str:
        """`text` without the token, should it be there."""
        return self._transport.hidden_in(text)

    def pull_request(self, number: int) -> PullRequest:
        """A pull request of this repository."""
        asked = self._transport.asked(f"pull request {number} of {self._name}", _READ_PULLS)
        answer = self._transport.get(f"{self._path}/pulls/{number}", asked)
        shape = parsed(shapes.PullRequest, answer, asked)
        told = shape.told()
        if told.merged and not told.merge_commit:
            return shape.model_copy(update={"merge_commit_sha": self._merge_commit(number)}).told()
        return told

    def open_pull_request(self, *, head: str, base: str, title: str, body: str) -> PullRequest:
        """Open a pull request, or find the open one of `head` where an earlier attempt has opened it.

        After an answer that was lost it looks whether the pull request is there before it asks again.
        """
        asked = self._transport.asked(
            f"a new pull request from {head} to {base} in {self._name}",
            _WRITE_PULLS,
            about=f"repository {self._name}",
        )
        sent = {"title": title, "head": head, "base": base, "body": body}
        for again in (True, True, False):
            try:
                answer = self._transport.post(f"{self._path}/pulls", asked, sent)
                return parsed(shapes.PullRequest, answer, asked).told()
            except (Unavailable, Unexpected, Unprocessable) as error:
                refused = isinstance(error, Unprocessable)
                if (refused and _EXISTS not in error.said) or (
                    isinstance(error, Unavailable) and not error.sent
                ):
                    raise
                found = self._open_after(error, head, base)
                if found is not None:
                    return found
                if refused or not again:
                    raise
            self._journal.record(
                Kind.DECISION, f"No pull request from {head} has been opened; asking for it again."
            )
        raise AssertionError  # the last attempt returns or raises

    def protection(self, branch: str) -> Protection:
        """What a push to `branch` has to reckon with.

        What GitHub doesn't show to this token is told in `Protection.unknown`. A failure that isn't of this
        question alone is raised.
        """
        reasons, unknown = self._rules(branch)
        classic, unseen = self._classic(branch)
        words = "; ".join(dict.fromkeys((*unknown, *unseen)))
        return Protection(
            reasons=tuple(dict.fromkeys((*reasons, *classic))),
            unknown=f"{words[:1].upper()}{words[1:]}." if words else "",
        )

    def runs(self, sha: str) -> tuple[Run, ...]:
        """The workflow runs for exactly that commit, the newest first."""
        asked = self._transport.asked(f"the workflow runs for commit {sha[:10]} of {self._name}", _ACTIONS)
        pages = self._transport.pages(f"{self._path}/actions/runs", asked, head_sha=sha)
        told = (run.told() for page in pages for run in parsed(shapes.Runs, page, asked).workflow_runs)
        return _newest_first(run for run in told if run.sha == sha)

    def latest_runs(self, branch: str) -> tuple[Run, ...]:
        """The newest workflow runs for a branch, at most 30, the newest first."""
        asked = self._transport.asked(f"the workflow runs for {branch} of {self._name}", _ACTIONS)
        answer = self._transport.get(f"{self._path}/actions/runs", asked, branch=branch, per_page=30)
        told = (run.told() for run in parsed(shapes.Runs, answer, asked).workflow_runs)
        return _newest_first(run for run in told if run.branch == branch)

    def run(self, run_id: int) -> Run:
        """A workflow run as it is now."""
        asked = self._transport.asked(f"workflow run {run_id} of {self._name}", _ACTIONS)
        answer = self._transport.get(f"{self._path}/actions/runs/{run_id}", asked)
        return parsed(shapes.Run, answer, asked).told()

    def jobs(self, run_id: int, *, attempt: int = 0) -> tuple[Job, ...]:
        """The jobs of an attempt of a run; of the latest without one."""
        asked = self._transport.asked(f"the jobs of workflow run {run_id} of {self._name}", _ACTIONS)
        which = f"attempts/{attempt}/" if attempt else ""
        pages = self._transport.pages(f"{self._path}/actions/runs/{run_id}/{which}jobs", asked)
        return tuple(job.told() for page in pages for job in parsed(shapes.Jobs, page, asked).jobs)

    def log_tail(self, job_id: int, *, lines: int = 10) -> tuple[str, ...]:
        """The last lines of a job's log up to its last error, without time stamps; empty where GitHub has none."""
        asked = self._transport.asked(f"the log of job {job_id} of {self._name}", _ACTIONS)
        try:
            end = self._transport.tail(f"{self._path}/actions/jobs/{job_id}/logs", asked)
        except NotFound:
            return ()
        if len(end) >= TAIL_BYTES:
            end = end.partition(b"\n")[2]  # what is cut off could be half of a secret
        return last_lines(self._transport.hidden_in(end.decode(errors="replace")), lines)

    def workflow_state(self, workflow: str) -> str:
        """``active``, ``disabled_manually``, ``disabled_inactivity`` ...; empty where there is no such workflow."""
        asked = self._transport.asked(f"the workflow {workflow} of {self._name}", _ACTIONS)
        file = quote(workflow.rpartition("/")[2], safe="")
        try:
            answer = self._transport.get(f"{self._path}/actions/workflows/{file}", asked)
        except NotFound:
            return ""
        return parsed(shapes.Workflow, answer, asked).state

    def awaited_approval(self, run_id: int) -> tuple[str, ...]:
        """The deployment environments for whose approval a run waits."""
        run = f"workflow run {run_id} of {self._name}"
        asked = self._transport.asked(f"what {run} waits for", _ACTIONS, about=run)
        answer = self._transport.get(f"{self._path}/actions/runs/{run_id}/pending_deployments", asked)
        pending = parsed(tuple[shapes.PendingDeployment, ...], answer, asked)
        return tuple(each.environment.name for each in pending if each.environment.name)

    def commit_message(self, sha: str) -> str:
        """The message of a commit."""
        asked = self._transport.asked(f"commit {sha[:10]} of {self._name}", _CONTENTS)
        answer = self._transport.get(f"{self._path}/commits/{quote(sha, safe='')}", asked)
        return parsed(shapes.Commit, answer, asked).commit.message

    def _merge_commit(self, number: int) -> str:
        """The commit of a merge, where the pull request itself no longer tells it."""
        asked = self._transport.asked(f"the events of pull request {number} of {self._name}", _READ_PULLS)
        for page in self._transport.pages(f"{self._path}/issues/{number}/events", asked):
            for event in parsed(tuple[shapes.IssueEvent, ...], page, asked):
                if event.event == "merged" and event.commit_id:
                    return event.commit_id
        return ""

    def _open_after(self, error: GitHubError, head: str, base: str) -> PullRequest | None:
        """The pull request that is there after all, although `error` came back."""
        try:
            found = self._open_from(head, base)
        except GitHubError as unseen:
            raise Unavailable(
                f"{error.sentence} Whether the pull request was opened all the same can't be seen: {unseen.sentence}",
                status=error.status,
                sent=True,
                remedy="Look at the open pull requests on GitHub before you go on.",
            ) from unseen
        if found is not None:
            self._journal.record(
                Kind.DECISION,
                f"Pull request {found.number} of {self._name} is open already: that one is used.",
            )
        return found

    def _open_from(self, head: str, base: str) -> PullRequest | None:
        owner = self._name.partition("/")[0]
        asked = self._transport.asked(f"the open pull requests of {self._name}", _READ_PULLS)
        answer = self._transport.get(
            f"{self._path}/pulls", asked, state="open", head=f"{owner}:{head}", base=base
        )
        for each in parsed(tuple[shapes.PullRequestNumber, ...], answer, asked):
            found = self.pull_request(each.number)
            # An unknown `head` filter would list all of them.
            if (found.head, found.base, found.state) == (head, base, "open"):
                return found
        return None

    def _rules(self, branch: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        asked = self._transport.asked(f"the rules for {branch} of {self._name}", "Metadata: read")
        found: list[rules.Rule] = []
        try:
            for page in self._transport.pages(f"{self._path}/rules/branches/{quote(branch, safe='')}", asked):
                found.extend(parsed(tuple[rules.Rule, ...], page, asked))
        except (Forbidden, NotFound) as error:
            return (), () if _not_offered(error) else (_without_stop(error.sentence),)
        return rules.of_rules(found)

    def _classic(self, branch: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        asked = self._transport.asked(f"the branch {branch} of {self._name}", _CONTENTS)
        path = f"{self._path}/branches/{quote(branch, safe='')}"
        try:
            seen = parsed(rules.Branch, self._transport.get(path, asked), asked)
        except (Forbidden, NotFound) as error:
            return (), (_without_stop(error.sentence),)
        if not seen.protected or seen.protection.enabled is False:
            return (), ()
        asked = self._transport.asked(f"the protection of {branch} of {self._name}", "Administration: read")
        try:
            classic = parsed(rules.Classic, self._transport.get(f"{path}/protection", asked), asked)
        except (Forbidden, NotFound) as error:
            if error.said.lower().startswith(_UNPROTECTED):
                return (), ()
            hidden = (
                f"{branch} has branch protection, of which GitHub shows only the status checks "
                "to somebody who is not an administrator of the repository"
            )
            return tuple(rules.checks(seen.protection.required_status_checks.names)), (hidden,)
        return rules.of_classic(classic), ()


def _newest_first(runs: Iterable[Run]) -> tuple[Run, ...]:
    return tuple(sorted(runs, key=lambda run: (run.created_at, run.id), reverse=True))


def _not_offered(error: Forbidden | NotFound) -> bool:
    return isinstance(error, Forbidden) and error.said.lower().startswith(_NOT_IN_THE_PLAN)


def _without_stop(sentence: str) -> str:
    return sentence.rstrip(".")
