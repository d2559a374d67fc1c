"""Which IAM actions each operation of AWS's APIs needs, and on what; they don't always have the operation's name.

Source: AWS Service Authorization Reference, "Actions" of each service; S3 User Guide, "Required permissions for Amazon S3
API operations" and "How to prevent object overwrites with conditional writes".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from rehearsal.policies.resources import ANYTHING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Need:
    """One action that an operation needs.

    Attributes:
        action: as ``ecs:UpdateService``.
        resources: what it may be done on, by the names of `RESOURCES`, the narrowest first.
        on: the ARN of what a call is about, with the call's parameters in braces; a parameter that is an ARN itself is it.
            Empty for all of `resources`, whatever the call says.
        given: the parameter without which it isn't needed.
        lacking: the parameter with which it isn't needed.
    """

    action: str
    resources: tuple[str, ...] = (ANYTHING,)
    on: str = ""
    given: str = ""
    lacking: str = ""


_HERE: Final = "{region}:{account}"
_OBJECT: Final = "arn:{partition}:s3:::{Bucket}/{Key}"
_OBJECTS: Final = ("state", "state-lock", "lease")
_BUCKET: Final = ("bucket",)
_ZONE: Final = "arn:{partition}:route53:::hostedzone/{HostedZoneId}"
_DB: Final = f"arn:{{partition}}:rds:{_HERE}:db:"
_TABLE: Final = f"arn:{{partition}}:dynamodb:{_HERE}:table/{{TableName}}"
_LOGS: Final = f"arn:{{partition}}:logs:{_HERE}:log-group:"
_SERVICE: Final = f"arn:{{partition}}:ecs:{_HERE}:service/{{cluster}}/"

# Whoever may not list a bucket is told of a missing object that it is forbidden.
_LIST: Final = Need("s3:ListBucket", _BUCKET)
_READ: Final = (
    Need("s3:GetObject", _OBJECTS, _OBJECT, lacking="VersionId"),
    Need("s3:GetObjectVersion", _OBJECTS, _OBJECT, given="VersionId"),
    _LIST,
)
_OVER: Final = Need("s3:GetObject", _OBJECTS, _OBJECT, given="IfMatch")


def _named(operation: str, *resources: str, on: str = "", service: str = "") -> tuple[str, tuple[Need, ...]]:
    """An operation whose one action is called as it is."""
    prefix, _, name = operation.partition(":")
    need = Need(f"{service or prefix}:{name}", resources or (ANYTHING,), on)
    return operation, (need,)


def _of_service(operation: str, resource: str, *, on: str) -> tuple[str, tuple[Need, ...]]:
    """An operation on a part of a service, which asks for the permission on the service, too."""
    return operation, (Need(operation, (resource,), on), Need(operation, ("service",)))


def _restore(operation: str, source: str, *sources: str, target: str) -> tuple[str, tuple[Need, ...]]:
    """A restore, which needs the instance it is from, the one that it makes, and what that is put into."""
    action = f"rds:{operation.partition(':')[2]}"
    return operation, (
        Need(action, sources, source),
        Need(action, ("restored-instances",), f"{_DB}{{{target}}}"),
        Need(action, ("subnet-groups", ), f"arn:{{partition}}:rds:{_HERE}:subgrp:{{DBSubnetGroupName}}"),
        Need(action, ("parameter-groups",), f"arn:{{partition}}:rds:{_HERE}:pg:{{DBParameterGroupName}}"),
        Need(action, ("option-groups",), f"arn:{{partition}}:rds:{_HERE}:og:{{OptionGroupName}}"),
        Need("rds:AddTagsToResource", ("restored-instances",), f"{_DB}{{{target}}}", given="Tags"),
    )  # fmt: skip


OPERATIONS: Final[Mapping[str, tuple[Need, ...]]] = {
    **dict((
        _named("acm:DescribeCertificate", "certificates", on="{CertificateArn}"),
        _named("acm:GetCertificate", "certificates", on="{CertificateArn}"),
        _named("acm:ListCertificates"),
        _named("cloudwatch:DescribeAlarms", "alarms"),  # all of them; whose they are shows only then
        _named("acm:RequestCertificate"),
        _named("dynamodb:DeleteItem", "lock-table", on=_TABLE),
        _named("dynamodb:DescribeTable", "lock-table", on=_TABLE),
        _named("dynamodb:GetItem", "lock-table", on=_TABLE),
        _named("dynamodb:PutItem", "lock-table", on=_TABLE),
        _named("ecr:DescribeImages", "images", on=f"arn:{{partition}}:ecr:{_HERE}:repository/{{repositoryName}}"),
        _of_service("ecs:DescribeServiceDeployments", "service-deployments", on="{serviceDeploymentArns}"),
        _of_service("ecs:DescribeServiceRevisions", "service-revisions", on="{serviceRevisionArns}"),
        _named("ecs:DescribeServices", "service", on=f"{_SERVICE}{{services}}"),
        _named("ecs:DescribeTaskDefinition"),
        _named("ecs:DescribeTasks", "tasks", on="{tasks}"),
        _named("ecs:ListServiceDeployments", "service", on=f"{_SERVICE}{{service}}"),
        _named("ecs:ListTaskDefinitions"),
        _named("ecs:ListTasks"),
        _of_service("ecs:StopServiceDeployment", "service-deployments", on="{serviceDeploymentArn}"),
        _named("elbv2:DescribeListenerCertificates", service="elasticloadbalancing"),
        _named("elbv2:DescribeListeners", service="elasticloadbalancing"),
        _named("elbv2:DescribeLoadBalancers", service="elasticloadbalancing"),
        _named("elbv2:DescribeTargetGroups", service="elasticloadbalancing"),
        _named("elbv2:DescribeTargetHealth", service="elasticloadbalancing"),
        _named("elbv2:ModifyListener", "listeners", on="{ListenerArn}", service="elasticloadbalancing"),
        _named("iam:GetRole", "roles", on="arn:{partition}:iam::{account}:role/{RoleName}"),
        _named("logs:DescribeLogGroups"),
        _named("logs:FilterLogEvents", "log-group", on=f"{_LOGS}{{logGroupName}}:"),
        _named("rds:DescribeDBInstanceAutomatedBackups", "automated-backups"),
        _named("rds:DescribeDBInstances", "instance", "restored-instances", "instances", on=f"{_DB}{{DBInstanceIdentifier}}"),
        _named("rds:DescribeDBSnapshots", "instances", "snapshots"),
        _named("route53:ChangeResourceRecordSets", "zone", on=_ZONE),
        _named("route53:GetHostedZone", "zone", "zones", on="arn:{partition}:route53:::hostedzone/{Id}"),
        _named("route53:ListHostedZones"),
        _named("route53:ListResourceRecordSets", "zone", "zones", on=_ZONE),
        _named("s3:GetBucketVersioning", *_BUCKET, on="arn:{partition}:s3:::{Bucket}"),
        _named("secretsmanager:DescribeSecret", "secrets", on="{SecretId}"),
        _named("secretsmanager:GetSecretValue", "secrets", on="{SecretId}"),
        _named("secretsmanager:PutSecretValue", "secrets", on="{SecretId}"),
        _named("secretsmanager:UpdateSecretVersionStage", "secrets", on="{SecretId}"),
        _named("ssm:DescribeParameters"),
        _named("sts:GetCallerIdentity"),
        _restore(
            "rds:RestoreDBInstanceToPointInTime", f"{_DB}{{SourceDBInstanceIdentifier}}", "instance", "restored-instances",
            target="TargetDBInstanceIdentifier",
        ),
        _restore(
            "rds:RestoreDBInstanceFromDBSnapshot", f"arn:{{partition}}:rds:{_HERE}:snapshot:{{DBSnapshotIdentifier}}",
            "snapshots", target="DBInstanceIdentifier",
        ),
    )),
    "ecs:RegisterTaskDefinition": (
        Need("ecs:RegisterTaskDefinition", ("task-definitions",), f"arn:{{partition}}:ecs:{_HERE}:task-definition/{{family}}:"),
        Need("iam:PassRole", ("roles",), "{taskRoleArn}", given="taskRoleArn"),
        Need("iam:PassRole", ("roles",), "{executionRoleArn}", given="executionRoleArn"),
        Need("ecs:TagResource", ("task-definitions",), f"arn:{{partition}}:ecs:{_HERE}:task-definition/{{family}}:", given="tags"),
    ),
    # Whoever names a task definition passes its roles anew; the call doesn't say which these are.
    "ecs:UpdateService": (
        Need("ecs:UpdateService", ("service",), f"{_SERVICE}{{service}}"),
        Need("iam:PassRole", ("roles",), given="taskDefinition"),
    ),
    # Who has assumed a role has to be told its path before it can be asked about.
    "iam:SimulatePrincipalPolicy": (
        Need("iam:SimulatePrincipalPolicy", ("any-roles", "any-users")),
        Need("iam:GetRole", ("any-roles",)),
    ),
    "s3:DeleteObject": (
        Need("s3:DeleteObject", _OBJECTS, _OBJECT, lacking="VersionId"),
        Need("s3:DeleteObjectVersion", _OBJECTS, _OBJECT, given="VersionId"),
        _OVER,
    ),
    "s3:GetObject": _READ,
    "s3:HeadObject": _READ,
    "s3:ListObjectVersions": (Need("s3:ListBucketVersions", _BUCKET, "arn:{partition}:s3:::{Bucket}"),),
    "s3:ListObjectsV2": (Need("s3:ListBucket", _BUCKET, "arn:{partition}:s3:::{Bucket}"),),
    "s3:PutObject": (Need("s3:PutObject", _OBJECTS, _OBJECT), _OVER),
}  # fmt: skip
"""What is known of each operation that a rollback uses. One that isn't here is refused by every policy."""
