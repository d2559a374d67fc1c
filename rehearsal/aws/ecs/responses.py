"""The ECS API over HTTP: moto's, with the operations and parameters that moto leaves out."""

from __future__ import annotations

import base64
import binascii
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from rehearsal.aws import timeline
from rehearsal.aws.ecs.serialization import EcsSerializer
from rehearsal.aws.moto_parts import ActionResult, EcsResponse, InvalidParameter

if TYPE_CHECKING:
    from collections.abc import Sequence

PAGE: Final = 100
"""How many results a page holds at most."""


class LivingEcsResponse(EcsResponse):  # type: ignore[misc]
    """moto's ECS responses, answered under the lock of the stage's clock."""

    def __init__(self) -> None:
        super().__init__()
        # moto keeps here what one request wants, on the class: threads would see each other's.
        self.RESPONSE_KEY_PATH_TO_TRANSFORMER: dict[str, Any] = dict(
            EcsResponse.RESPONSE_KEY_PATH_TO_TRANSFORMER
        )

    def _dispatch(self, *args: Any, **kwargs: Any) -> Any:
        with timeline.current().clock.lock:
            return super()._dispatch(*args, **kwargs)

    def serialized(self, action_result: ActionResult) -> Any:
        """The answer as HTTP has it."""
        return super().serialized(_Told(action_result.result))

    def create_service(self) -> ActionResult:
        """CreateService, with the deployment configuration and the grace period."""
        get = self._get_param
        service = self.ecs_backend.create_service(
            get("cluster", "default"),
            get("serviceName"),
            self._get_int_param("desiredCount"),
            get("taskDefinition"),
            load_balancers=get("loadBalancers"),
            scheduling_strategy=get("schedulingStrategy"),
            tags=get("tags"),
            deployment_controller=get("deploymentController"),
            launch_type=get("launchType"),
            network_configuration=get("networkConfiguration"),
            service_registries=get("serviceRegistries"),
            platform_version=get("platformVersion"),
            propagate_tags=get("propagateTags") or "NONE",
            role_arn=get("role"),
            deployment_configuration=get("deploymentConfiguration"),
            health_check_grace_period_seconds=self._get_int_param("healthCheckGracePeriodSeconds"),
        )
        return ActionResult({"service": service})

    def list_services(self) -> ActionResult:
        """ListServices, in pages."""
        arns = self.ecs_backend.list_services(
            self._get_param("cluster", "default"),
            self._get_param("schedulingStrategy"),
            self._get_param("launchType"),
        )
        return self._page("serviceArns", arns, at_most=10)

    def list_task_definitions(self) -> ActionResult:
        """ListTaskDefinitions, sorted and in pages."""
        arns = self.ecs_backend.list_task_definitions(
            self._get_param("familyPrefix"), self._get_param("status", "ACTIVE")
        )
        if self._get_param("sort", "ASC") == "DESC":
            arns = arns[::-1]
        return self._page("taskDefinitionArns", arns)

    def list_tasks(self) -> ActionResult:
        """ListTasks, by all of its filters and in pages."""
        get = self._get_param
        tasks = self.ecs_backend.list_tasks(
            get("cluster", "default"),
            container_instance=get("containerInstance"),
            family=get("family"),
            started_by=get("startedBy"),
            service_name=get("serviceName"),
            desired_status=get("desiredStatus"),
        )
        wanted = get("launchType")
        arns = [task.task_arn for task in tasks if wanted in {None, task.launch_type}]
        return self._page("taskArns", arns)

    def describe_tasks(self) -> ActionResult:
        """DescribeTasks, naming those that are not there."""
        result = super().describe_tasks()
        found = {task.id for task in result.result["tasks"]}
        cluster = self.ecs_backend._get_cluster(self._get_param("cluster", "default"))
        result.result["failures"] = [
            {"arn": self._task_arn(cluster.arn, each), "reason": "MISSING"}
            for each in self._get_param("tasks", [])
            if each.split("/")[-1] not in found
        ]
        return result

    @staticmethod
    def _task_arn(cluster_arn: str, name: str) -> str:
        return name if name.startswith("arn:") else f"{cluster_arn.replace(':cluster/', ':task/')}/{name}"

    def list_service_deployments(self) -> ActionResult:
        """ListServiceDeployments."""
        created = self._get_param("createdAt") or {}
        found = self.ecs_backend.list_service_deployments(
            self._get_param("cluster", "default"),
            self._get_param("service"),
            self._get_param("status"),
            _utc(created.get("before")),
            _utc(created.get("after")),
        )
        return self._page("serviceDeployments", found, default=20)

    def describe_service_deployments(self) -> ActionResult:
        """DescribeServiceDeployments."""
        found, failures = self.ecs_backend.describe_service_deployments(
            self._get_param("serviceDeploymentArns", [])
        )
        return ActionResult({"serviceDeployments": found, "failures": failures})

    def describe_service_revisions(self) -> ActionResult:
        """DescribeServiceRevisions."""
        found, failures = self.ecs_backend.describe_service_revisions(
            self._get_param("serviceRevisionArns", [])
        )
        return ActionResult({"serviceRevisions": found, "failures": failures})

    def stop_service_deployment(self) -> ActionResult:
        """StopServiceDeployment."""
        arn = self.ecs_backend.stop_service_deployment(
            self._get_param("serviceDeploymentArn"), self._get_param("stopType")
        )
        return ActionResult({"serviceDeploymentArn": arn})

    def _page(
        self, name: str, items: Sequence[Any], *, at_most: int = PAGE, default: int | None = None
    ) -> ActionResult:
        """One page of `items`; the token says where the next one begins."""
        size = self._get_int_param("maxResults")
        if size is not None and not 1 <= size <= PAGE:
            raise InvalidParameter("maxResults should be between 1 and 100.")
        size = size or default or at_most
        begin = _position(self._get_param("nextToken"))
        page: dict[str, Any] = {name: list(items[begin : begin + size])}
        if begin + size < len(items):
            page["nextToken"] = base64.urlsafe_b64encode(f"next:{begin + size}".encode()).decode()
        return ActionResult(page)


class _Told(ActionResult):  # type: ignore[misc]
    """A result that is serialized the stage's way."""

    def execute_result(self, context: Any) -> Any:
        """Serialize it."""
        return super().execute_result(replace(context, serializer_class=EcsSerializer))


def _utc(moment: datetime | None) -> datetime | None:
    """A time as moto reads it from a request: in UTC, without saying so."""
    return moment and moment.replace(tzinfo=UTC)


def _position(token: str | None) -> int:
    if token is None:
        return 0
    try:
        return int(base64.urlsafe_b64decode(token).decode().removeprefix("next:"))
    except (binascii.Error, ValueError) as unknown:
        raise InvalidParameter("Invalid token.") from unknown
