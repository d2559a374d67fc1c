"""What a task definition needs in order to start, and whether it is still there."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from rollback.ecs import by_hand
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
    r"arn:aws[a-z-]*:(?P<service>[a-z-]+):(?P<region>[a-z0-9-]*):(?P<account>[0-9]{12}):(?P<resource>.+)"
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
            f"The image {reference} is gone from ECR, so no task of this revision can start.",
            "Push it again, or go back to an earlier revision whose image is still there.",
            by_hand.line(
                "ecr",
                "describe-images",
                "--region",
                access.aws.region,
                "--registry-id",
                match["account"],
                "--repository-name",
                match["repository"],
            ),
        )
    detail = answer["imageDetails"][0]
    image = Image(container, reference, detail["imageDigest"], tuple(detail.get("imageTags", ())))
    if ran and ran != image.digest and not match["digest"]:
        return image, warning(
            "image-tag-moved",
            f"What would start is not what this revision ran: the tag of {reference} has moved "
            f"from {_short(ran)} to {_short(image.digest)}.",
            "Register a revision that names the image by its digest, if you need the old one.",
        )
    return image, ok(check, f"The image {reference} is in ECR ({_short(image.digest)}).")


def _short(digest: str) -> str:
    return digest[: len("sha256:") + 12]


def secrets(definition: TaskDefinitionTypeDef, access: Access) -> Iterator[Finding]:
    """Whether each secret and parameter is still there; their values are never read."""
    account = definition["taskDefinitionArn"].split(":")[4]
    parameters: list[str] = []
    registry = _registry_secrets(definition)
    for reference in dict.fromkeys((*_secret_references(definition), *sorted(registry))):
        arn = _ARN.fullmatch(reference)
        if arn and (arn["region"], arn["account"]) != (access.aws.region, account):
            yield warning(
                "secret-exists",
                f"{_nameless(reference)} is in another region or account, so it could not be looked up.",
                "Make sure that it is still there.",
            )
        elif reference in registry or (arn and arn["service"] == "secretsmanager"):
            yield _secret(_nameless(reference), access)
        else:
            parameters.append(reference)
    if parameters:
        yield from _parameters(parameters, access)


def _nameless(reference: str) -> str:
    """A secret's ARN without the JSON key, version stage and version id that may follow it."""
    return ":".join(reference.split(":")[:7])


def _secret_references(definition: TaskDefinitionTypeDef) -> Iterator[str]:
    for container in definition["containerDefinitions"]:
        logging: Mapping[str, object] = container.get("logConfiguration", {})
        for secret in (*container.get("secrets", ()), *_listed(logging.get("secretOptions"))):
            yield secret["valueFrom"]


def _registry_secrets(definition: TaskDefinitionTypeDef) -> set[str]:
    """The secrets for private registries; unlike the others, they may go by their bare name."""
    return {
        container["repositoryCredentials"]["credentialsParameter"]
        for container in definition["containerDefinitions"]
        if "repositoryCredentials" in container
    }


def _listed(value: object) -> list[dict[str, str]]:
    return value if isinstance(value, list) else []


def _secret(arn: str, access: Access) -> Finding:
    name = arn.rpartition(":secret:")[2]
    gone = refusal(
        "secret-exists",
        f"The secret {name} that this revision names is gone, so no task of it can start.",
        "Restore it if it is still within its recovery window, or create it again.",
        by_hand.line("secretsmanager", "restore-secret", "--region", access.aws.region, "--secret-id", arn),
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


def _parameters(references: list[str], access: Access) -> Iterator[Finding]:
    possible = {reference: _parameter_names(reference) for reference in references}
    asked = list(dict.fromkeys(name for names in possible.values() for name in names))
    pages = access.aws.ssm.get_paginator("describe_parameters")
    there = {
        parameter["Name"]
        for some in batched(asked, PARAMETERS_AT_ONCE)
        for page in pages.paginate(ParameterFilters=[{"Key": "Name", "Option": "Equals", "Values": some}])
        for parameter in page["Parameters"]
    }
    for names in possible.values():
        if there.isdisjoint(names):
            yield refusal(
                "parameter-exists",
                f"The parameter {names[0]} that this revision names is gone, so no task of it can start.",
                "Create it again, or go back to a revision that doesn't need it.",
            )
        else:
            yield ok("parameter-exists", f"The parameter {names[0]} is there.")


def _parameter_names(reference: str) -> tuple[str, ...]:
    """What a parameter may be called: the ARNs of ``key`` and ``/key`` are the same."""
    arn = _ARN.fullmatch(reference)
    if arn is None:
        return (reference,)
    name = arn["resource"].removeprefix("parameter/")
    return (f"/{name}",) if "/" in name else (name, f"/{name}")


def roles(definition: TaskDefinitionTypeDef, access: Access) -> Iterator[Finding]:
    """Whether the execution role and the task role are still there."""
    arns = {
        definition.get("taskRoleArn", ""): "task role",
        definition.get("executionRoleArn", ""): "execution role",
    }
    for arn, role in reversed(arns.items()):
        if not arn:
            continue
        name = arn.rpartition("/")[2]
        try:
            access.aws.iam.get_role(RoleName=name)
        except AwsError as error:
            if error.code != "NoSuchEntity":
                raise
            yield refusal(
                "role-exists",
                f"The {role} {name} that this revision names is gone, so no task of it can start.",
                "Create it again, or go back to a revision that names a role that is there.",
            )
        else:
            yield ok("role-exists", f"The {role} {name} is there.")


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
                by_hand.line(
                    "logs", "create-log-group", "--region", access.aws.region, "--log-group-name", group
                ),
            )


def _log_groups(containers: Iterable[ContainerDefinitionOutputTypeDef], region: str) -> Iterator[str]:
    for container in containers:
        logging = container.get("logConfiguration")
        if logging is None or logging["logDriver"] != "awslogs":
            continue
        options = logging.get("options", {})
        made = options.get("awslogs-create-group", "").lower() == "true"
        elsewhere = options.get("awslogs-region", region) != region
        if options.get("awslogs-group") and not made and not elsewhere:
            yield options["awslogs-group"]
