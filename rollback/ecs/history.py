"""Which revisions have proven themselves, and which of them to go back to."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from rollback.ecs.model import Revision

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from mypy_boto3_ecs.type_defs import ServiceDeploymentBriefTypeDef

    from rollback.access import Access
    from rollback.ecs.model import Service

DESCRIBED_AT_ONCE: Final = 20
"""DescribeServiceRevisions takes at most 20 revisions a call."""


@dataclass(frozen=True, slots=True)
class Completed:
    """A deployment that ECS brought to its end.

    Attributes:
        images: the digest that ECS resolved for each container's image, by the container's name.
    """

    revision: Revision
    at: datetime
    images: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class History:
    """What ECS remembers of the service's deployments (90 days).

    Attributes:
        completed: newest first.
        in_progress: the ARN of the service deployment that is rolling out, if there is one.
    """

    completed: tuple[Completed, ...] = ()
    in_progress: str = ""

    def of(self, revision: Revision) -> Completed | None:
        """The newest completed deployment of a revision."""
        return next((c for c in self.completed if c.revision == revision), None)


def history(service: Service, access: Access) -> History:
    """Read the service's deployments and what they deployed: two calls."""
    answer = access.aws.ecs.list_service_deployments(
        cluster=service.cluster, service=service.name, maxResults=100
    )
    deployments = sorted(answer["serviceDeployments"], key=lambda d: d["createdAt"], reverse=True)
    in_progress = next((d for d in deployments if d["status"] in {"PENDING", "IN_PROGRESS"}), None)
    return History(
        completed=_completed([d for d in deployments if d["status"] == "SUCCESSFUL"], access),
        in_progress=in_progress["serviceDeploymentArn"] if in_progress else "",
    )


def _completed(deployments: Sequence[ServiceDeploymentBriefTypeDef], access: Access) -> tuple[Completed, ...]:
    wanted = list(dict.fromkeys(d["targetServiceRevisionArn"] for d in deployments))[:DESCRIBED_AT_ONCE]
    if not wanted:
        return ()
    answer = access.aws.ecs.describe_service_revisions(serviceRevisionArns=wanted)
    revisions = {r["serviceRevisionArn"]: r for r in answer["serviceRevisions"]}
    return tuple(
        Completed(
            revision=Revision.parse(described["taskDefinition"]),
            at=deployment.get("finishedAt", deployment["createdAt"]),
            images={
                image["containerName"]: image["imageDigest"]
                for image in described.get("containerImages", ())
                if "containerName" in image and "imageDigest" in image
            },
        )
        for deployment in deployments
        if (described := revisions.get(deployment["targetServiceRevisionArn"]))
    )


@dataclass(frozen=True, slots=True)
class Candidates:
    """Which revisions come into question as the target.

    Attributes:
        current: what the service runs now.
        below: only revisions with a lower number.
        abandoned: those that somebody has already rolled back from.
    """

    current: Revision
    below: int
    abandoned: frozenset[Revision]

    def __contains__(self, revision: Revision) -> bool:
        return (
            revision.family == self.current.family
            and revision.number < self.below
            and revision not in self.abandoned
        )


def candidates(current: Revision, completed: Sequence[Completed]) -> Candidates:
    """The revisions that are lower than the current one and were not rolled back from.

    A current revision that is the copy of an earlier one, put there to go back to it, counts as that
    one: going back from it is not going to the original, and not to what lies between.

    Args:
        current: what the service runs now.
        completed: newest first.
    """
    last = next((i for i, entry in enumerate(completed) if entry.revision == current), len(completed))
    past = completed[last:]
    below = current.number
    if _goes_back(past) and past[1].revision.number < current.number:
        below = next(e.revision.number for e in past[1:] if e.images == past[0].images)
    return Candidates(current, below, frozenset(_abandoned(completed)))


def choose(current: Revision, completed: Sequence[Completed]) -> Completed | None:
    """The newest proven revision to go back to from `current`.

    Args:
        current: what the service runs now.
        completed: newest first.
    """
    among = candidates(current, completed)
    proven = [entry for entry in completed if entry.revision in among]
    return max(proven, key=lambda entry: (entry.revision.number, entry.at), default=None)


def _abandoned(completed: Sequence[Completed]) -> set[Revision]:
    """The revisions whose last deployment was followed by going back."""
    abandoned: set[Revision] = set()
    seen: set[Revision] = set()
    for index, (after, before) in enumerate(pairwise(completed)):
        seen.add(after.revision)
        if before.revision not in seen and _goes_back(completed[index:]):
            abandoned.add(before.revision)
    return abandoned


def _goes_back(past: Sequence[Completed]) -> bool:
    """Whether the newest of these deployments was going back from the one before.

    That is a lower revision, or a higher one that deployed an earlier one's very images: the copy of
    a deregistered revision.
    """
    if len(past) < 2:  # noqa: PLR2004 - there is none before
        return False
    lower = past[0].revision.number < past[1].revision.number
    return lower or _origin(past) < _origin(past[1:])


def _origin(past: Sequence[Completed]) -> int:
    """The lowest revision number that had deployed the very images of the newest by then."""
    newest = past[0]
    same = [e.revision.number for e in past if newest.images and e.images == newest.images]
    return min(same, default=newest.revision.number)
