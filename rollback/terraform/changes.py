"""What a plan would do, by address; the values stay out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from rollback.terraform.hcl import without_keys

if TYPE_CHECKING:
    from collections.abc import Iterable

STATEFUL: Final = frozenset({
    "aws_acm_certificate",
    "aws_backup_vault",
    "aws_cognito_user_pool",
    "aws_db_cluster_snapshot",
    "aws_db_instance",
    "aws_db_snapshot",
    "aws_docdb_cluster",
    "aws_docdb_cluster_instance",
    "aws_dynamodb_global_table",
    "aws_dynamodb_table",
    "aws_ebs_snapshot",
    "aws_ebs_volume",
    "aws_ecr_repository",
    "aws_efs_file_system",
    "aws_elasticache_cluster",
    "aws_elasticache_replication_group",
    "aws_elasticsearch_domain",
    "aws_fsx_lustre_file_system",
    "aws_fsx_ontap_file_system",
    "aws_fsx_openzfs_file_system",
    "aws_fsx_windows_file_system",
    "aws_kinesis_stream",
    "aws_kms_external_key",
    "aws_kms_key",
    "aws_kms_replica_key",
    "aws_memorydb_cluster",
    "aws_mq_broker",
    "aws_msk_cluster",
    "aws_neptune_cluster",
    "aws_neptune_cluster_instance",
    "aws_opensearch_domain",
    "aws_rds_cluster",
    "aws_rds_cluster_instance",
    "aws_rds_global_cluster",
    "aws_redshift_cluster",
    "aws_route53_zone",
    "aws_s3_bucket",
    "aws_s3_directory_bucket",
    "aws_s3tables_table",
    "aws_secretsmanager_secret",
    "aws_timestreamwrite_table",
})  # fmt: skip
"""Types of the AWS provider whose destruction loses what no apply brings back."""


class Action(StrEnum):
    """What would be done with a resource."""

    CREATE = "created"
    CHANGE = "changed"
    REPLACE = "replaced"
    DESTROY = "destroyed"
    FORGET = "forgotten"
    READ = "read"


@dataclass(frozen=True, slots=True)
class Change:
    """One resource instance.

    Attributes:
        address: as ``module.web.aws_lb.front[0]``.
        type: as ``aws_lb``.
        action: what would be done with it.
        deposed: whether it is about what an earlier replacement has left behind.
    """

    address: str
    type: str
    action: Action
    deposed: bool = False

    @property
    def destroys(self) -> bool:
        """Whether something that is there would be gone."""
        return self.action in {Action.DESTROY, Action.REPLACE}


@dataclass(frozen=True, slots=True)
class Changes:
    """What a plan would do.

    Attributes:
        all: every change, in the order of the plan.
        drift: the addresses that differ in AWS from what the state knows of them, sorted.
        outputs: how many outputs would change.
    """

    all: tuple[Change, ...] = ()
    drift: tuple[str, ...] = ()
    outputs: int = 0

    def of(self, action: Action) -> tuple[str, ...]:
        """The addresses with which that would be done."""
        return tuple(change.address for change in self.all if change.action is action)

    @property
    def created(self) -> tuple[str, ...]:
        """What would be created."""
        return self.of(Action.CREATE)

    @property
    def changed(self) -> tuple[str, ...]:
        """What would be changed as it stands."""
        return self.of(Action.CHANGE)

    @property
    def replaced(self) -> tuple[str, ...]:
        """What would be destroyed and created again."""
        return self.of(Action.REPLACE)

    @property
    def destroyed(self) -> tuple[str, ...]:
        """What would be destroyed."""
        return self.of(Action.DESTROY)

    @property
    def forgotten(self) -> tuple[str, ...]:
        """What would go on without Terraform."""
        return self.of(Action.FORGET)

    @property
    def read(self) -> tuple[str, ...]:
        """Data sources that would be read during the apply."""
        return self.of(Action.READ)

    @property
    def destroys(self) -> tuple[Change, ...]:
        """Every change after which something that is there would be gone."""
        return tuple(change for change in self.all if change.destroys)

    @property
    def overwritten(self) -> tuple[str, ...]:
        """What somebody changed besides Terraform, and would be changed back or destroyed."""
        touched = {change.address for change in self.all if change.action is not Action.READ}
        return tuple(address for address in self.drift if address in touched)

    @property
    def nothing(self) -> bool:
        """Whether nothing would change, neither a resource nor an output."""
        return not self.outputs and all(change.action is Action.READ for change in self.all)

    @property
    def counted(self) -> str:
        """As ``1 created, 2 changed``."""
        told = [
            f"{len(found)} {action.value}"
            for action in Action
            if action is not Action.READ and (found := self.of(action))
        ]
        if self.outputs and not told:
            return "only outputs"
        return ", ".join(told) or "nothing to do"


def stateful(
    changes: Iterable[Change], patterns: Iterable[str], *, protected: Iterable[str]
) -> tuple[Change, ...]:
    """Those that would destroy what no apply brings back.

    Args:
        changes: all of them.
        patterns: the environment's own: types, and addresses with or without keys, in which `*` stands for any
            characters.
        protected: addresses without keys that `prevent_destroy` protects.
    """
    expressions = [re.compile(".*".join(re.escape(part) for part in each.split("*"))) for each in patterns]
    guarded = frozenset(protected)

    def is_stateful(change: Change) -> bool:
        plain = without_keys(change.address)
        words = (change.type, change.address, plain)
        return (
            change.type in STATEFUL
            or plain in guarded
            or any(expression.fullmatch(word) for expression in expressions for word in words)
        )

    return tuple(change for change in changes if change.destroys and is_stateful(change))


def named(addresses: Iterable[str], *, most: int = 10) -> str:
    """Addresses for a sentence."""
    found = list(addresses)
    more = f" and {len(found) - most} more" if len(found) > most else ""
    return ", ".join(found[:most]) + more
