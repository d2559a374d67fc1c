"""Which commit a service runs, by the tag of its image."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from rollback.ecs import resources
from rollback.git import GitError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rollback.access import Access
    from rollback.ecs.model import Revision, Service
    from rollback.git import Commit, Copy

_OBJECT_NAME: Final = re.compile(r"(?<![0-9A-Za-z])[0-9a-f]{7,64}(?![0-9A-Za-z])")
"""What may be an object name in a tag such as ``main-3f2a91c``: git abbreviates to seven digits at least."""


@dataclass(frozen=True, slots=True)
class Build:
    """The image of a revision, of the container behind the load balancer.

    Attributes:
        tags: its tags, the one by which the revision names it first.
    """

    tags: tuple[str, ...]

    def is_of(self, sha: str) -> bool:
        """Whether a tag names this commit."""
        return bool(self.tag_of(sha))

    @property
    def named(self) -> bool:
        """Whether any tag looks like the name of a commit."""
        return any(_names(tag) for tag in self.tags)

    def tag_of(self, sha: str) -> str:
        """The tag that names this commit, or an empty string."""
        return next((tag for tag in self.tags if any(sha.startswith(name) for name in _names(tag))), "")

    def commit(self, copy: Copy) -> Commit | None:
        """The commit that it was built from, where a tag names one that the repository knows."""
        for name in (name for tag in self.tags for name in _names(tag)):
            try:
                return copy.commit(name)
            except GitError:
                continue
        return None


def build(revision: Revision, service: Service, access: Access) -> Build:
    """The image that `revision` runs.

    Raises:
        AwsError: AWS doesn't say.
    """
    definition = access.aws.ecs.describe_task_definition(taskDefinition=str(revision))["taskDefinition"]
    images, _ = resources.images(definition, {}, access)
    return of_images(images, service)


def of_images(images: Sequence[resources.Image], service: Service) -> Build:
    """The image of the container behind the load balancer, else the first."""
    front = {entry.container for entry in service.load_balancers}
    image = next((each for each in images if each.container in front), images[0])
    own = "" if "@" in image.reference else image.reference.rpartition("/")[2].partition(":")[2]
    return Build(tuple(dict.fromkeys(tag for tag in (own, *image.tags) if tag)))


def _names(tag: str) -> list[str]:
    return [name for name in _OBJECT_NAME.findall(tag) if not name.isdigit() or len(name) >= 40]  # noqa: PLR2004
