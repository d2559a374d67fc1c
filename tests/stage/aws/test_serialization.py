"""The stage's own serializer says of an event what moto's says."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from moto.core.serialize import XFormedAttributePicker
from moto.core.utils import get_service_model

from rehearsal.aws.ecs.events import ServiceEvent
from rehearsal.aws.ecs.serialization import EcsSerializer
from rehearsal.aws.moto_parts import JsonSerializer

MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - made aware by `timezones`
EVENTS = st.builds(ServiceEvent, id=st.text(), created_at=MOMENTS, message=st.text())


def told(serializer: Any, events: list[ServiceEvent]) -> Any:
    operation = get_service_model("ecs").operation_model("DescribeServices")
    picker = XFormedAttributePicker()
    result = {"services": [{"serviceName": "web", "events": events}]}
    return json.loads(serializer(operation_model=operation, value_picker=picker).serialize(result)["body"])


@given(st.lists(EVENTS, max_size=3))
def test_an_event_is_told_as_moto_tells_it(events: list[ServiceEvent]) -> None:
    """Also when it is told again."""
    ours, again = told(EcsSerializer, events), told(EcsSerializer, events)
    assert ours == again == told(JsonSerializer, events)
