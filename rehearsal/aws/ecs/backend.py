"""The rules of the ECS API that moto doesn't keep.

Source, unless a rule names another: the ECS API reference of the operation, as botocore carries it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from moto.ecs import urls
from moto.ecs.exceptions import ServiceNotFoundException

from rehearsal.aws import timeline
from rehearsal.aws.ecs import errors, lifecycle, loadbalancing
from rehearsal.aws.ecs.scheduler import Scheduler
from rehearsal.aws.ecs.service import LivingService
from rehearsal.aws.ecs.servicedeployments import ServiceDeployments
from rehearsal.aws.ecs.supervision import ServiceSupervisor
from rehearsal.aws.ecs.taskdefinitions import TaskDefinitions
from rehearsal.aws.ecs.tasks import LivingTask
from rehearsal.aws.moto_parts import EcsBackend, InvalidParameter

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rehearsal.aws.moto_parts import Cluster, TaskDefinition

# What UpdateService changes without and with a new deployment, as its parameters' documentation says.
_QUIET: Final = (
    "health_check_grace_period_seconds",
    "placement_constraints",
    "placement_strategy",
    "enable_execute_command",
    "enable_ecs_managed_tags",
    "propagate_tags",
    "availability_zone_rebalancing",
)
_DEPLOYING: Final = ("network_configuration", "platform_version", "load_balancers", "service_registries")


class LivingEcsBackend(TaskDefinitions, ServiceDeployments, EcsBackend):  # type: ignore[misc]
    """moto's ECS of one account and region, alive."""

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.scheduler = Scheduler(self)
        self._supervisors: dict[LivingService, ServiceSupervisor] = {}

    @property
    def _url_module(self) -> Any:
        return urls

    def reset(self) -> None:
        """Forget everything, and what was planned for it."""
        timeline.renew()
        super().reset()

    def supervisor(self, service: LivingService) -> ServiceSupervisor:
        """Who watches over the tasks of `service`."""
        if service not in self._supervisors:
            self._supervisors[service] = ServiceSupervisor(self, service)
        return self._supervisors[service]

    def living_tasks(self) -> Iterator[LivingTask]:
        """The tasks of services, also those that have stopped of late."""
        for tasks in self.tasks.values():
            for task in tasks.values():
                if isinstance(task, LivingTask):
                    yield task

    def container_instance(self, cluster: str) -> str | None:
        """The ARN of a container instance that takes tasks, or None."""
        for instance in self.container_instances.get(cluster, {}).values():
            if instance.status == "ACTIVE":
                return str(instance.container_instance_arn)
        return None

    # Clusters

    def describe_clusters(self, cluster_names: list[str]) -> tuple[list[Cluster], list[Any]]:
        """Clusters, with the counts that follow from their tasks."""
        clusters, failures = super().describe_clusters(cluster_names)
        for cluster in clusters:
            services = [each for each in self.services.values() if each.cluster_name == cluster.name]
            cluster.running_tasks_count = sum(each.running_count for each in services)
            cluster.pending_tasks_count = sum(each.pending_count for each in services)
            cluster.active_services_count = sum(each.status == "ACTIVE" for each in services)
        return clusters, failures

    def update_cluster_resources(
        self, cluster: Cluster, task_num: int, task_state: str | None = "RUNNING"
    ) -> None:
        """Nothing: `describe_clusters` counts."""

    # Services

    def create_service(
        self,
        cluster_str: str,
        service_name: str,
        desired_count: int | None,
        task_definition_str: str | None = None,
        *,
        load_balancers: list[dict[str, Any]] | None = None,
        scheduling_strategy: str | None = None,
        tags: list[dict[str, str]] | None = None,
        deployment_controller: dict[str, str] | None = None,
        launch_type: str | None = None,
        **others: Any,
    ) -> LivingService:
        """Create a service, and begin its first deployment."""
        cluster = self._get_cluster(cluster_str)
        key = f"{cluster.name}:{service_name}"
        existing = self.services.get(key)
        if existing is not None and existing.status != "INACTIVE":
            raise InvalidParameter(
                "Creation of service was not idempotent."
                if existing.status == "ACTIVE"
                else "Unable to Start a service that is still Draining."
            )
        if launch_type not in {None, "EC2", "FARGATE", "EXTERNAL"}:
            raise errors.one_of("launch type", str(launch_type), ("EC2", "FARGATE", "EXTERNAL"))
        controlled = (deployment_controller or {}).get("type", "ECS") != "ECS"
        if task_definition_str is None and not controlled:
            raise InvalidParameter("TaskDefinition can not be blank.")
        definition = self._deployable(task_definition_str) if task_definition_str else None
        configuration = others.get("deployment_configuration") or {}
        _require_room(configuration)
        if definition is not None:
            loadbalancing.require(self.account_id, self.region_name, load_balancers or [], definition)
        service = LivingService(
            cluster=cluster,
            service_name=service_name,
            desired_count=desired_count or 0,
            task_definition=definition,
            load_balancers=load_balancers,
            scheduling_strategy=scheduling_strategy,
            tags=tags,
            deployment_controller=deployment_controller,
            launch_type=launch_type or "EC2",
            backend=self,
            **{**others, "network_configuration": _with_groups(others.get("network_configuration"))},
        )
        if existing is not None:
            self._supervisors.pop(existing, None)
        self.services[key] = service
        if definition is not None and not controlled:
            service.deploy(definition)
            self.scheduler.wake(service)
        return service

    def _living_service(self, cluster_str: str, name_or_arn: str) -> LivingService:
        cluster = self._get_cluster(cluster_str)
        service = self.services.get(f"{cluster.name}:{name_or_arn.rsplit('/', maxsplit=1)[-1]}")
        if service is None:
            raise ServiceNotFoundException
        living: LivingService = service
        return living

    def update_service(self, service_properties: dict[str, Any]) -> LivingService:
        """Update a service; a new deployment begins where a parameter that triggers one has changed."""
        given = {name: value for name, value in service_properties.items() if value is not None}
        service = self._living_service(given.get("cluster", "default"), given["service"])
        if service.status != "ACTIVE":
            raise errors.ServiceNotActiveException
        _require_own_controller(service, given)
        definition = self._deployable(given["task_definition"]) if "task_definition" in given else None
        configuration = given.get("deployment_configuration") or {}
        _require_room({**service.deployment_configuration, **configuration})
        target = definition or (service.primary.definition if service.deployments else None)
        if target is not None:
            balancers = given.get("load_balancers", service.load_balancers) or []
            loadbalancing.require(self.account_id, self.region_name, balancers, target)
        service.deployment_configuration = {**service.deployment_configuration, **configuration}
        for name in _QUIET:
            if name in given:
                setattr(service, name, given[name])
        if "desired_count" in given:
            service.desired_count = int(given["desired_count"])
        if not service.deployments or target is None:
            return service
        if self._triggers(service, given, target):
            self._supersede(service)
            service.deploy(target)
        service.primary.desired_count = service.desired_count
        service.steady = False
        self.scheduler.wake(service)
        return service

    @staticmethod
    def _triggers(service: LivingService, given: dict[str, Any], target: TaskDefinition) -> bool:
        """Apply the parameters that trigger a deployment, and say whether one is needed."""
        changed = target.arn != service.task_definition or bool(given.get("force_new_deployment"))
        for name in _DEPLOYING:
            if name not in given:
                continue
            value = _with_groups(given[name]) if name == "network_configuration" else given[name]
            if value != getattr(service, name):
                setattr(service, name, value)
                changed = True
        return changed

    def delete_service(self, cluster_name: str, service_name: str, force: bool) -> LivingService:  # noqa: FBT001 - moto's signature
        """Delete a service: DRAINING while its tasks stop, then INACTIVE."""
        service = self._living_service(cluster_name, service_name)
        if service.desired_count > 0 and not force and service.status == "ACTIVE":
            raise InvalidParameter("The service cannot be stopped while it is scaled above 0.")
        if service.status != "ACTIVE":
            return service
        service.status, service.desired_count = "DRAINING", 0
        self.scheduler.wake(service)
        if not service.deployments:
            service.status = "INACTIVE"
        elif not any(deployment.tasks for deployment in service.deployments):
            self.scheduler.reconcile(service)
        return service

    def list_services(
        self, cluster_str: str, scheduling_strategy: str | None = None, launch_type: str | None = None
    ) -> list[str]:
        """The ARNs of the ACTIVE services: deleted ones are no longer visible here (DeleteService)."""
        cluster = self._get_cluster(cluster_str)
        return sorted(
            service.arn
            for service in self.services.values()
            if service.cluster_name == cluster.name
            and service.status == "ACTIVE"
            and scheduling_strategy in {None, service.scheduling_strategy}
            and launch_type in {None, service.launch_type}
        )

    # Tasks

    def describe_tasks(self, cluster_str: str, tasks: list[str]) -> list[LivingTask]:
        """The tasks of the cluster among those given by id or ARN."""
        cluster = self._get_cluster(cluster_str)
        if not tasks:
            raise InvalidParameter("Tasks cannot be empty.")
        wanted = {each.split("/")[-1] for each in tasks}
        found = [task for task in self.tasks.get(cluster.name, {}).values() if task.id in wanted]
        for task in found:
            if not isinstance(task, LivingTask):
                task.advance()
        return found

    def list_tasks(
        self,
        cluster_str: str | None = None,
        *,
        container_instance: str | None = None,
        family: str | None = None,
        started_by: str | None = None,
        service_name: str | None = None,
        desired_status: str | None = None,
    ) -> list[LivingTask]:
        """The tasks that fit all filters; without a desired status, those that are to run."""
        if cluster_str is None:
            return [task for tasks in self.tasks.values() for task in tasks.values()]
        cluster = self._get_cluster(cluster_str)
        group = None
        if service_name is not None:
            group = f"service:{self._living_service(cluster_str, service_name).name}"
        marker = f":task-definition/{family}:"
        return [
            task
            for task in self.tasks.get(cluster.name, {}).values()
            if task.desired_status == (desired_status or "RUNNING")
            and (container_instance is None or container_instance in (task.container_instance_arn or ""))
            and (family is None or marker in task.task_definition_arn)
            and started_by in {None, task.started_by}
            and group in {None, task.group}
        ]

    def stop_task(self, cluster_str: str, task_str: str, reason: str | None) -> LivingTask:
        """Stop a task; its service starts another one."""
        cluster = self._get_cluster(cluster_str)
        for task in self.tasks.get(cluster.name, {}).values():
            if task.id != task_str.rsplit("/", maxsplit=1)[-1]:
                continue
            if not isinstance(task, LivingTask):
                stopped: LivingTask = super().stop_task(cluster_str, task_str, reason)
                return stopped
            service = self._living_service(cluster_str, task.group.removeprefix("service:"))
            lifecycle.stop(task, self.supervisor(service), reason or "Task stopped by user", "UserInitiated")
            service.steady = False
            self.scheduler.wake(service)
            return task
        raise InvalidParameter("The referenced task was not found.")


