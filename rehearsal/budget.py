"""Which budget of an environment a scenario has to keep to."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Container

    from rollback.environment import Budget, Environment


def budget_of(environment: Environment, tags: Container[str]) -> Budget:
    """What the way back may take of which a scenario with these tags tells."""
    if "ecs" in tags:
        return environment.budgets.emergency
    return environment.budgets.infrastructure if "infrastructure" in tags else environment.budgets.application
