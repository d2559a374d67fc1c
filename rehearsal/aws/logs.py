"""What a task's containers log, in moto's own log streams, by the stage's clock."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import moto.logs.models

from rehearsal.aws import timeline

if TYPE_CHECKING:
    from rehearsal.aws.ecs.tasks import LivingTask
    from rehearsal.clock import VirtualClock

_LOGS: Final[Any] = moto.logs.models
_WALL_CLOCK: Final[Any] = _LOGS.utcnow
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def live_by(clock: VirtualClock | None) -> None:
    """Let moto's CloudWatch Logs take its time from `clock`, or from this machine again."""
    _LOGS.utcnow = _WALL_CLOCK if clock is None else lambda: clock.now().replace(tzinfo=None)


def write(task: LivingTask, message: str) -> None:
    """Have the first container of a task log a line now, where its awslogs driver brings it.

    Amazon ECS Developer Guide, "Send Amazon ECS logs to CloudWatch": the stream is ``prefix/container/task``. A line
    for a log group that is gone is lost, as with the driver.
    """
    definition = task.definition.container_definitions[0]
    logging = definition.get("logConfiguration") or {}
    options = logging.get("options") or {}
    region = options.get("awslogs-region", task.region_name)
    # moto's account of the task: a container logs to its own.
    group = _LOGS.logs_backends[task._account_id][region].groups.get(options.get("awslogs-group"))
    if logging.get("logDriver") != "awslogs" or group is None:
        return
    name = f"{options.get('awslogs-stream-prefix', 'ecs')}/{definition['name']}/{task.id}"
    stream = group.streams.get(name)
    if stream is None:
        group.create_log_stream(name)
        stream = group.streams[name]
    now = timeline.current().now()
    at = int((now - _EPOCH).total_seconds() * 1000)
    stream.events.append(_LOGS.LogEvent(at, {"timestamp": at, "message": message}))
    stream.stored_bytes += len(message)
    stream.last_ingestion_time = now.replace(tzinfo=None)
