"""Saying how a revert ended: what is in force now, why, and what to do next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rollback.clock import spoken
from rollback.ecs import by_hand as ecs_by_hand
from rollback.ecs.reporting import told as told_of_rollout
from rollback.ecs.result import SavedPoint as SavedRevision
from rollback.revert import by_hand
from rollback.revert.result import Outcome, Result

if TYPE_CHECKING:
    from rollback.access import Access
    from rollback.environment import Environment
    from rollback.errors import RollbackError
    from rollback.github.model import PullRequest
    from rollback.revert.following import Followed
    from rollback.revert.result import SavedPoint


def told(
    environment: Environment, access: Access, followed: Followed, *, saved: SavedPoint, began: float
) -> Result:
    """The result of a revert that began when the clock read `began`."""
    seconds = access.clock.monotonic() - began
    seen, remedy, commands = followed.seen, followed.remedy, _commands(environment, followed, saved)
    if followed.rollout is not None and followed.revision is not None:
        rollout = told_of_rollout(
            environment,
            access,
            followed.rollout,
            target=followed.revision,
            saved=SavedRevision(
                environment=environment.name, service=environment.service, revision=followed.revision
            ),
            began=began,
        )
        seen, remedy, commands = rollout.sentence, rollout.remedy, rollout.commands
    return Result(
        outcome=followed.outcome,
        sentence=_sentence(environment, followed, saved, seen=seen, seconds=seconds),
        remedy=remedy,
        saved=saved,
        seconds=seconds,
        run=followed.run,
        log=followed.log,
        revision=followed.revision,
        version=followed.tag,
        restarted=followed.restarted,
        commands=commands,
    )


def _sentence(
    environment: Environment, followed: Followed, saved: SavedPoint, *, seen: str, seconds: float
) -> str:
    revert = f"The {saved.what} {saved.commit[:10]}"
    after = f"after {spoken(seconds)}"
    if followed.outcome is Outcome.LANDED:
        how = ""
        if followed.revision is not None:
            how = f": {environment.service} runs it as {followed.revision} on every task"
        elif followed.restarted:
            how = ": its infrastructure is applied, and the tasks were restarted to read it anew"
        elif saved.sides:
            how = ": its infrastructure is applied, and the application answers"
        return f"{revert} has landed {after}{how}."
    pushed = f"{revert} is on {saved.branch}, but it has not landed {after}."
    return f"{pushed} {seen}".strip()


def _commands(environment: Environment, followed: Followed, saved: SavedPoint) -> tuple[str, ...]:
    run = followed.run
    match followed.outcome:
        case Outcome.RUN_FAILED if run is not None:
            return by_hand.read_log(environment, run.id), by_hand.rerun(environment, run.id)
        case Outcome.NO_RUN | Outcome.CANCELLED | Outcome.SKIPPED | Outcome.WAITING | Outcome.LOST:
            return (by_hand.watch(environment, saved.commit),)
        case Outcome.TIMED_OUT:
            return by_hand.watch(environment, saved.commit), ecs_by_hand.describe_deployments(environment)
        case Outcome.NOT_DEPLOYED | Outcome.SUPERSEDED | Outcome.REVERSED | Outcome.STILL_BROKEN:
            return (ecs_by_hand.describe_deployments(environment), ecs_by_hand.events(environment))
        case _:
            return ()


def proposed(
    environment: Environment, access: Access, pull: PullRequest, *, saved: SavedPoint, began: float
) -> Result:
    """The result where the revert waits as a pull request."""
    return Result(
        outcome=Outcome.PROPOSED,
        sentence=f"The {saved.what} is proposed as pull request #{pull.number}, {pull.url}; "
        f"{environment.branch} is as it was.",
        remedy="Have it approved and merged, then follow it to its effect.",
        saved=saved,
        seconds=access.clock.monotonic() - began,
        pull_request=pull,
        commands=(by_hand.line("gh", "pr", "view", str(pull.number), "--repo", environment.repository.name),),
    )


def not_proposed(
    environment: Environment, access: Access, branch: str, why: str, *, saved: SavedPoint, began: float
) -> Result:
    """The result where the revert's own branch was pushed, and no pull request came of it."""
    return Result(
        outcome=Outcome.NOT_PROPOSED,
        sentence=f"The {saved.what} was pushed to {branch}, but no pull request was opened: {why} "
        f"{environment.branch} is as it was.",
        remedy="Open the pull request by hand.",
        saved=saved,
        seconds=access.clock.monotonic() - began,
        commands=(by_hand.open_pull_request(environment, branch),),
    )


def uncertain(
    environment: Environment,
    access: Access,
    branch: str,
    error: RollbackError,
    *,
    saved: SavedPoint,
    began: float,
) -> Result:
    """The result where it can't be told whether the push has arrived."""
    return Result(
        outcome=Outcome.LOST,
        sentence=f"The {saved.what} {saved.commit[:10]} was pushed to {branch}, and the answer was lost. {error.sentence}",
        remedy="Look whether the branch holds it. If so, follow it once more; if not, plan again.",
        saved=saved,
        seconds=access.clock.monotonic() - began,
        commands=(
            by_hand.line("git", "ls-remote", "--heads", environment.repository.remote, branch),
            by_hand.watch(environment, saved.commit),
        ),
    )


def nothing_to_do(access: Access, sentence: str, *, saved: SavedPoint, began: float) -> Result:
    """The result where the revert is there already."""
    return Result(
        outcome=Outcome.NOTHING,
        sentence=sentence,
        remedy=f"Look whether that {saved.what} has been deployed.",
        saved=saved,
        seconds=access.clock.monotonic() - began,
    )
