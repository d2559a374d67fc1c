"""When the deployment circuit breaker gives a deployment up.

Source: the ECS API's DeploymentCircuitBreaker and ThresholdConfiguration; Amazon ECS developer guide,
"How the Amazon ECS deployment circuit breaker detects failures".
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

FEWEST: Final = 3
MOST: Final = 200
PERCENT: Final = 50


@dataclass(frozen=True, slots=True)
class Breaker:
    """A circuit breaker as a service is configured with it.

    Attributes:
        enabled: whether it looks at deployments at all.
        rolls_back: whether the service goes back to the last completed deployment when one fails.
        resets: whether a task that becomes healthy sets the count of failed tasks back to zero.
        kind: ``BOUNDED_PERCENT``, ``UNBOUNDED_PERCENT`` or ``COUNT``.
        value: a percentage of the desired count, or for ``COUNT`` the number of failed tasks itself.
    """

    enabled: bool
    rolls_back: bool
    resets: bool = True
    kind: str = "BOUNDED_PERCENT"
    value: int = PERCENT

    @classmethod
    def of(cls, deployment_configuration: Mapping[str, Any]) -> Breaker:
        """The circuit breaker in a service's deploymentConfiguration; off where there is none."""
        given = deployment_configuration.get("deploymentCircuitBreaker") or {}
        threshold = given.get("thresholdConfiguration") or {}
        return cls(
            enabled=bool(given.get("enable", False)),
            rolls_back=bool(given.get("rollback", False)),
            resets=given.get("resetOnHealthyTask") is not False,
            kind=threshold.get("type", "BOUNDED_PERCENT"),
            value=int(threshold.get("value", PERCENT)),
        )

    def threshold(self, desired_count: int) -> int:
        """How many failed tasks fail a deployment of a service with this desired count.

        A percentage is rounded up; BOUNDED_PERCENT keeps it between 3 and 200.
        """
        if self.kind == "COUNT":
            return self.value
        share = math.ceil(desired_count * self.value / 100)
        return max(1, share) if self.kind == "UNBOUNDED_PERCENT" else min(MOST, max(FEWEST, share))
