"""From a pushed revert to its effect: the workflow run, the rollout, and the application's own answer."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from rollback import ecs
from rollback.ecs import look
from rollback.ecs.built import build
from rollback.ecs.watching import DETECTORS, Awaited
from rollback.ecs.watching import watch as watch_rollout
from rollback.errors import AwsError
from rollback.git import Copy, GitError
from rollback.github import RunOutcome
from rollback.github import watch as watch_run
from rollback.journal import Kind
from rollback.revert.planning import workflow_of
from rollback.revert.result import Outcome, Side

if TYPE_CHECKING:
    from rollback.access import Access
    from rollback.ecs.built import Build
    from rollback.ecs.model import Deployment, Revision
    from rollback.ecs.watching import Watched
    from rollback.environment import Environment
    from rollback.github import WatchedRun
    from rollback.github.model import Run
    from rollback.revert.result import SavedPoint

SETTLE_SECONDS: Final = 300.0
"""How long the targets may take to get healthy again after an apply, before tasks are restarted."""
POLL_SECONDS: Final = 15.0

_OF_RUN: Final = {
    RunOutcome.FAILED: Outcome.RUN_FAILED,
    RunOutcome.CANCELLED: Outcome.CANCELLED,
    RunOutcome.SKIPPED: Outcome.SKIPPED,
    RunOutcome.WAITING: Outcome.WAITING,
    RunOutcome.TIMED_OUT: Outcome.TIMED_OUT,
    RunOutcome.NOT_STARTED: Outcome.NO_RUN,
    RunOutcome.LOST: Outcome.LOST,
}
_OF_ROLLOUT: Final = {
    ecs.Outcome.FAILED: Outcome.ROLLOUT_FAILED,
    ecs.Outcome.REVERSED: Outcome.REVERSED,
    ecs.Outcome.SUPERSEDED: Outcome.SUPERSEDED,
    ecs.Outcome.TIMED_OUT: Outcome.TIMED_OUT,
    ecs.Outcome.LOST: Outcome.LOST,
    ecs.Outcome.NOT_STARTED: Outcome.NOT_DEPLOYED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """Where a pushed revert ended.

    Attributes:
        seen: what was seen, a sentence or two.
        rollout: what came of watching ECS, where there was something to watch.
        tag: the tag of the image that was deployed.
    """

    outcome: Outcome
    seen: str = ""
    remedy: str = ""
    run: Run | None = None
    log: tuple[str, ...] = ()
    revision: Revision | None = None
    rollout: Watched | None = None
    tag: str = ""
    restarted: bool = False


def follow(environment: Environment, access: Access, saved: SavedPoint, *, until: float) -> Followed:
    """Follow the pushed commits of `saved` to their effect.

    Args:
        environment: the place.
        access: the hands.
        saved: what was pushed.
        until: when to give up, as the clock's `monotonic` reads.
    """
    ended = Followed(outcome=Outcome.LANDED)
    for side in saved.sides:
        ended = _side(environment, access, saved, side, until=until)
        if ended.outcome is not Outcome.LANDED:
            break
    return ended


def _side(
    environment: Environment, access: Access, saved: SavedPoint, side: Side, *, until: float
) -> Followed:
    watched = watch_run(
        access,
        repository=environment.repository,
        sha=saved.commit,
        branch=environment.branch,
        workflow=workflow_of(environment, side),
        deadline_seconds=max(0.0, until - access.clock.monotonic()),
    )
    if watched.outcome is not RunOutcome.SUCCEEDED:
        return _of_run(watched)
    try:
        if side is Side.APPLICATION:
            ended = _rolled_out(environment, access, saved, until=until)
        else:
            ended = applied(environment, access, until=until)
    except AwsError as error:
        ended = Followed(
            outcome=Outcome.LOST,
            seen=f"The workflow run succeeded, but the service can't be seen: {error.sentence}",
            remedy=error.remedy,
        )
    return replace(ended, run=watched.run)


def _of_run(watched: WatchedRun) -> Followed:
    return Followed(
        outcome=_OF_RUN[watched.outcome],
        seen=watched.sentence,
        remedy=watched.remedy,
        run=watched.run,
        log=watched.log,
    )


def _rolled_out(environment: Environment, access: Access, saved: SavedPoint, *, until: float) -> Followed:
    """Follow the deployment that the run has begun, and ask the application."""
    service = look.service(environment, access)
    primary = service.primary
    if primary is not None and put_back(primary, saved):
        return Followed(
            outcome=Outcome.REVERSED,
            seen=f"ECS has given the deployment of the {saved.what} up and is putting {primary.revision} back.",
            remedy="Read the events of the service, and fix what stopped the tasks.",
            revision=primary.revision,
        )
    if primary is None or primary.id in saved.deployments:
        return Followed(
            outcome=Outcome.NOT_DEPLOYED,
            seen=f"The workflow run succeeded, but {service.name} still runs what it ran before: {service.runs}.",
            remedy="Read the events of the service, in case ECS has put that back, and the log of the run's last "
            "step: the workflow may deploy elsewhere, or only when asked.",
        )
    image = build(primary.revision, service, access)
    if not image.is_of(saved.commit) and (other := _foreign(environment, access, primary, image, saved)):
        return other
    awaited = Awaited(primary.revision, primary.id, frozenset(saved.deployments))
    left = max(0.0, until - access.clock.monotonic())
    watched = watch_rollout(environment, access, awaited, deadline_seconds=left)
    tag = image.tag_of(saved.commit) or (image.tags[0] if len(image.tags) == 1 else "")
    if watched.outcome is not ecs.Outcome.LANDED:
        return Followed(
            outcome=_OF_ROLLOUT[watched.outcome], revision=primary.revision, rollout=watched, tag=tag
        )
    verification = ecs.verify(environment, access, primary.revision, expected_version=tag)
    if verification.landed:
        return Followed(outcome=Outcome.LANDED, revision=primary.revision, tag=tag)
    return Followed(
        outcome=Outcome.STILL_BROKEN,
        seen=" ".join(finding.seen for finding in verification.contradictions),
        remedy=f"The {saved.what} has landed, so something else is wrong: roll back to an earlier revision that is known "
        "to work, then look for it.",
        revision=primary.revision,
        tag=tag,
    )


def put_back(primary: Deployment, saved: SavedPoint) -> bool:
    """Whether ECS itself is putting `primary` in the place of ours; its reason stays when that was long ago."""
    says_so = any(detector in primary.reason.lower() for detector in DETECTORS)
    return says_so and (primary.state == "IN_PROGRESS" or primary.id not in saved.deployments)


def _foreign(
    environment: Environment, access: Access, primary: Deployment, image: Build, saved: SavedPoint
) -> Followed | None:
    """What it means that the service deploys another image than ours; None where that holds the revert as well."""
    try:
        copy = Copy.fetched(environment.repository, access)
        commit = image.commit(copy)
        if commit is None or copy.holds(commit, copy.commit(saved.commit)):
            return None
    except GitError as error:
        access.journal.record(
            Kind.OBSERVATION, f"Whose deployment this is can't be told from git: {error.sentence}"
        )
        return None
    return Followed(
        outcome=Outcome.SUPERSEDED,
        seen=f"Somebody else has deployed {primary.revision}, built from commit {commit.short}, and that doesn't hold the "
        f"{saved.what}.",
        remedy=f"Talk to whoever deployed; then run the {saved.what}'s workflow again, or verify once theirs is over.",
        revision=primary.revision,
    )


def applied(environment: Environment, access: Access, *, until: float) -> Followed:
    """See the application recover after an apply, and restart its tasks where they don't by themselves.

    Args:
        environment: the place.
        access: the hands.
        until: when to give up, as the clock's `monotonic` reads.

    Raises:
        AwsError: the service can't be seen.
    """
    settled_by = min(until, access.clock.monotonic() + SETTLE_SECONDS)
    while complaints := _complaints(environment, access):
        if access.clock.monotonic() >= settled_by or not _moving(environment, access):
            break
        access.clock.sleep(POLL_SECONDS)
    if not complaints:
        return Followed(outcome=Outcome.LANDED)
    revision = look.service(environment, access).revision
    watched = ecs.restart(
        environment,
        access,
        why=f"The infrastructure is back, and the application is not: {complaints}",
        deadline_seconds=max(0.0, until - access.clock.monotonic()),
    )
    if watched.outcome is not ecs.Outcome.LANDED:
        return Followed(
            outcome=_OF_ROLLOUT[watched.outcome], revision=revision, rollout=watched, restarted=True
        )
    if complaints := _complaints(environment, access):
        return Followed(
            outcome=Outcome.STILL_BROKEN,
            seen=f"The tasks were restarted, and still: {complaints}",
            remedy="The revert has landed, so something else is wrong: read the application's logs.",
            restarted=True,
        )
    return Followed(outcome=Outcome.LANDED, restarted=True)


def _complaints(environment: Environment, access: Access) -> str:
    """What is wrong with service, targets or answers; empty where nothing is.

    A load balancer that finds no target healthy asks them all, so that good answers alone prove nothing.
    """
    revision = look.service(environment, access).revision
    return " ".join(f.seen for f in ecs.verify(environment, access, revision).contradictions)


def _moving(environment: Environment, access: Access) -> bool:
    """Whether ECS or the load balancer still has something to do that may help."""
    service = look.service(environment, access)
    states = set(look.target_states(service, access).values())
    steady = service.in_progress is None and service.running == service.desired and not service.pending
    return not steady or states != {"healthy"}
