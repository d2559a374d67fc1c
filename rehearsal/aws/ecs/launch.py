"""What a task needs before its containers can start, looked up in moto's own services."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rehearsal.aws import ecr
from rehearsal.aws.ecs import settings
from rehearsal.aws.ecs.settings import CannotStart
from rehearsal.aws.moto_parts import get_backend

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rehearsal.aws.moto_parts import TaskDefinition


@dataclass(frozen=True, slots=True)
class Pulled:
    """What a task starts with, by the names of its containers.

    Attributes:
        images: what each runs.
        variables: the environment of each, its secrets included.
    """

    images: Mapping[str, ecr.PulledImage]
    variables: Mapping[str, Mapping[str, str]]


def missing_role(account: str, definition: TaskDefinition) -> str | None:
    """The ARN of a role that the task definition names and IAM doesn't have.

    Without its role a task is not even launched. Source: Amazon ECS developer guide, "Amazon ECS service
    event messages".
    """
    for attribute in ("execution_role_arn", "task_role_arn"):
        arn = getattr(definition, attribute, None)
        if arn is not None and not _role_exists(account, arn):
            return str(arn)
    return None


def _role_exists(account: str, arn: str) -> bool:
    name = arn.rsplit("/", 1)[-1]
    return any(name in {role.name, role.arn} for role in get_backend("iam")[account]["aws"].get_roles())


def pull(account: str, region: str, definition: TaskDefinition, digests: Mapping[str, str]) -> Pulled:
    """Fetch the secrets and the images of a task, and see that its logs have a place to go.

    Args:
        account: whose task it is.
        region: where it runs.
        definition: what it is.
        digests: container names and the image digests that the deployment has resolved already: all
            tasks of a deployment run the same images ("Container image resolution").

    Raises:
        CannotStart: something is not there. Worded as in the developer guide's "Stopped task error
            messages".
    """
    images: dict[str, ecr.PulledImage] = {}
    variables = {
        container["name"]: settings.read(account, region, container)
        for container in definition.container_definitions
    }
    for container in definition.container_definitions:
        name, image = container["name"], container["image"]
        reference = ecr.by_digest(image, digests[name]) if name in digests else image
        try:
            images[name] = ecr.resolve(account, region, reference)
        except ecr.CannotPull as missing:
            raise CannotStart(str(missing)) from missing
    for container in definition.container_definitions:
        _require_log_group(account, region, container)
    return Pulled(images, variables)


def resolve_digests(account: str, region: str, definition: TaskDefinition) -> dict[str, str]:
    """The digest of each container's image that can be resolved now, by container name."""
    digests: dict[str, str] = {}
    for container in definition.container_definitions:
        try:
            digests[container["name"]] = ecr.resolve(account, region, container["image"]).digest
        except ecr.CannotPull:
            continue
    return digests


def _require_log_group(account: str, region: str, container: Mapping[str, Any]) -> None:
    logging = container.get("logConfiguration") or {}
    options = logging.get("options") or {}
    group = options.get("awslogs-group")
    if logging.get("logDriver") != "awslogs" or group is None:
        return
    if options.get("awslogs-create-group", "false").lower() == "true":
        return
    if group not in get_backend("logs")[account][options.get("awslogs-region", region)].groups:
        raise CannotStart(
            "ResourceInitializationError: failed to validate logger args: failed to create Cloudwatch log stream: "
            "ResourceNotFoundException: The specified log group does not exist.: exit status 1"
        )
