"""Whether an environment is in a state that a drill may begin in, and that it must come back to."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from rollback.ecs import look
from rollback.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rollback.access import Access
    from rollback.ecs.model import Service
    from rollback.environment import Environment

_RINGING: Final = "ALARM"
_TYPES: Final = ["MetricAlarm", "CompositeAlarm"]
"""CloudWatch API reference, DescribeAlarms: without them, only metric alarms are returned, even if there are others."""


def must_be_steady(environment: Environment, access: Access) -> Service:
    """The service, with no deployment in progress, all tasks running, all targets healthy and no alarm.

    Raises:
        Refused: it isn't; the sentence says why, and nothing has been changed.
        AwsError: AWS doesn't say.
    """
    service = look.service(environment, access)
    for reason in (
        *_deployments(service),
        *_targets(service, access),
        *_alarms(environment, access, service),
    ):
        raise Refused(
            f"A drill only begins where all is well, and in {environment.name} {reason}.",
            remedy="Wait until it is over, or mend it; nothing was changed.",
        )
    return service


def _deployments(service: Service) -> Iterator[str]:
    name = service.name
    if service.status != "ACTIVE":
        yield f"{name} is {service.status}"
    if (going_on := service.in_progress) is not None:
        yield f"a deployment of {going_on.revision} to {name} is in progress"
    primary = service.primary
    if primary is not None and primary.state == "FAILED":
        yield f"the last deployment of {name}, of {primary.revision}, has failed"
    if service.desired < 1 or service.running != service.desired or service.pending:
        yield f"{service.running} of {service.desired} tasks of {name} run"
    others = [each for each in service.deployments if each is not primary and (each.running or each.pending)]
    if others:
        yield f"tasks of {others[0].revision} are still there beside those of {service.revision}"


def _targets(service: Service, access: Access) -> Iterator[str]:
    states = Counter(look.target_states(service, access).values()) if service.load_balancers else Counter()
    bad = {state: count for state, count in states.items() if state != "healthy"}
    if bad:
        told = ", ".join(f"{count} {state}" for state, count in sorted(bad.items()))
        yield f"the load balancer has targets that are not healthy: {told}"


def _alarms(environment: Environment, access: Access, service: Service) -> Iterator[str]:
    """The alarms that ring and are of the service: by its deployment configuration, or by their dimensions."""
    described = access.aws.ecs.describe_services(cluster=environment.cluster, services=[environment.service])
    configured = described["services"][0].get("deploymentConfiguration", {}).get("alarms", {})
    own = set(configured.get("alarmNames", ()))
    groups = {entry.target_group.rpartition(":")[2] for entry in service.load_balancers}
    pages: Any = access.aws.cloudwatch.get_paginator("describe_alarms")
    for page in pages.paginate(StateValue=_RINGING, AlarmTypes=_TYPES):
        for alarm in (*page.get("MetricAlarms", ()), *page.get("CompositeAlarms", ())):
            if alarm["AlarmName"] in own or _is_about(environment, alarm, groups):
                yield f"the alarm {alarm['AlarmName']} rings"


def _is_about(environment: Environment, alarm: dict[str, Any], groups: set[str]) -> bool:
    dimensions = list(alarm.get("Dimensions", ()))
    for metric in alarm.get("Metrics", ()):
        dimensions += metric.get("MetricStat", {}).get("Metric", {}).get("Dimensions", ())
    named = {(each["Name"], each["Value"]) for each in dimensions}
    ours = {("ClusterName", environment.cluster), ("ServiceName", environment.service)} <= named
    return ours or any(("TargetGroup", group) in named for group in groups)
