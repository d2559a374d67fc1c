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


def choose(current: Revision, completed: Sequence[Completed]) -> Completed | None:
    """The newest proven revision to go back to from `current`.

    That is the newest one that completed a deployment and is lower than the current one, leaving out
    those that somebody has already rolled back from.

    Args:
        current: what the service runs now.
        completed: newest first.
    """
    abandoned = _abandoned(completed)
    candidates = [
        entry
        for entry in completed
        if entry.revision.family == current.family
        and entry.revision.number < current.number
        and entry.revision not in abandoned
    ]
    return max(candidates, key=lambda entry: (entry.revision.number, entry.at), default=None)


def _abandoned(completed: Sequence[Completed]) -> set[Revision]:
    """The revisions whose last deployment was followed by going back.

    Going back is a lower revision, or a higher one that deployed an earlier one's very images: the
    copy of a deregistered revision.
    """
    abandoned: set[Revision] = set()
    seen: set[Revision] = set()
    for after, before in pairwise(completed):
        if before.revision not in seen and (
            after.revision.number < before.revision.number
            or _origin(after, completed) < _origin(before, completed)
        ):
            abandoned.add(before.revision)
        seen |= {after.revision, before.revision}
    return abandoned


def _origin(entry: Completed, completed: Sequence[Completed]) -> int:
    """The lowest revision number that deployed the very same images."""
    same = [e.revision.number for e in completed if entry.images and e.images == entry.images]
    return min(same, default=entry.revision.number)
