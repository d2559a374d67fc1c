"""The living ECS's answers as JSON: moto's serializer, which tells a service's events quickly.

DescribeServices tells the same events at each call. To find the three members of each anew would take
most of the time of an answer.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from rehearsal.aws.ecs.events import KEPT, ServiceEvent
from rehearsal.aws.moto_parts import JsonSerializer


class EcsSerializer(JsonSerializer):  # type: ignore[misc]
    """moto's JSON serializer; an event, which never changes, is serialized once."""

    def _serialize_type_list(self, serialized: Any, value: Any, shape: Any, key: str) -> None:
        if value and all(isinstance(each, ServiceEvent) for each in value):
            serialized[self.get_serialized_name(shape, key)] = [_told(event) for event in value]
        else:
            super()._serialize_type_list(serialized, value, shape, key)


@lru_cache(maxsize=10 * KEPT)
def _told(event: ServiceEvent) -> dict[str, str | float]:
    """The event as the API's ServiceEvent: times are seconds of the epoch, to the millisecond."""
    at = event.created_at
    at = at.replace(microsecond=at.microsecond // 1000 * 1000)
    return {"id": event.id, "createdAt": at.timestamp(), "message": event.message}
