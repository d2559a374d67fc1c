"""What the service scheduler learns from its tasks and its load balancers, and does about it."""

from __future__ import annotations

import functools
from collections import defaultdict
from typing import TYPE_CHECKING, Final

from rehearsal.aws import timeline
from rehearsal.aws.ecs import events
from rehearsal.aws.moto_parts import elbv2_backends

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from rehearsal.aws.ecs.backend import LivingEcsBackend
    from rehearsal.aws.ecs.service import Deployment, LivingService
    from rehearsal.aws.ecs.tasks import LivingTask
    from rehearsal.aws.elbv2 import LivingElbv2Backend, Target

SETTLES: Final = 40.0
"""Without a load balancer a task counts as healthy once it has been RUNNING for so many seconds."""


class ServiceSupervisor:
    """Watches over the tasks of one service."""

    def __init__(self, backend: LivingEcsBackend, service: LivingService) -> None:
        self._backend = backend
        self._service = service
        self._scheduler = backend.scheduler
        # Events of the same moment are told in one message, as ECS does.
        self._registered: dict[str, int] = defaultdict(int)
        self._deregistered: dict[str, int] = defaultdict(int)
        self._draining = 0
        self._stopped: list[str] = []
        self._telling = False

    @property
    def _elb(self) -> LivingElbv2Backend:
        backend: LivingElbv2Backend = elbv2_backends[self._backend.account_id][self._backend.region_name]
        return backend

    def _deployment(self, task: LivingTask) -> Deployment | None:
        return next((each for each in self._service.deployments if task in each.tasks), None)

    def digests(self, task: LivingTask) -> Mapping[str, str]:
        """The image digests that the task's deployment has resolved."""
        deployment = self._deployment(task)
        return deployment.revision.digests if deployment else {}

    def activating(self, task: LivingTask) -> None:
        """Register the task with the service's target groups."""
        for balancer in self._service.load_balancers:
            arn = balancer.get("targetGroupArn")
            if arn is None or arn not in self._elb.target_groups or task.ip is None:
                continue
            port = int(balancer["containerPort"])
            notify = functools.partial(self._judged, task, arn)
            task.targets[arn] = self._elb.register_task(arn, task.ip, port, task, notify)
            self._registered[arn] += 1
            self._tell()

    def running(self, task: LivingTask) -> None:
        """The task runs: without a load balancer, it only has to keep running."""
        deployment = self._deployment(task)
        if deployment is not None:
            deployment.failed_starts, deployment.held_until = 0, 0.0
            deployment.touch()
        for arn, target in task.targets.items():
            self._judged(task, arn, target)
        if not task.targets:
            timeline.current().after(SETTLES, lambda: self._settled(task))
        self._scheduler.wake(self._service)

    def _settled(self, task: LivingTask) -> None:
        if task.running:
            task.settled = True
            self._healthy(task)

    def _judged(self, task: LivingTask, arn: str, target: Target) -> None:
        """The load balancer has found a task healthy or unhealthy."""
        if not task.running:
            return
        if target.state == "unhealthy":
            self._unhealthy(task, arn, target)
        elif target.state == "healthy" and self._scheduler.healthy(task):
            self._healthy(task)

    def _healthy(self, task: LivingTask) -> None:
        """A healthy task starts the count of failed ones anew, unless resetOnHealthyTask is off."""
        deployment = self._deployment(task)
        task.was_healthy = True
        if deployment is not None and self._service.breaker.resets and deployment.failed_tasks:
            deployment.failed_tasks = deployment.record.failure_count = 0
            deployment.touch()
        self._scheduler.wake(self._service)

    def _unhealthy(self, task: LivingTask, arn: str, target: Target) -> None:
        """After the grace period, which begins when the task starts, an unhealthy task is replaced.

        Source: the ECS API's healthCheckGracePeriodSeconds.
        """
        now = timeline.current()
        grace = float(self._service.health_check_grace_period_seconds or 0)
        left = task.running_since + grace - now.moment()
        if left > 0:
            now.after(left, lambda: self._judged(task, arn, target))
            return
        if task.unfit:
            return
        task.unfit = True
        why = target.description or "Health checks failed"
        self._service.says(events.unhealthy(task.id, target.port, arn, why))
        deployment = self._deployment(task)
        if deployment is not None:
            self._scheduler.count_failure(self._service, deployment)
        self._scheduler.wake(self._service)

    def failed(self, task: LivingTask) -> None:
        """The task has stopped of itself: a failure, unless it has been healthy before.

        Source: the ECS API's Deployment.failedTasks.
        """
        deployment = self._deployment(task)
        self._leave(task)
        if deployment is None:
            return
        deployment.tasks.remove(task)
        self._service.steady = False
        if task.started_at is None:
            self._scheduler.hold(self._service, deployment, task.batch)
        if not task.was_healthy:
            self._scheduler.count_failure(self._service, deployment)
        self._scheduler.wake(self._service)

    def _leave(self, task: LivingTask) -> None:
        for arn, target in task.targets.items():
            group = self._elb.target_groups.get(arn)
            if group is not None and target.state != "draining":
                self._elb.drain(group, target, _nothing)
                self._deregistered[arn] += 1
                self._tell()

    def drain(self, task: LivingTask, then: Callable[[], None]) -> None:
        """Take the task from its target groups, and call `then` when all its connections have drained."""
        waiting = [
            (group, target)
            for arn, target in task.targets.items()
            if (group := self._elb.target_groups.get(arn)) is not None and target.state != "draining"
        ]
        if not waiting:
            timeline.current().after(0.0, then)
            return
        left = len(waiting)

        def drained() -> None:
            nonlocal left
            left -= 1
            if not left:
                then()

        for group, target in waiting:
            self._deregistered[group.arn] += 1
            self._elb.drain(group, target, drained)
        self._draining += 1
        self._tell()

    def gone(self, task: LivingTask) -> None:
        """The task is being stopped and no longer counts."""
        deployment = self._deployment(task)
        if deployment is not None:
            deployment.tasks.remove(task)
            deployment.touch()
        if task.started_at is not None:
            self._stopped.append(task.id)
            self._tell()
        self._scheduler.wake(self._service)

    def forget(self, task: LivingTask) -> None:
        """ECS no longer shows the task."""
        self._backend.tasks.get(task.cluster_name, {}).pop(task.task_arn, None)

    def _tell(self) -> None:
        if not self._telling:
            self._telling = True
            timeline.current().after(0.0, self._told)

    def _told(self) -> None:
        says, self._telling = self._service.says, False
        for arn, count in self._registered.items():
            says(events.registered(count, arn))
        for arn, count in self._deregistered.items():
            says(events.deregistered(count, arn))
        if self._draining:
            says(events.draining(self._draining))
        if self._stopped:
            says(events.stopped_running(self._stopped))
        self._registered.clear()
        self._deregistered.clear()
        self._draining, self._stopped = 0, []


def _nothing() -> None:
    pass
