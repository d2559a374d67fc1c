"""The service scheduler: it brings what runs to what is wanted, and judges deployments.

Source: Amazon ECS developer guide, "Deploy Amazon ECS services by replacing tasks" (rolling update), and the
ECS API's DeploymentConfiguration.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rehearsal.aws import timeline
from rehearsal.aws.ecs import events, history, launch, lifecycle
from rehearsal.aws.ecs.tasks import LivingTask

if TYPE_CHECKING:
    from rehearsal.aws.ecs.backend import LivingEcsBackend
    from rehearsal.aws.ecs.service import Deployment, LivingService
    from rehearsal.aws.ecs.supervision import ServiceSupervisor

LONGEST_HOLD: Final = 27 * 60.0
"""The longest time between two attempts to start tasks, in seconds ("Amazon ECS service throttle logic")."""
FIRST_HOLD: Final = 15.0
CONSISTENTLY: Final = 3
"""Failed attempts in a row after which the service says that it can't start tasks consistently."""


class Scheduler:
    """Looks after the services of one account and region."""

    def __init__(self, backend: LivingEcsBackend) -> None:
        self._backend = backend

    def wake(self, service: LivingService) -> None:
        """Look at `service` soon; once is enough, however much happens until then."""
        now = timeline.current()
        self._wake_in(service, now.draw("ecs.reaction", now.pace.reaction))

    def _wake_in(self, service: LivingService, seconds: float) -> None:
        now = timeline.current()
        moment = now.moment() + seconds
        if service.wakes is not None and service.wakes <= moment:
            return
        service.wakes = moment

        def look() -> None:
            if service.wakes == moment:
                service.wakes = None
                self.reconcile(service)

        now.after(seconds, look)

    def reconcile(self, service: LivingService) -> None:
        """Bring `service` one step nearer to what is wanted."""
        if not service.deployments or service.status == "INACTIVE":
            return
        if service.status == "DRAINING":
            self._wind_down(service)
            return
        service.primary.record.begin()
        service.primary.desired_count = service.desired_count
        self._trim(service)
        self._retire(service)
        self._replace_unfit(service)
        if service.primary.rollout_state != "FAILED":
            self._fill(service)
        self._settle(service)

    def _stop(self, service: LivingService, tasks: list[LivingTask], reason: str | None = None) -> None:
        if not tasks:
            return
        pending = [task for task in tasks if not task.serving]
        for task in tasks:
            why = reason or f"Scaling activity initiated by (deployment {task.started_by})"
            lifecycle.stop(task, self._supervisor(service), why, "ServiceSchedulerInitiated")
        if pending:
            service.says(events.stopped_pending(len(pending)))
        service.steady = False

    def _supervisor(self, service: LivingService) -> ServiceSupervisor:
        return self._backend.supervisor(service)

    @staticmethod
    def healthy(task: LivingTask) -> bool:
        """Whether a task counts as healthy.

        With a load balancer: RUNNING and found healthy by it. Without: RUNNING for 40 seconds. Source: the
        ECS API's UpdateService and minimumHealthyPercent.
        """
        if not task.running or task.unfit:
            return False
        if task.targets:
            return all(target.state == "healthy" for target in task.targets.values())
        return task.settled

    def _wind_down(self, service: LivingService) -> None:
        """A deleted service: INACTIVE when all its tasks are STOPPING or STOPPED (DeleteService)."""
        for deployment in service.deployments:
            self._stop(service, deployment.live)
        if not any(deployment.tasks for deployment in service.deployments):
            service.status = "INACTIVE"
            service.deployments, service.history, service.revisions = [], [], {}

    def _trim(self, service: LivingService) -> None:
        """More tasks than wanted: stop first what doesn't run, then what isn't healthy, then the newest."""
        live = service.primary.live
        excess = len(live) - service.desired_count
        if excess <= 0:
            return

        def worth(task: LivingTask) -> tuple[bool, bool, int]:
            return task.running, self.healthy(task), -live.index(task)

        self._stop(service, sorted(live, key=worth)[:excess])

    def _retire(self, service: LivingService) -> None:
        """Stop tasks of earlier deployments, as far as minimumHealthyPercent allows.

        What doesn't run yet goes at once. What runs but isn't healthy goes when enough others are, or when
        maximumPercent leaves no room for the new ones.
        """
        primary = service.primary
        if primary.rollout_state == "FAILED":
            return
        old = [task for deployment in service.deployments[1:] for task in deployment.live]
        leaving = [task for task in old if task.starting]
        well = [task for task in old if self.healthy(task)]
        ill = [task for task in old if task.running and task not in well]
        healthy = len(well) + sum(self.healthy(task) for task in primary.live)
        spare = max(0, healthy - service.fewest_healthy)
        leaving += well[:spare]
        if healthy >= service.fewest_healthy:
            leaving += ill
        else:
            wanted = service.desired_count - len(primary.live)
            room = service.most - self._live(service) + len(leaving)
            leaving += ill[: max(0, wanted - room)]
        self._stop(service, leaving)

    def _live(self, service: LivingService) -> int:
        return sum(len(deployment.live) for deployment in service.deployments)

    def _replace_unfit(self, service: LivingService) -> None:
        """Replace tasks that the load balancer has condemned: a new one first, where there is room."""
        unfit = [task for deployment in service.deployments for task in deployment.live if task.unfit]
        if not unfit:
            return
        primary = service.primary
        replaceable = [task for task in unfit if task in primary.tasks]
        if primary.rollout_state != "FAILED" and timeline.current().moment() >= primary.held_until:
            room = max(0, service.most - self._live(service))
            wanted = service.desired_count - len([task for task in primary.live if not task.unfit])
            self._start(service, min(room, len(replaceable), wanted), replaced=True)
        for task in unfit:
            groups = [arn for arn, target in task.targets.items() if target.state == "unhealthy"]
            where = groups[0] if groups else next(iter(task.targets), "")
            self._stop(service, [task], f"Task failed ELB health checks in (target-group {where})")

    def _fill(self, service: LivingService) -> None:
        """Start what is missing, as far as maximumPercent allows."""
        primary, now = service.primary, timeline.current()
        missing = service.desired_count - len(primary.live)
        if missing <= 0:
            return
        if now.moment() < primary.held_until:
            self._wake_in(service, primary.held_until - now.moment())
            return
        room = service.most - self._live(service)
        self._start(service, min(missing, room))
        under_way = any(task.starting or task.desired_status == "STOPPED" for each in service.deployments
                        for task in each.tasks)  # fmt: skip
        if room <= 0 and not under_way and not service.stuck and service.fewest_healthy >= service.most:
            service.stuck = True
            service.says(events.STUCK)

    def _start(self, service: LivingService, count: int, *, replaced: bool = False) -> None:
        if count <= 0:
            return
        deployment = service.primary
        deployment.batch += 1
        role = launch.missing_role(service._account_id, deployment.definition)
        if role is not None:
            self._refused(service, events.not_launched(role), count)
            return
        instance: str | None = None
        if service.launch_type != "FARGATE":
            instance = self._backend.container_instance(service.cluster_name)
            if instance is None:
                self._refused(service, events.UNPLACED, count)
                return
        started = [self._launch(service, deployment, instance) for _ in range(count)]
        deployment.touch()
        service.steady = False
        service.says(events.started([task.id for task in started], count if replaced else 0))

    def _launch(self, service: LivingService, deployment: Deployment, instance: str | None) -> LivingTask:
        task = LivingTask(
            cluster=self._backend.clusters[service.cluster_name],
            definition=deployment.definition,
            backend=self._backend,
            service=service.name,
            deployment=deployment.id,
            batch=deployment.batch,
            launch_type=service.launch_type,
            network=service.network_configuration,
            platform_version=service.platform_version,
            container_instance_arn=instance,
        )
        self._backend.tasks.setdefault(service.cluster_name, {})[task.task_arn] = task
        deployment.tasks.append(task)
        lifecycle.begin(task, self._supervisor(service))
        return task

    def _refused(self, service: LivingService, message: str, count: int) -> None:
        """Tasks could not even be launched: that counts as failed, too."""
        if not service.events or service.events[0].message != f"(service {service.name}) {message}":
            service.says(message)
        for _ in range(count):
            self.count_failure(service, service.primary)
        self.hold(service, service.primary, service.primary.batch)
        self._wake_in(service, max(0.0, service.primary.held_until - timeline.current().moment()))

    def hold(self, service: LivingService, deployment: Deployment, batch: int) -> None:
        """A task failed to start: wait longer before each further attempt.

        Source: Amazon ECS developer guide, "Amazon ECS service throttle logic"; a new deployment starts anew.
        """
        if batch <= deployment.failed_batch:
            return
        deployment.failed_batch = batch
        deployment.failed_starts += 1
        seconds = min(LONGEST_HOLD, FIRST_HOLD * 2 ** (deployment.failed_starts - 1))
        deployment.held_until = timeline.current().moment() + seconds
        if deployment.failed_starts == CONSISTENTLY:
            service.says(events.IMPAIRED)

    def count_failure(self, service: LivingService, deployment: Deployment) -> None:
        """Count a failed task of `deployment`, and give the deployment up when there are too many.

        Only the deployment that is under way is judged.
        """
        if deployment.rollout_state != "IN_PROGRESS":
            return
        deployment.failed_tasks += 1
        deployment.touch()
        if deployment is not service.primary:
            return
        breaker, record = service.breaker, deployment.record
        record.failure_count = deployment.failed_tasks
        record.threshold = breaker.threshold(service.desired_count)
        if breaker.enabled and deployment.failed_tasks >= record.threshold:
            record.tripped = True
            self._give_up(service, deployment)

    def _give_up(self, service: LivingService, deployment: Deployment) -> None:
        deployment.rollout_state = "FAILED"
        deployment.rollout_state_reason = "ECS deployment circuit breaker: tasks failed to start."
        deployment.touch()
        service.says(events.failed(deployment.id))
        record, target = deployment.record, service.last_completed
        if record.rollback is not None:
            record.become("ROLLBACK_FAILED", history.ROLLBACK_BAD)
        elif not service.breaker.rolls_back:
            record.become("STOPPED", history.GIVEN_UP)
        elif target is None:
            record.become("ROLLBACK_FAILED", history.NO_CANDIDATE)
        else:
            reason = f"ECS deployment circuit breaker: rolling back to deploymentId {target.id}."
            self.roll_back(service, target, history.EXCEEDED, reason)

    def roll_back(self, service: LivingService, target: Deployment, why: str, rollout_reason: str) -> None:
        """Go back to `target`, a deployment that completed; its tasks that still run are kept."""
        record = service.primary.record
        record.become("ROLLBACK_IN_PROGRESS", why)
        record.roll_back(why, target.revision)
        target.record, target.rollout_state, target.rollout_state_reason = (
            record,
            "IN_PROGRESS",
            rollout_reason,
        )
        target.failed_tasks = target.failed_starts = 0
        target.held_until = 0.0
        target.desired_count = service.desired_count
        target.created_at = timeline.current().now()
        target.touch()
        service.load_balancers = target.revision.load_balancers
        service.network_configuration = target.revision.network_configuration
        service.promote(target)
        service.says(events.rolling_back(target.id))
        self.wake(service)

    def roll_back_soon(
        self, service: LivingService, stopped: Deployment, target: Deployment, rollout_reason: str
    ) -> None:
        """Go back to `target` as soon as the scheduler gets to it, unless something else has begun by then."""
        now = timeline.current()

        def begin() -> None:
            if stopped is service.primary and stopped.record.status == "ROLLBACK_REQUESTED":
                self.roll_back(service, target, history.REQUESTED, rollout_reason)

        now.after(now.draw("ecs.reaction", now.pace.reaction), begin)

    def _settle(self, service: LivingService) -> None:
        """Forget deployments without tasks; complete the deployment, and call the service steady."""
        primary = service.primary
        for deployment in service.deployments[1:]:
            deployment.desired_count = len(deployment.live)
            if deployment.record.status == "STOP_REQUESTED":
                deployment.record.become("STOPPED")
        if primary.rollout_state == "FAILED":
            return
        service.deployments[1:] = [
            each for each in service.deployments[1:] if each.tasks or each.rollout_state == "FAILED"
        ]
        well = sum(self.healthy(task) for task in primary.live)
        if (
            any(each.tasks for each in service.deployments[1:])
            or len(primary.tasks) != service.desired_count
            or well != service.desired_count
        ):
            return
        del service.deployments[1:]
        if primary.rollout_state == "IN_PROGRESS":
            self._complete(service, primary)
        if not service.steady:
            service.steady = True
            service.says(events.STEADY)

    def _complete(self, service: LivingService, deployment: Deployment) -> None:
        deployment.rollout_state = "COMPLETED"
        deployment.rollout_state_reason = f"ECS deployment {deployment.id} completed."
        deployment.touch()
        record = deployment.record
        if record.rollback is None:
            record.target_service_revision = deployment.summary()
            record.become("SUCCESSFUL")
        else:
            record.become("ROLLBACK_SUCCESSFUL")
        service.last_completed = deployment
        service.says(events.completed(deployment.id))
