"""What a task needs before its containers can start, looked up in moto's own services."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from rehearsal.aws import ecr
from rehearsal.aws.moto_parts import get_backend

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from rehearsal.aws.moto_parts import TaskDefinition

_SECRETS: Final = (
    "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval "
    "failed: unable to retrieve "
)
_ASM_MISSING: Final = "ResourceNotFoundException: Secrets Manager can't find the specified secret."


class CannotStart(Exception):
    """The task can't start; the message is its stoppedReason."""


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


def pull(
    account: str, region: str, definition: TaskDefinition, digests: Mapping[str, str]
) -> dict[str, ecr.PulledImage]:
    """Fetch the secrets and the images of a task, and see that its logs have a place to go.

    Args:
        account: whose task it is.
        region: where it runs.
        definition: what it is.
        digests: container names and the image digests that the deployment has resolved already: all
            tasks of a deployment run the same images ("Container image resolution").

    Returns:
        What each container runs, by its name.

    Raises:
        CannotStart: something is not there. Worded as in the developer guide's "Stopped task error
            messages".
    """
    images: dict[str, ecr.PulledImage] = {}
    for container in definition.container_definitions:
        for source in _secret_sources(container):
            _require_secret(account, region, source)
    for container in definition.container_definitions:
        name, image = container["name"], container["image"]
        reference = ecr.by_digest(image, digests[name]) if name in digests else image
        try:
            images[name] = ecr.resolve(account, region, reference)
        except ecr.CannotPull as missing:
            raise CannotStart(str(missing)) from missing
    for container in definition.container_definitions:
        _require_log_group(account, region, container)
    return images


def resolve_digests(account: str, region: str, definition: TaskDefinition) -> dict[str, str]:
    """The digest of each container's image that can be resolved now, by container name."""
    digests: dict[str, str] = {}
    for container in definition.container_definitions:
        try:
            digests[container["name"]] = ecr.resolve(account, region, container["image"]).digest
        except ecr.CannotPull:
            continue
    return digests


def _secret_sources(container: Mapping[str, Any]) -> Iterator[str]:
    logging = container.get("logConfiguration") or {}
    for secret in [*(container.get("secrets") or []), *(logging.get("secretOptions") or [])]:
        yield secret["valueFrom"]


def _require_secret(account: str, region: str, source: str) -> None:
    if ":secretsmanager:" in source:
        parts = source.split(":")
        # arn:aws:secretsmanager:region:account:secret:name[:json-key:version-stage:version-id]
        arn, place = ":".join(parts[:7]), parts[3]
        backend = get_backend("secretsmanager")[parts[4]][place]
        if not backend._is_valid_identifier(arn) or backend.secrets[arn].deleted_date is not None:
            raise CannotStart(
                f"{_SECRETS}secret from asm: service call has been retried 1 time(s): failed to fetch secret "
                f"{source} from secrets manager: {_ASM_MISSING}"
            )
        return
    parts = source.split(":parameter", 1)
    name = parts[-1]
    place = source.split(":")[3] if len(parts) > 1 else region
    backend = get_backend("ssm")[account][place]
    if backend.get_parameter(name) is None and backend.get_parameter(name.removeprefix("/")) is None:
        raise CannotStart(
            f"{_SECRETS}secrets from ssm: service call has been retried 1 time(s): invalid ssm parameters: {name}"
        )


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
