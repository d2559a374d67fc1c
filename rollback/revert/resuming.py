"""Finishing a revert that broke off: by what the remote has, and never with a second revert of the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rollback.errors import Refused
from rollback.git import Copy, UnknownCommit
from rollback.journal import Kind
from rollback.revert.applying import apply, follow_saved, propose_again
from rollback.revert.planning import made

if TYPE_CHECKING:
    from rollback.access import Access
    from rollback.environment import Environment
    from rollback.revert.planning import Wish
    from rollback.revert.result import Result, SavedPoint


def resume(environment: Environment, access: Access, saved: SavedPoint, wish: Wish, *, head: str) -> Result:
    """Finish a revert from wherever it broke off.

    Where the branch holds it, it is followed; where it was only pushed to a branch of its own, it is proposed; and where
    the remote has nothing of it, it is planned and applied again.

    Args:
        environment: the place.
        access: the hands.
        saved: what was about to be pushed.
        wish: what was asked for.
        head: the branch that it was about to be pushed to.

    Raises:
        Refused: there is something against it; nothing has been changed.
        GitError, GitHubError, AwsError: something didn't answer before anything was changed.
    """
    copy = Copy.fetched(environment.repository, access)
    if holds(environment, copy, saved):
        access.journal.record(Kind.DECISION, f"{environment.branch} holds {saved.commit[:10]}; following it.")
        return follow_saved(environment, access, saved)
    if waits_on(environment, copy, saved, head):
        access.journal.record(Kind.DECISION, f"{saved.commit[:10]} was pushed to {head}; proposing it.")
        return propose_again(environment, access, made(environment, access, wish), saved, head)
    access.journal.record(Kind.DECISION, "The remote has nothing of the revert; planning it again.")
    return apply(environment, access, made(environment, access, wish))


def must_be_on_the_branch(environment: Environment, access: Access, saved: SavedPoint, *, head: str) -> None:
    """Let a revert be taken back only where the branch has it.

    Raises:
        Refused: it doesn't.
    """
    copy = Copy.fetched(environment.repository, access)
    if holds(environment, copy, saved):
        return
    if waits_on(environment, copy, saved, head):
        raise Refused(
            f"The revert is only proposed, on {head}; {environment.branch} doesn't hold it.",
            remedy="Close its pull request instead.",
        )
    raise Refused(
        f"{environment.branch} doesn't hold the revert, so there is nothing to undo.",
        remedy="Nothing has been changed.",
    )


def holds(environment: Environment, copy: Copy, saved: SavedPoint) -> bool:
    """Whether the branch holds the revert."""
    try:
        return copy.holds(copy.tip(environment.branch), copy.commit(saved.commit))
    except UnknownCommit:
        return False


def waits_on(environment: Environment, copy: Copy, saved: SavedPoint, head: str) -> bool:
    """Whether the revert is on a branch of its own."""
    return head not in {"", environment.branch} and copy.remote_tip(head) == saved.commit
