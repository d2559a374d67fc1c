"""From commits that are ready to their effect, whatever they hold: to a proposal, or followed through the pipeline."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rollback.errors import Refused, RollbackError
from rollback.github import GitHubError
from rollback.journal import Kind
from rollback.revert import by_hand, reporting
from rollback.revert.following import Followed, follow
from rollback.revert.result import Outcome, Side

if TYPE_CHECKING:
    from rollback.access import Access
    from rollback.environment import Environment
    from rollback.git import Copy
    from rollback.revert.result import Result, SavedPoint

NAMES: Final = 20
"""How many names are tried for the branch of a proposal."""


def free_branch(copy: Copy, name: str) -> str:
    """A branch for a proposal that nobody has, called `name` or nearly so.

    Raises:
        Refused: there are too many.
    """
    for number in range(1, NAMES):
        candidate = name if number == 1 else f"{name}-{number}"
        if not copy.remote_tip(candidate):
            return candidate
    raise Refused(
        f"There are {NAMES - 1} branches called {name} already.",
        remedy="Delete those that nobody needs, or merge the pull request of one of them.",
    )


def proposed(
    environment: Environment,
    access: Access,
    *,
    branch: str,
    title: str,
    body: str,
    saved: SavedPoint,
    began: float,
) -> Result:
    """Open a pull request for `branch`, which has been pushed; that none came of it is a result, too."""
    try:
        pull = access.github.open_pull_request(head=branch, base=environment.branch, title=title, body=body)
    except GitHubError as error:
        return reporting.not_proposed(environment, access, branch, error.sentence, saved=saved, began=began)
    return reporting.proposed(environment, access, pull, saved=saved, began=began)


def followed(environment: Environment, access: Access, saved: SavedPoint, *, began: float) -> Result:
    """Follow what was pushed to its effect; an interruption is taken down and goes on to the caller."""
    try:
        ended = follow(environment, access, saved, until=began + deadline(environment, saved.sides))
    except KeyboardInterrupt:
        access.journal.record(
            Kind.INTERRUPTED,
            f"Interrupted while {saved.commit[:10]} was on its way. What was started goes on by itself.",
            look=by_hand.watch(environment, saved.commit),
        )
        raise
    except RollbackError as error:
        ended = Followed(outcome=Outcome.LOST, seen=error.sentence, remedy=error.remedy)
    return reporting.told(environment, access, ended, saved=saved, began=began)


def deadline(environment: Environment, sides: tuple[Side, ...]) -> float:
    """For how many seconds these sides are waited for."""
    budgets = environment.budgets
    if Side.INFRASTRUCTURE in sides:
        return max(
            budgets.infrastructure.deadline_seconds,
            budgets.application.deadline_seconds if Side.APPLICATION in sides else 0.0,
        )
    return budgets.application.deadline_seconds
