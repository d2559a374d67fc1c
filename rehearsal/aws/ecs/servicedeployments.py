"""The operations on service deployments and service revisions, none of which moto has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from rehearsal.aws.ecs import errors, history
from rehearsal.aws.moto_parts import InvalidParameter

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from rehearsal.aws.ecs.history import ServiceDeployment, ServiceRevision
    from rehearsal.aws.ecs.scheduler import Scheduler
    from rehearsal.aws.ecs.service import Deployment, LivingService

STATUSES: Final = (*history.ONGOING, "SUCCESSFUL", "STOPPED", "ROLLBACK_SUCCESSFUL", "ROLLBACK_FAILED")
AT_MOST: Final = 20
"""How many ARNs a describe operation takes."""


class ServiceDeployments:
    """What an ECS backend knows of the deployments its services have had."""

    services: dict[str, LivingService]
    scheduler: Scheduler

    def _living_service(self, cluster_str: str, name_or_arn: str) -> LivingService:
        raise NotImplementedError

    def _histories(self) -> Iterator[tuple[LivingService, ServiceDeployment]]:
        for service in self.services.values():
            for record in service.history:
                yield service, record

    def list_service_deployments(
        self,
        cluster: str,
        service: str,
        status: Sequence[str] | None,
        before: datetime | None,
        after: datetime | None,
    ) -> list[ServiceDeployment]:
        """The deployments of a service, the newest first."""
        for each in status or []:
            if each not in STATUSES:
                raise errors.one_of("status", each, STATUSES)
        return [
            record
            for record in self._living_service(cluster, service).history
            if (not status or record.status in status)
            and (before is None or record.created_at < before)
            and (after is None or record.created_at > after)
        ]

    def describe_service_deployments(
        self, arns: Sequence[str]
    ) -> tuple[list[ServiceDeployment], list[dict[str, str]]]:
        """Service deployments by ARN, and those that don't exist."""
        known: dict[str, ServiceDeployment] = {}
        for service, record in self._histories():
            known[record.service_deployment_arn] = record
            if record.ongoing and service.deployments:
                _count(service, record)
        return _described(known, arns)

    def describe_service_revisions(
        self, arns: Sequence[str]
    ) -> tuple[list[ServiceRevision], list[dict[str, str]]]:
        """Service revisions by ARN, and those that don't exist."""
        known: dict[str, ServiceRevision] = {}
        for service in self.services.values():
            known |= service.revisions
        return _described(known, arns)

    def stop_service_deployment(self, arn: str, stop_type: str | None) -> str:
        """Stop a service deployment by going back to the service revision before; returns its ARN.

        What is on its way back already goes on. Source: Amazon ECS developer guide, "Stopping Amazon ECS
        service deployments".

        Raises:
            ServiceDeploymentNotFoundException: there is no such service deployment.
            ConflictException: it is over, or there is nothing to go back to.
        """
        if stop_type not in {None, "ROLLBACK"}:
            raise errors.one_of("stopType", str(stop_type), ("ROLLBACK",))
        for service, record in self._histories():
            if record.service_deployment_arn == arn:
                self._stop_deployment(service, record)
                return arn
        raise errors.ServiceDeploymentNotFoundException(arn)

    def _stop_deployment(self, service: LivingService, record: ServiceDeployment) -> None:
        if not record.ongoing:
            raise errors.ConflictException(
                f"Cannot stop service deployment {record.service_deployment_arn} in state {record.status}."
            )
        if record.status not in {"PENDING", "IN_PROGRESS"}:
            return
        target = _before(service)
        if target is None:
            raise errors.ConflictException(history.NO_CANDIDATE)
        stopped = service.primary
        stopped.rollout_state = "FAILED"
        stopped.rollout_state_reason = f"ECS deployment {stopped.id} stopped."
        stopped.touch()
        record.become("ROLLBACK_REQUESTED", history.REQUESTED)
        reason = f"ECS deployment rollback requested: rolling back to deploymentId {target.id}."

        self.scheduler.roll_back_soon(service, stopped, target, reason)

    @staticmethod
    def _supersede(service: LivingService) -> None:
        """A new deployment takes the place of one that is under way."""
        record = service.primary.record
        if not record.ongoing:
            return
        if record.rollback is not None:
            record.become("ROLLBACK_FAILED", history.ROLLBACK_LOST)
        else:
            record.become("STOP_REQUESTED", history.SUPERSEDED)


def _before(service: LivingService) -> Deployment | None:
    """The deployment to go back to: the last that completed, else the one before."""
    if service.last_completed is not None:
        return service.last_completed
    return next((each for each in service.deployments[1:] if each.rollout_state != "FAILED"), None)


def _count(service: LivingService, record: ServiceDeployment) -> None:
    for deployment in service.deployments:
        if deployment.revision is record.revision:
            record.target_service_revision = deployment.summary()
    record.source_service_revisions = [
        each.summary() for each in service.deployments if each.revision is not record.revision and each.tasks
    ]


def _described(known: dict[str, Any], arns: Iterable[str]) -> tuple[list[Any], list[dict[str, str]]]:
    wanted = list(arns)
    if not wanted:
        raise InvalidParameter("The list of ARNs cannot be empty.")
    if len(wanted) > AT_MOST:
        raise InvalidParameter(f"A maximum of {AT_MOST} ARNs can be described at a time.")
    found = [known[arn] for arn in wanted if arn in known]
    return found, [{"arn": arn, "reason": "MISSING"} for arn in wanted if arn not in known]