def _require_room(configuration: dict[str, Any]) -> None:
    if configuration.get("maximumPercent") == configuration.get("minimumHealthyPercent") == 100:  # noqa: PLR2004
        raise InvalidParameter(
            "Both maximumPercent and minimumHealthyPercent cannot be 100 as this will block deployments."
        )


def _require_own_controller(service: LivingService, given: dict[str, Any]) -> None:
    """What belongs to CodeDeploy or to an external controller can't be changed through UpdateService."""
    controller = service.deployment_controller["type"]
    if controller == "ECS":
        return
    remedy = (
        "Use AWS CodeDeploy to trigger a new deployment."
        if controller == "CODE_DEPLOY"
        else "Use a task set to trigger a new deployment."
    )
    if "task_definition" in given:
        raise InvalidParameter(
            f"Unable to update task definition on services with a {controller} deployment controller. {remedy}"
        )
    if given.get("force_new_deployment"):
        raise InvalidParameter(
            f"Cannot force a new deployment on services with a {controller} deployment controller. {remedy}"
        )
    for name in _DEPLOYING:
        if name in given:
            what = name.replace("_", " ")
            raise InvalidParameter(
                f"Unable to update {what} on services with a {controller} deployment controller. {remedy}"
            )


def _with_groups(network: dict[str, Any] | None) -> dict[str, Any] | None:
    """The network configuration with the security groups that moto insists on."""
    if not network or "awsvpcConfiguration" not in network:
        return None
    awsvpc = {"securityGroups": [], "assignPublicIp": "DISABLED", **network["awsvpcConfiguration"]}
    return {"awsvpcConfiguration": awsvpc}
