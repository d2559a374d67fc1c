"""A task's way from PROVISIONING to STOPPED, step by step on the clock.

Source: Amazon ECS developer guide, "Amazon ECS task lifecycle" and "Stopped task error messages".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from rehearsal.aws import timeline
from rehearsal.aws.ecs import launch
from rehearsal.aws.ecs.settings import CannotStart
from rehearsal.world.version import Behaviour

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from rehearsal.aws.ecs.tasks import LivingTask


class Supervisor(Protocol):
    """Who has the task started, and must know what becomes of it: the service scheduler."""

    def digests(self, task: LivingTask) -> Mapping[str, str]:
        """The image digests that the task's deployment has resolved, by container name."""
        ...

    def activating(self, task: LivingTask) -> None:
        """The containers are up: register the task with its load balancers."""
        ...

    def running(self, task: LivingTask) -> None:
        """The task has reached RUNNING."""
        ...

    def failed(self, task: LivingTask) -> None:
        """The task has stopped of itself."""
        ...

    def drain(self, task: LivingTask, then: Callable[[], None]) -> None:
        """Take the task from its load balancers, and call `then` once its connections are gone."""
        ...

    def gone(self, task: LivingTask) -> None:
        """The task serves no longer and is being stopped."""
        ...

    def forget(self, task: LivingTask) -> None:
        """The task has been stopped for so long that ECS no longer shows it."""
        ...


def begin(task: LivingTask, supervisor: Supervisor) -> None:
    """Set a new task going."""
    now = timeline.current()
    now.after(now.draw("ecs.provisioning", now.pace.provisioning), lambda: _pend(task, supervisor))


def _advance(task: LivingTask, status: str) -> None:
    task.status = status
    task.version += 1


def _pend(task: LivingTask, supervisor: Supervisor) -> None:
    if task.desired_status == "STOPPED":
        return
    now = timeline.current()
    _advance(task, "PENDING")
    task.connectivity, task.connectivity_at = "CONNECTED", now.now()
    for attachment in task.attachments:
        attachment["status"] = "ATTACHED"
    task.pull_started_at = now.now()
    now.after(now.draw("ecs.pull", now.pace.pull), lambda: _activate(task, supervisor))


def _activate(task: LivingTask, supervisor: Supervisor) -> None:
    if task.desired_status == "STOPPED":
        return
    now = timeline.current()
    try:
        pulled = launch.pull(task._account_id, task.region_name, task.definition, supervisor.digests(task))
    except CannotStart as missing:
        reason = str(missing)
        now.after(
            now.draw("ecs.failing_pull", now.pace.failing_pull), lambda: _give_up(task, supervisor, reason)
        )
        return
    task.pull_stopped_at = now.now()
    task.runs(pulled)
    _advance(task, "ACTIVATING")
    supervisor.activating(task)
    now.after(now.draw("ecs.activating", now.pace.activating), lambda: _run(task, supervisor))


def _give_up(task: LivingTask, supervisor: Supervisor, reason: str) -> None:
    if task.desired_status == "STOPPED":
        return
    if reason.startswith("CannotPull"):
        task.containers[0].reason = reason
    _end(task, reason, "TaskFailedToStart")
    supervisor.failed(task)
    _deprovision(task, supervisor)


def _run(task: LivingTask, supervisor: Supervisor) -> None:
    if task.desired_status == "STOPPED":
        return
    now = timeline.current()
    _advance(task, "RUNNING")
    task.started_at, task.running_since = now.now(), now.moment()
    for container in task.containers:
        container.last_status = "RUNNING"
    if task.behaviour is Behaviour.CRASHES:
        now.after(now.draw("ecs.crash", now.pace.crash), lambda: _crash(task, supervisor))
    supervisor.running(task)


def _crash(task: LivingTask, supervisor: Supervisor) -> None:
    if task.desired_status == "STOPPED":
        return
    task.containers[0].exitCode = 1
    _end(task, "Essential container in task exited", "EssentialContainerExited")
    supervisor.failed(task)
    _deprovision(task, supervisor)


def stop(task: LivingTask, supervisor: Supervisor, reason: str, code: str) -> None:
    """Stop a task: take it from its load balancers, then stop its containers.

    Stopping a task that is being stopped changes nothing.
    """
    if task.desired_status == "STOPPED":
        return
    was_up = task.serving
    _end(task, reason, code)
    if was_up:
        _advance(task, "DEACTIVATING")
        supervisor.drain(task, lambda: _terminate(task, supervisor))
    else:
        supervisor.gone(task)
        _deprovision(task, supervisor)


def _end(task: LivingTask, reason: str, code: str) -> None:
    task.desired_status = "STOPPED"
    task.stopped_reason, task.stop_code = reason, code
    task.stopping_at = timeline.current().now()


def _terminate(task: LivingTask, supervisor: Supervisor) -> None:
    now = timeline.current()
    _advance(task, "STOPPING")
    supervisor.gone(task)

    def exited() -> None:
        for container in task.containers:
            container.exitCode = 0
        _deprovision(task, supervisor)

    now.after(now.draw("ecs.stopping", now.pace.stopping), exited)


def _deprovision(task: LivingTask, supervisor: Supervisor) -> None:
    now = timeline.current()
    _advance(task, "DEPROVISIONING")
    task.execution_stopped_at = now.now()
    for container in task.containers:
        container.last_status = "STOPPED"
        if task.started_at is not None and container.exitCode is None:
            container.exitCode = 0

    def stopped() -> None:
        _advance(task, "STOPPED")
        task.stopped_at = now.now()
        task.detach()
        now.after(now.pace.retention, lambda: supervisor.forget(task))

    now.after(now.draw("ecs.deprovisioning", now.pace.deprovisioning), stopped)
