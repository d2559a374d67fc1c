"""Service deployments and service revisions: the history that ECS keeps of a service.

Source: Amazon ECS developer guide, "View service history using Amazon ECS service deployments" and
"Stopping Amazon ECS service deployments".
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from rehearsal.aws import timeline
from rehearsal.aws.ecs.breaker import Breaker

if TYPE_CHECKING:
    from datetime import datetime

ONGOING: Final = ("PENDING", "IN_PROGRESS", "STOP_REQUESTED", "ROLLBACK_REQUESTED", "ROLLBACK_IN_PROGRESS")
"""The states of a service deployment that is not over; in these it can be stopped."""

EXCEEDED: Final = "Service deployment rolled back because the circuit breaker threshold was exceeded."
NO_CANDIDATE: Final = "No rollback candidate was found to run the rollback."

# AWS doesn't document its words for these.
GIVEN_UP: Final = "Service deployment stopped because the circuit breaker threshold was exceeded."
REQUESTED: Final = "Service deployment rolled back because of a user request."
SUPERSEDED: Final = "Service deployment stopped because a new service deployment was started."
ROLLBACK_LOST: Final = "Service deployment rollback failed because a new service deployment was started."
ROLLBACK_BAD: Final = "Service deployment rollback failed because the circuit breaker threshold was exceeded."


@dataclass(slots=True, eq=False)
class ServiceRevision:
    """What a service was to be, when a deployment of it began; names as in the API."""

    service_revision_arn: str
    service_arn: str
    cluster_arn: str
    task_definition: str
    launch_type: str | None
    platform_version: str | None
    platform_family: str | None
    load_balancers: list[dict[str, Any]]
    service_registries: list[dict[str, Any]]
    network_configuration: dict[str, Any] | None
    created_at: datetime
    images: dict[str, str]
    digests: dict[str, str]
    guard_duty_enabled: bool = False

    @property
    def container_images(self) -> list[dict[str, str]]:
        """The images, each with the digest it was resolved to."""
        return [
            {"containerName": name, "image": image}
            | ({"imageDigest": self.digests[name]} if name in self.digests else {})
            for name, image in self.images.items()
        ]


@dataclass(frozen=True, slots=True)
class RevisionSummary:
    """How many tasks of a service revision there are; names as in the API."""

    arn: str
    requested_task_count: int
    running_task_count: int
    pending_task_count: int


@dataclass(slots=True, eq=False)
class ServiceDeployment:
    """One deployment in the history of a service; names as in the API."""

    service_deployment_arn: str
    service_arn: str
    cluster_arn: str
    created_at: datetime
    updated_at: datetime
    revision: ServiceRevision
    source_service_revisions: list[RevisionSummary]
    target_service_revision: RevisionSummary
    deployment_configuration: dict[str, Any]
    status: str = "PENDING"
    status_reason: str | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    stopped_at: datetime | None = None
    rollback: dict[str, Any] | None = None
    failure_count: int = 0
    threshold: int = 0
    tripped: bool = False

    @property
    def target_service_revision_arn(self) -> str:
        """The ARN of the revision that was to be deployed."""
        return self.revision.service_revision_arn

    @property
    def ongoing(self) -> bool:
        """Whether it is not over yet."""
        return self.status in ONGOING

    @property
    def deployment_circuit_breaker(self) -> dict[str, Any]:
        """What the circuit breaker has seen of it."""
        if not Breaker.of(self.deployment_configuration).enabled:
            return {"status": "DISABLED"}
        watching = "MONITORING" if self.ongoing else "MONITORING_COMPLETE"
        return {
            "status": "TRIGGERED" if self.tripped else watching,
            "failureCount": self.failure_count,
            "threshold": self.threshold,
        }

    @property
    def alarms(self) -> dict[str, Any]:
        """No deployment alarms on this stage."""
        return {"status": "DISABLED"}

    def begin(self) -> None:
        """PENDING -> IN_PROGRESS."""
        if self.status == "PENDING":
            self.started_at = timeline.current().now()
            self.become("IN_PROGRESS")

    def become(self, status: str, reason: str | None = None) -> None:
        """Enter a state."""
        now = timeline.current().now()
        self.status, self.updated_at = status, now
        if reason is not None:
            self.status_reason = reason
        if not self.ongoing:
            self.finished_at = now
        if status == "STOPPED":
            self.stopped_at = now

    def roll_back(self, reason: str, revision: ServiceRevision) -> None:
        """Note that the service is going back to `revision`."""
        self.rollback = {
            "reason": reason,
            "startedAt": timeline.current().now(),
            "serviceRevisionArn": revision.service_revision_arn,
        }


def deployment_arn(service_arn: str) -> str:
    """A new service deployment's ARN: 21 characters of URL-safe base64 after the service's name."""
    raw = timeline.current().dice("ecs.service-deployment").getrandbits(128).to_bytes(16, "big")
    name = base64.urlsafe_b64encode(raw).decode()[:21]
    return f"{service_arn.replace(':service/', ':service-deployment/')}/{name}"


def revision_arn(service_arn: str) -> str:
    """A new service revision's ARN: a number of 19 digits after the service's name."""
    return f"{service_arn.replace(':service/', ':service-revision/')}/{timeline.current().digits('ecs.revision')}"
