"""What the stage builds of an environment: the `rehearsal` table of `environments.toml`."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, Final, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from rollback.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Mapping

_WHOLE: Final = "a whole number from {ge} to {le}"


class Blueprint(BaseModel):
    """How the service of an environment is built on the stage. Times are in seconds.

    The limits are AWS's own, from the API references of Elastic Load Balancing (CreateTargetGroup,
    target group attributes) and of Amazon ECS (CreateService, DeploymentConfiguration).

    Attributes:
        repository: the ECR repository of the application's images.
        container: the container that the load balancer talks to, and `port` the port it listens on.
        desired_count: how many tasks the service keeps running.
        health_path: where the load balancer asks for the health of a task.
        deregistration_delay_seconds: how long a target drains before it is gone.
        health_check_interval_seconds: the time between two health checks of a target.
        healthy_threshold: how many good health checks in a row make a target healthy.
        unhealthy_threshold: how many bad ones in a row make it unhealthy.
        grace_period_seconds: how long ECS overlooks a new task's bad health checks.
        minimum_healthy_percent: what must stay healthy during a deployment, of `desired_count`.
        maximum_percent: what may run during a deployment, of `desired_count`.
        circuit_breaker: whether ECS gives a failing deployment up.
        circuit_breaker_rollback: whether it then goes back by itself.
        first_revision: the number of the first task definition that the stage registers.
    """

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    repository: Annotated[
        str,
        Field(
            pattern=r"^[a-z0-9]+([._/-][a-z0-9]+)*$",
            max_length=256,
            description="the name of an ECR repository, in lower case",
        ),
    ]
    container: Annotated[
        str,
        Field(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_-]{0,254}$", description="the name of a container"),
    ]
    port: Annotated[int, Field(ge=1, le=65535)]
    desired_count: Annotated[int, Field(ge=1, le=100)]
    health_path: Annotated[
        str,
        Field(pattern=r"^/[!-~]*$", max_length=1024, description="a path that starts with a slash"),
    ]
    deregistration_delay_seconds: Annotated[int, Field(ge=0, le=3600)]
    health_check_interval_seconds: Annotated[int, Field(ge=5, le=300)]
    healthy_threshold: Annotated[int, Field(ge=2, le=10)]
    unhealthy_threshold: Annotated[int, Field(ge=2, le=10)]
    grace_period_seconds: Annotated[int, Field(ge=0, le=86400)]
    minimum_healthy_percent: Annotated[int, Field(ge=0, le=100)]
    maximum_percent: Annotated[int, Field(ge=100, le=200)]
    circuit_breaker: Annotated[bool, Field(description="true or false")]
    circuit_breaker_rollback: Annotated[bool, Field(description="true or false")]
    first_revision: Annotated[int, Field(ge=1, le=1_000_000)]
    _aws_provider: bool = False

    @property
    def aws_provider(self) -> bool:
        """Whether its infrastructure is written for Terraform's AWS provider, and not for what is built into Terraform."""
        return self._aws_provider

    def on_aws_provider(self) -> Self:
        """The same service, with an infrastructure for the AWS provider.

        A rehearsal chooses it, where `rehearsal.terraform_config.why_no_aws_provider` has nothing against it.
        """
        chosen = self.model_copy()
        chosen._aws_provider = True  # noqa: SLF001 - of a copy of its own
        return chosen

    @field_validator("maximum_percent")
    @classmethod
    def _leaves_room(cls, value: int, info: ValidationInfo) -> int:
        """See that ECS may stop a task or start one more, or no deployment would ever move."""
        if {"desired_count", "minimum_healthy_percent"} <= info.data.keys():
            desired: int = info.data["desired_count"]
            fewest = math.ceil(desired * info.data["minimum_healthy_percent"] / 100)
            if fewest >= desired >= desired * value // 100:
                raise PydanticCustomError("no_room", "leaves no room")
        return value

    @classmethod
    def read(cls, table: Mapping[str, object], *, file: str, key: str) -> Self:
        """The blueprint that `table` describes.

        Args:
            table: the table as it was read.
            file: the file it was read from, for the error.
            key: the table's key in that file, as ``environments.production.rehearsal``.

        Raises:
            ConfigurationError: a key is missing, unknown or has a value that it can't have.
        """
        try:
            return cls.model_validate(dict(table))
        except ValidationError as error:
            mistakes = error.errors(include_url=False, include_context=False)
            name = ".".join(str(part) for part in mistakes[0]["loc"])
            others = len(mistakes) - 1
            more = f" (and {others} more mistake{'s'[: others > 1]})" if others else ""
            what = {"missing": "is missing", "extra_forbidden": "is not a key of the rehearsal table"}.get(
                mistakes[0]["type"], "has a value that it can't have"
            )
            raise ConfigurationError(
                f"{file}: {key}.{name} {what}{more}.", remedy=cls._remedy(name, mistakes[0]["type"])
            ) from None

    @classmethod
    def _remedy(cls, name: str, kind: str) -> str:
        if kind == "extra_forbidden":
            return f"Take it out; the keys are {', '.join(cls.model_fields)}."
        if kind == "no_room":
            return (
                "With this desired_count and minimum_healthy_percent ECS could neither stop a task nor start "
                "one more: raise the one or lower the other, so that a deployment can move."
            )
        field = cls.model_fields[name]
        limits = {
            edge: getattr(rule, edge)
            for rule in field.metadata
            for edge in ("ge", "le")
            if hasattr(rule, edge)
        }
        return f"Expected {field.description or _WHOLE.format(**limits)}."
