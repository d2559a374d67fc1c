"""What stands in the way of a revert, each as it happens in a team's life."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rehearsal.origin import git_faults
from rehearsal.origin.github import faults as hub_faults
from rehearsal.origin.github.store import BranchRules
from rehearsal.origin.push import WORKFLOW_ACTOR
from rehearsal.origin.smart_http import Operation

if TYPE_CHECKING:
    from collections.abc import Callable

    from rehearsal.embedded import EmbeddedStage
    from rehearsal.origin.origin import Origin
    from rollback.environment import Environment

REVIEWER: Final = "sasha-berg"
FOR_GOOD: Final = {
    "doesn't accept our token": hub_faults.Kind.BAD_CREDENTIALS,
    "forbids what we ask": hub_faults.Kind.NOT_ACCESSIBLE,
    "finds nothing there": hub_faults.Kind.NOT_FOUND,
    "has had enough of us": hub_faults.Kind.PRIMARY_LIMIT,
    "is down": hub_faults.Kind.BAD_GATEWAY,
    "answers with a page for people": hub_faults.Kind.HTML,
}
NOW_AND_THEN: Final = {
    "answers with 502": hub_faults.Kind.BAD_GATEWAY,
    "cuts the connection": hub_faults.Kind.CUT_AFTER,
    "asks us to come back later": hub_faults.Kind.TOO_MANY_REQUESTS,
}
"""Struck at each of these occurrences, once or twice in a row, whatever the request is about."""
MOMENTS: Final = ((1, 1), (5, 2), (12, 1), (20, 2))


class Troubles:
    """What GitHub, the remote, the organisation and chance do."""

    def __init__(self, stage: EmbeddedStage, origin: Origin, environment: Environment) -> None:
        self._stage = stage
        self._origin = origin
        self._environment = environment

    def protected(self) -> None:
        """A ruleset, which everybody may read, lets changes come by pull request only, with a review."""
        branch = self._environment.branch
        self._origin.store.rules[branch] = BranchRules(approvals=1, classic=False)
        self._origin.bare.protect(branch, "Changes must be made through a pull request.", ruleset=True)

    def protected_unseen(self) -> None:
        """The same by classic branch protection, which only administrators may read."""
        branch = self._environment.branch
        self._origin.store.rules[branch] = BranchRules(approvals=1)
        self._origin.bare.protect(branch, "Changes must be made through a pull request.")

    def pushes_refused(self, sentence: str) -> None:
        """The organisation's own hook refuses every push."""
        self._origin.bare.refuse_pushes(sentence)

    def pushing_as_a_workflow(self) -> None:
        """Our credentials for git are a workflow's own token."""
        self._origin.git.actor = WORKFLOW_ACTOR

    def workflow_disabled(self) -> None:
        """Somebody has turned the deployment workflow off."""
        workflow = self._origin.store.workflows[self._environment.repository.application_workflow]
        workflow.state = "disabled_manually"

    def approvals_needed(self) -> None:
        """Every deployment to the environment has to be approved."""
        self._origin.store.reviewers[self._environment.name] = (REVIEWER,)

    def approved_in(self, seconds: float) -> None:
        """A reviewer approves the next run that waits, so many seconds after it began to."""

        def look() -> None:
            waiting = next((run for run in self._origin.store.runs if run.status == "waiting"), None)
            if waiting is None:
                self._later(1.0, look)
            else:
                self._later(seconds, lambda: self._origin.pipeline.approve(waiting, REVIEWER))

        look()

    def hub(self, kind: hub_faults.Kind) -> None:
        """GitHub answers like this to whatever we ask, for good."""
        hub_faults.inject(self._origin.api, hub_faults.Fault(kind=kind))

    def hub_now_and_then(self, kind: hub_faults.Kind) -> None:
        """GitHub answers like this now and then."""
        for occurrence, times in MOMENTS:
            fault = hub_faults.Fault(kind=kind, occurrence=occurrence, times=times, retry_after=20)
            hub_faults.inject(self._origin.api, fault)

    def token_revoked_in(self, seconds: float) -> None:
        """Our token for GitHub is revoked while we wait."""
        self._later(seconds, lambda: self.hub(hub_faults.Kind.BAD_CREDENTIALS))

    def remote(self, trouble: str) -> None:
        """The git remote doesn't do what is asked."""
        kinds: dict[str, git_faults.Fault] = {
            "doesn't answer": git_faults.Fault(kind=git_faults.Kind.BAD_GATEWAY),
            "doesn't know us": git_faults.Fault(kind=git_faults.Kind.UNAUTHORIZED),
            "breaks off while we fetch": git_faults.Fault(
                kind=git_faults.Kind.CUT_AFTER, operation=Operation.FETCH
            ),
        }
        git_faults.inject(self._origin.git, kinds[trouble])

    def nobody_committing(self) -> None:
        """Git has never been told who we are."""
        self._stage.git_variables(None)

    def merged_in(self, number: int, seconds: float) -> None:
        """A reviewer merges a pull request after a while."""
        pull = self._origin.store.pulls[number]
        self._later(seconds, lambda: self._origin.merge(pull, REVIEWER))

    def closed_in(self, number: int, seconds: float) -> None:
        """A reviewer closes a pull request after a while, without merging it."""
        pull = self._origin.store.pulls[number]

        def close() -> None:
            pull.state, pull.closed_at = "closed", self._stage.clock.now()

        self._later(seconds, close)

    def interrupted_in(self, seconds: float) -> None:
        """We press Ctrl-C while we wait."""

        def press() -> None:
            raise KeyboardInterrupt

        self._later(seconds, press)

    def _later(self, seconds: float, action: Callable[[], object]) -> None:
        def act() -> None:
            action()

        self._stage.clock.call_in(seconds, act)
