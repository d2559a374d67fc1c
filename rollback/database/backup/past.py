"""What git and GitHub know of the migrations around a moment.

The pipeline migrates the database before it deploys, so that its run begins before the migration does, and the ECS deployment
after it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from rollback._text import printable
from rollback.database.backup import by_hand
from rollback.database.migrations import crossing
from rollback.database.migrations.past import past
from rollback.errors import RollbackError
from rollback.git import Copy, GitError
from rollback.github.errors import GitHubError
from rollback.plan import ok, warning
from rollback.process import NotStarted, Stopped

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from rollback.access import Access
    from rollback.environment import Environment
    from rollback.github.model import Run
    from rollback.plan import Finding

PATIENCE_SECONDS = 60.0
"""For how long the repository is waited for."""
MOST_RUNS = 30
"""So many runs GitHub is asked for; where there are as many, there may be older ones."""
_TROUBLES = (GitError, GitHubError, NotStarted, Stopped)


class NotTold(RollbackError):
    """When the newest migration was run can't be told."""


@dataclass(frozen=True, slots=True)
class Before:
    """A moment just before a migration, and how it is known."""

    at: datetime
    why: str


def before_newest_migration(environment: Environment, access: Access) -> Before:
    """The last whole second before the pipeline's run that brought the newest migration.

    Raises:
        NotTold: it can't be told.
    """
    remedy = 'Name the moment, as in "2026-01-05T03:00:00Z", or a snapshot.'
    try:
        copy = Copy.fetched(environment.repository, access, at_most_seconds=PATIENCE_SECONDS)
        runs = _runs(environment, access)
        older = [*(each.sha for each in runs[1:]), *_before(copy, runs)]
        for run, before in zip(runs, older, strict=False):
            held = [copy.matching(each, environment.repository.migrations) for each in (run.sha, before)]
            if held[0] != held[1]:
                at = (run.created_at - timedelta(seconds=1)).replace(microsecond=0)
                return Before(
                    at, f"That is just before the run of {run.sha[:10]}, which brought a migration."
                )
    except _TROUBLES as error:
        raise NotTold(
            f"When the newest migration was run can't be told: {error.sentence}", remedy=remedy
        ) from error
    raise NotTold(
        f"None of the latest runs of {environment.repository.application_workflow} has brought a migration.",
        remedy=remedy,
    )


def run_again(environment: Environment, access: Access, at: datetime) -> Iterator[Finding]:
    """Which migrations the branch holds that the database of a moment has not: the next deployment would run them again."""
    repository = environment.repository
    if not repository.migrations:
        return
    try:
        copy = Copy.fetched(repository, access, at_most_seconds=PATIENCE_SECONDS)
        runs = _runs(environment, access)
        then = next((each.sha for each in runs if each.created_at <= at), "")
        if not then and len(runs) < MOST_RUNS:
            then = next(iter(_before(copy, runs)), "")
        if not then:
            yield _unknown(environment, "which commit was deployed then is too long ago.")
            return
        found = crossing(copy, repository, here=copy.tip(environment.branch).sha, there=then)
    except _TROUBLES as error:
        yield _unknown(environment, error.sentence)
        return
    names = [printable(each.head.revision) for each in reversed(found.taken)]
    if names:
        yield _again(environment, ", ".join(names))
    else:
        yield ok(
            "git-agrees", f"{environment.branch} holds no migration that the restored database would lack."
        )


def agrees(environment: Environment, access: Access, revisions: Sequence[str] | None) -> Iterator[Finding]:
    """Whether the branch's newest migration is the one at which a database is."""
    repository = environment.repository
    if not repository.migrations or revisions is None:
        return
    try:
        copy = Copy.fetched(repository, access, at_most_seconds=PATIENCE_SECONDS)
        blobs = copy.matching(copy.tip(environment.branch).sha, repository.migrations)
        wanted = {sha for path, sha in blobs.items() if path.endswith(".py")}
        newest = past(blobs, copy.contents(wanted), {}).newest
    except _TROUBLES as error:
        yield _unknown(environment, error.sentence)
        return
    if set(newest) == set(revisions):
        yield ok(
            "git-agrees",
            f"{environment.branch} and the database are both at {', '.join(map(printable, newest))}.",
        )
    else:
        at = ", ".join(map(printable, revisions)) or "none"
        yield _again(
            environment, f"{', '.join(map(printable, newest)) or 'none'}, and the database is at {at}"
        )


def _again(environment: Environment, what: str) -> Finding:
    return warning(
        "git-agrees",
        f"{environment.branch} still holds the migration {what}: the next deployment would run it again.",
        "Deploy nothing before git agrees: revert the commit that brought it once the database is restored.",
        by_hand.migrations(environment),
    )


def _unknown(environment: Environment, why: str) -> Finding:
    return warning(
        "git-agrees",
        f"Whether {environment.branch} holds migrations that the restored database lacks can't be told: {why}",
        "Look for yourself: the next deployment would run them again.",
        by_hand.migrations(environment),
    )


def _before(copy: Copy, runs: Sequence[Run]) -> tuple[str, ...]:
    """The commit before that of the oldest run that is known; none where there is none."""
    return copy.commit(runs[-1].sha).parents[:1] if runs else ()


def _runs(environment: Environment, access: Access) -> list[Run]:
    """The runs that deploy, the newest first."""
    workflow = environment.repository.application_workflow
    return [each for each in access.github.latest_runs(environment.branch) if each.workflow == workflow]
