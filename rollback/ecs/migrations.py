"""Whether an emergency rollback would go back across a migration of the database."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rollback.database.migrations import ahead_of, crossing, of_deployment, unknown
from rollback.ecs.built import build, of_images
from rollback.git import Copy, GitError
from rollback.process import NotStarted, Stopped

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rollback.access import Access
    from rollback.ecs.model import Revision, Service
    from rollback.ecs.resources import Image
    from rollback.environment import Environment
    from rollback.plan import Finding

PATIENCE_SECONDS: Final = 60.0
"""For how long an emergency waits for the repository, which may be unreachable for the same reason."""


def migrations(
    environment: Environment, access: Access, service: Service, target: Revision, images: Sequence[Image]
) -> Iterator[Finding]:
    """What lies between the commits from which the service's revision and the target were built.

    What can't be told is a warning and hinders nothing: users are suffering.

    Args:
        environment: the place.
        access: the hands.
        service: as it is.
        target: where the rollback goes.
        images: the target's, as they were found in their registry.
    """
    here, there = str(service.revision), str(target)
    if not environment.repository.migrations:
        return
    wanted = of_images(images, service)
    if not wanted.named:
        yield unknown(_UNTOLD.format(there), here=here, there=there)
        return
    running = build(service.revision, service, access)
    try:
        copy = Copy.fetched(environment.repository, access, at_most_seconds=PATIENCE_SECONDS)
        commits = {here: running.commit(copy), there: wanted.commit(copy)}
        one, other = commits.values()
        if one is None or other is None:
            lost = next(revision for revision, commit in commits.items() if commit is None)
            yield unknown(_UNTOLD.format(lost), here=here, there=there)
            return
        found = crossing(copy, environment.repository, here=one.sha, there=other.sha)
        newest = copy.tip(environment.branch).sha if environment.branch in copy.branches else one.sha
        ahead = (
            crossing(copy, environment.repository, here=newest, there=other.sha)
            if newest not in {one.sha, other.sha}
            else None
        )
    except (GitError, NotStarted, Stopped) as error:
        yield unknown(error.sentence, here=here, there=there)
        return
    yield from of_deployment(environment, found, here=here, there=there)
    if ahead is not None:
        yield from ahead_of(environment, found, ahead, there=there)


_UNTOLD: Final = "from which commit {} was built doesn't show in its image's tags."
