"""What a task's containers log, in moto's own log streams, by the stage's clock."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import moto.logs.models

from rehearsal.aws import timeline

if TYPE_CHECKING:
    from rehearsal.aws.ecs.tasks import LivingTask
    from rehearsal.clock import VirtualClock

_LOGS: Final[Any] = moto.logs.models
_WALL_CLOCK: Final[Any] = _LOGS.utcnow
_EPOCH: Final = datetime(1970, 1, 1)  # noqa: DTZ001 - as moto's times are


def live_by(clock: VirtualClock | None, *, ahead: float = 0.0) -> None:
    """Let moto's CloudWatch Logs take its time from `clock`, so many seconds ahead of it, or from this machine again."""
    by = timedelta(seconds=ahead)
    _LOGS.utcnow = _WALL_CLOCK if clock is None else lambda: clock.now().replace(tzinfo=None) + by


def run_ahead(account: str, region: str, *, by: float) -> None:
    """Let CloudWatch Logs have had a clock all along that is so many seconds ahead of the stage's, or behind it."""
    live_by(timeline.current().clock, ahead=by)
    for group in _LOGS.logs_backends[account][region].groups.values():
        for stream in group.streams.values():
            for event in stream.events:
                event.timestamp += int(by * 1000)


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
    now = _LOGS.utcnow()
    at = int((now - _EPOCH).total_seconds() * 1000)
    stream.events.append(_LOGS.LogEvent(at, {"timestamp": at, "message": message}))
    stream.stored_bytes += len(message)
    stream.last_ingestion_time = now
