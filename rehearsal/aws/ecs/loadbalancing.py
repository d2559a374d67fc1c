"""What ECS checks of a service's load balancers before it accepts them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rehearsal.aws.moto_parts import InvalidParameter, elbv2_backends

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rehearsal.aws.moto_parts import TaskDefinition


def require(
    account: str, region: str, load_balancers: Sequence[Mapping[str, Any]], definition: TaskDefinition
) -> None:
    """See that a service's load balancers fit its task definition.

    Source: the ECS API's CreateService, parameter loadBalancers; the words are AWS's.

    Raises:
        InvalidParameterException: the target group is not there or has no load balancer, or the task
            definition has no such container or port.
    """
    groups = elbv2_backends[account][region].target_groups
    for balancer in load_balancers:
        arn = balancer.get("targetGroupArn")
        if arn is None:
            continue
        if arn not in groups:
            raise InvalidParameter(f"The specified target group {arn} does not exist.")
        if not groups[arn].load_balancer_arns:
            raise InvalidParameter(
                f"The target group with targetGroupArn {arn} does not have an associated load balancer."
            )
        name, port = balancer.get("containerName"), balancer.get("containerPort")
        container = next((each for each in definition.container_definitions if each["name"] == name), None)
        if container is None:
            raise InvalidParameter(f"The container {name} does not exist in the task definition.")
        if port not in {mapping.get("containerPort") for mapping in container.get("portMappings") or []}:
            raise InvalidParameter(f"The container {name} did not have a container port {port} defined.")
