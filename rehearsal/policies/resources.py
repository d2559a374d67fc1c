"""The resources that a rollback works on, as IAM names them, and what of their names an environment knows.

Source: AWS Service Authorization Reference, "Resource types" of each service.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from moto.utilities.utils import get_partition

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rollback.environment import Environment

ANYTHING: Final = "anything"
"""The resource of an action that supports none."""

_HERE: Final = "${region}:${account}"

RESOURCES: Final[Mapping[str, str]] = {
    ANYTHING: "*",
    "service": f"arn:${{partition}}:ecs:{_HERE}:service/${{cluster}}/${{service}}",
    "service-deployments": f"arn:${{partition}}:ecs:{_HERE}:service-deployment/${{cluster}}/${{service}}/*",
    "service-revisions": f"arn:${{partition}}:ecs:{_HERE}:service-revision/${{cluster}}/${{service}}/*",
    "tasks": f"arn:${{partition}}:ecs:{_HERE}:task/${{cluster}}/*",
    "task-definitions": f"arn:${{partition}}:ecs:{_HERE}:task-definition/${{family}}:*",
    "images": f"arn:${{partition}}:ecr:{_HERE}:repository/${{image_repository}}",
    "secrets": f"arn:${{partition}}:secretsmanager:{_HERE}:secret:${{secret}}",
    "roles": "arn:${partition}:iam::${account}:role/${task_roles}",
    "any-roles": "arn:${partition}:iam::${account}:role/*",
    "any-users": "arn:${partition}:iam::${account}:user/*",
    "listeners": f"arn:${{partition}}:elasticloadbalancing:{_HERE}:listener/*/${{load_balancer}}/*",
    "certificates": f"arn:${{partition}}:acm:{_HERE}:certificate/*",
    "zone": "arn:${partition}:route53:::hostedzone/${hosted_zone}",
    "zones": "arn:${partition}:route53:::hostedzone/*",
    "log-group": f"arn:${{partition}}:logs:{_HERE}:log-group:${{log_group}}:*",
    "alarms": f"arn:${{partition}}:cloudwatch:{_HERE}:alarm:*",
    "bucket": "arn:${partition}:s3:::${state_bucket}",
    "state": "arn:${partition}:s3:::${state_bucket}/${state_object}",
    "state-lock": "arn:${partition}:s3:::${state_bucket}/${state_object}.tflock",
    "lease": "arn:${partition}:s3:::${state_bucket}/${lease_key}",
    "lock-table": f"arn:${{partition}}:dynamodb:{_HERE}:table/${{lock_table}}",
    "instance": f"arn:${{partition}}:rds:{_HERE}:db:${{instance}}",
    "restored-instances": f"arn:${{partition}}:rds:{_HERE}:db:${{instance}}-*",
    "instances": f"arn:${{partition}}:rds:{_HERE}:db:*",
    "snapshots": f"arn:${{partition}}:rds:{_HERE}:snapshot:*",
    "automated-backups": f"arn:${{partition}}:rds:{_HERE}:auto-backup:*",
    "subnet-groups": f"arn:${{partition}}:rds:{_HERE}:subgrp:*",
    "parameter-groups": f"arn:${{partition}}:rds:{_HERE}:pg:*",
    "option-groups": f"arn:${{partition}}:rds:{_HERE}:og:*",
}
"""The ARN of each, with the placeholders that `values` fills in."""

CONDITIONS: Final[Mapping[str, Mapping[str, Mapping[str, str]]]] = {
    "iam:PassRole": {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}},
    "ecs:ListTasks": {"ArnEquals": {"ecs:cluster": f"arn:${{partition}}:ecs:{_HERE}:cluster/${{cluster}}"}},
    "s3:ListBucket": {"StringEquals": {"aws:ResourceAccount": "${account}"}},
}
"""What an action is narrowed by besides its resource."""


@dataclass(frozen=True, slots=True)
class Further:
    """Names that no environment knows; each may hold ``*``, and by default stands for all of the account and region.

    Attributes:
        image_repository: of the service's images, in ECR.
        secret: with the address of the database, in Secrets Manager, with the six characters that AWS appends.
        task_roles: the execution role and the task role.
        load_balancer: what the listener belongs to.
    """

    image_repository: str = "*"
    secret: str = "*"  # noqa: S105 - its name
    task_roles: str = "*"
    load_balancer: str = "*"


def values(environment: Environment, further: Further | None = None) -> dict[str, str]:
    """What each placeholder stands for in an environment; empty where it has no such thing."""
    names = further or Further()
    terraform = environment.terraform
    key = environment.state_key
    return {
        "partition": get_partition(environment.region),
        "region": environment.region,
        "account": environment.account,
        "cluster": environment.cluster,
        "service": environment.service,
        "family": environment.family,
        "image_repository": names.image_repository,
        "secret": names.secret,
        "task_roles": names.task_roles,
        "load_balancer": names.load_balancer,
        "hosted_zone": environment.certificate.hosted_zone,
        "log_group": environment.logs.group,
        "state_bucket": environment.state_bucket,
        "state_object": key if terraform.workspace == "default" else f"env:/{terraform.workspace}/{key}",
        "lease_key": environment.lease.key,
        "lock_table": terraform.lock_table,
        "instance": environment.database.instance,
    }


PLACEHOLDERS: Final = (
    "partition", "region", "account", "cluster", "service", "family", "image_repository", "secret", "task_roles",
    "load_balancer", "hosted_zone", "log_group", "state_bucket", "state_object", "lease_key", "lock_table", "instance",
)  # fmt: skip
"""Every placeholder."""
