"""The errors that ECS has and moto's ECS has not, and its wording for those that both have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rehearsal.aws.moto_parts import EcsError, InvalidParameter

if TYPE_CHECKING:
    from collections.abc import Sequence


class ServiceNotActiveException(EcsError):  # type: ignore[misc]
    """The service is draining or inactive."""

    def __init__(self) -> None:
        super().__init__("ServiceNotActiveException", "Service was not ACTIVE.")


class TaskDefinitionUnknown(EcsError):  # type: ignore[misc]
    """A service was given a task definition that does not exist."""

    def __init__(self) -> None:
        super().__init__("ClientException", "TaskDefinition not found.")


class TaskDefinitionInactive(EcsError):  # type: ignore[misc]
    """A service was given a task definition that has been deregistered."""

    def __init__(self) -> None:
        super().__init__("ClientException", "TaskDefinition is inactive")


class ServiceDeploymentNotFoundException(EcsError):  # type: ignore[misc]
    """There is no service deployment with this ARN."""

    def __init__(self, arn: str) -> None:
        super().__init__("ServiceDeploymentNotFoundException", f"The service deployment {arn} was not found.")


class ConflictException(EcsError):  # type: ignore[misc]
    """The service deployment is in a state in which it can't be stopped."""

    def __init__(self, message: str) -> None:
        super().__init__("ConflictException", message)


def one_of(name: str, value: str, allowed: Sequence[str]) -> Exception:
    """The refusal of a value that is not in an enumeration."""
    error: Exception = InvalidParameter(
        f"Invalid {name}: {value}. It should be one of [{', '.join(allowed)}]."
    )
    return error
