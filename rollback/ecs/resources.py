"""What a task definition needs in order to start, and whether it is still there."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from rollback.errors import AwsError
from rollback.plan import Finding, ok, refusal, warning

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from mypy_boto3_ecs.type_defs import ContainerDefinitionOutputTypeDef, TaskDefinitionTypeDef

    from rollback.access import Access

_ECR: Final = re.compile(
    r"(?P<account>\d{12})\.dkr\.ecr\.(?P<region>[a-z0-9-]+)\.amazonaws\.com(?:\.cn)?/"
    r"(?P<repository>[^:@]+)(?::(?P<tag>[^@]+))?(?:@(?P<digest>sha256:[0-9a-f]{64}))?"
)
PARAMETERS_AT_ONCE: Final = 50
"""DescribeParameters takes at most 50 values in a filter."""

_ARN: Final = re.compile(
    r"arn:aws[a-z-]*:(?P<service>[a-z-]+):(?P<region>[a-z0-9-]*):\d{12}:(?P<resource>.+)"
)


@dataclass(frozen=True, slots=True)
class Image:
    """A container's image, found in its registry.

    Attributes:
        digest: its digest, or empty where it couldn't be looked up.
        tags: all tags that point to it.
    """

    container: str
    reference: str
    digest: str = ""
    tags: tuple[str, ...] = ()


def images(
    definition: TaskDefinitionTypeDef, ran: Mapping[str, str], access: Access
) -> tuple[tuple[Image, ...], tuple[Finding, ...]]:
    """Look each image up in ECR: one call an image.

    Args:
        definition: the target's.
        ran: the digests that ECS resolved when this revision was deployed, by container.
        access: the hands.
    """
    found: list[Image] = []
    findings: list[Finding] = []
    for container in definition["containerDefinitions"]:
        image, finding = _image(container["name"], container["image"], ran.get(container["name"], ""), access)
        found.append(image)
        findings.append(finding)
    return tuple(found), tuple(findings)


def _image(container: str, reference: str, ran: str, access: Access) -> tuple[Image, Finding]:
    check = "image-exists"
    match = _ECR.fullmatch(reference)
    if match is None or match["region"] != access.aws.region:
        return Image(container, reference), warning(
            check,
            f"The image {reference} is not in this region's ECR, so it could not be looked up.",
            "Make sure that it can still be pulled.",
        )
    wanted = {"imageDigest": match["digest"]} if match["digest"] else {"imageTag": match["tag"] or "latest"}
    try:
        answer = access.aws.ecr.describe_images(
            registryId=match["account"],
            repositoryName=match["repository"],
            imageIds=[wanted],  # type: ignore[list-item] # the stub wants both keys
        )
    except AwsError as error:
        if error.code not in {"ImageNotFoundException", "RepositoryNotFoundException"}:
            raise
        return Image(container, reference), refusal(
            check,
            f"The image {reference} is no longer in ECR, so no task of this revision can start.",
            "Push it again, or go back to an earlier revision whose image is still there.",
            f"aws ecr describe-images --region {access.aws.region} --repository-name {match['repository']}",
        )
    detail = answer["imageDetails"][0]
    image = Image(container, reference, detail["imageDigest"], tuple(detail.get("imageTags", ())))
    if ran and ran != image.digest:
        return image, warning(
            "image-tag-moved",
            f"The tag of {reference} has moved: this revision ran {_short(ran)}, now it is {_short(image.digest)}.",
            "What starts is not what ran before. Register a revision that names the image by its digest "
            "if you need the old one.",
        )
    return image, ok(check, f"The image {reference} is in ECR ({_short(image.digest)}).")


def _short(digest: str) -> str:
    return digest[: len("sha256:") + 12]


def secrets(definition: TaskDefinitionTypeDef, access: Access) -> Iterator[Finding]:
    """Whether each secret and parameter is still there; their values are never read."""
    names = list(dict.fromkeys(_secret_references(definition)))
    parameters: list[str] = []
    for reference in names:
        arn = _ARN.fullmatch(reference)
        if arn and arn["service"] == "secretsmanager":
            yield _secret(":".join(reference.split(":")[:7]), access)
        else:
            parameters.append(arn["resource"].removeprefix("parameter") if arn else reference)
    if parameters:
        yield from _parameters(parameters, access)


def _secret_references(definition: TaskDefinitionTypeDef) -> Iterator[str]:
    for container in definition["containerDefinitions"]:
        logging: Mapping[str, object] = container.get("logConfiguration", {})
        for secret in (*container.get("secrets", ()), *_listed(logging.get("secretOptions"))):
            yield secret["valueFrom"]


def _listed(value: object) -> list[dict[str, str]]:
    return value if isinstance(value, list) else []


def _secret(arn: str, access: Access) -> Finding:
    name = arn.rpartition(":secret:")[2]
    gone = refusal(
        "secret-exists",
        f"The secret {name} that this revision names is gone, so no task of it can start.",
        "Restore it if it is still within its recovery window, or create it again.",
        f"aws secretsmanager restore-secret --region {access.aws.region} --secret-id {arn}",
    )
    try:
        answer = access.aws.secretsmanager.describe_secret(SecretId=arn)
    except AwsError as error:
        if error.code != "ResourceNotFoundException":
            raise
        return gone
    scheduled: object = answer.get("DeletedDate")  # the stub says always, AWS says only when it is
    return gone if scheduled else ok("secret-exists", f"The secret {name} is there.")


def batched(values: list[str], size: int) -> Iterator[list[str]]:
    """`values` in lists of at most `size`."""
    for start in range(0, len(values), size):
        yield values[start : start + size]


def _parameters(names: list[str], access: Access) -> Iterator[Finding]:
    pages = access.aws.ssm.get_paginator("describe_parameters")
    there = {
        parameter["Name"].lstrip("/")
        for some in batched(names, PARAMETERS_AT_ONCE)
        for page in pages.paginate(ParameterFilters=[{"Key": "Name", "Option": "Equals", "Values": some}])
        for parameter in page["Parameters"]
    }
    for name in names:
        if name.lstrip("/") in there:
            yield ok("parameter-exists", f"The parameter {name} is there.")
        else:
            yield refusal(
                "parameter-exists",
                f"The SSM parameter {name} that this revision names is gone, so no task of it can start.",
                "Create it again, or go back to a revision that doesn't need it.",
            )


def roles(definition: TaskDefinitionTypeDef, access: Access) -> Iterator[Finding]:
    """Whether the execution role and the task role are still there."""
    arns = (definition.get("executionRoleArn", ""), definition.get("taskRoleArn", ""))
    for arn in dict.fromkeys(filter(None, arns)):
        name = arn.rpartition("/")[2]
        try:
            access.aws.iam.get_role(RoleName=name)
        except AwsError as error:
            if error.code != "NoSuchEntity":
                raise
            yield refusal(
                "role-exists",
                f"The role {name} that this revision names is gone, so no task of it can start.",
                "Create it again, or go back to a revision that names a role that is there.",
            )
        else:
            yield ok("role-exists", f"The role {name} is there.")


def log_groups(definition: TaskDefinitionTypeDef, access: Access) -> Iterator[Finding]:
    """Whether the log groups that the awslogs driver writes to are still there."""
    for group in dict.fromkeys(_log_groups(definition["containerDefinitions"], access.aws.region)):
        answer = access.aws.logs.describe_log_groups(logGroupNamePrefix=group)
        if any(described.get("logGroupName") == group for described in answer["logGroups"]):
            yield ok("log-group-exists", f"The log group {group} is there.")
        else:
            yield refusal(
                "log-group-exists",
                f"The log group {group} that this revision writes to is gone, so no task of it can start.",
                "Create it again.",
                f"aws logs create-log-group --region {access.aws.region} --log-group-name {group}",
            )


def _log_groups(containers: Iterable[ContainerDefinitionOutputTypeDef], region: str) -> Iterator[str]:
    for container in containers:
        logging = container.get("logConfiguration")
        if logging is None or logging["logDriver"] != "awslogs":
            continue
        options = logging.get("options", {})
        if options.get("awslogs-create-group") != "true" and options.get("awslogs-region", region) == region:
            yield options.get("awslogs-group", "")
