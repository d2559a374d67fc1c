"""What a restored instance has to have like the old one: given to it where that can be, and compared afterwards.

Amazon RDS API reference, ``RestoreDBInstanceToPointInTime``: "The target database is created with most of the original
configuration, but in a system-selected Availability Zone, with the default security group, the default subnet group, and
the default DB parameter group. By default, the new DB instance is created as a single-AZ deployment"; deletion protection
and tags aren't taken over either.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from rollback.database.backup.model import POINT_TAG, SOURCE_TAG

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mypy_boto3_rds.type_defs import DBInstanceTypeDef

    from rollback.database.backup.model import Instance, Point

_DEFAULTS: Final = ("default.", "default:")
"""How the names of RDS's own groups begin; those are what it gives by itself."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One thing of an instance.

    Attributes:
        word: what people call it.
        parameter: by which the restore is given it; empty where it takes it over by itself.
        value: a text, a number, a truth, or a tuple of texts.
    """

    word: str
    parameter: str
    value: str | int | bool | tuple[str, ...]

    def __str__(self) -> str:
        return ", ".join(self.value) if isinstance(self.value, tuple) else str(self.value)


@dataclass(frozen=True, slots=True)
class Difference:
    """A setting that the new instance doesn't have like the old one."""

    old: Setting
    new: Setting

    def __str__(self) -> str:
        return f"{self.old.word}: {str(self.new) or 'none'} instead of {str(self.old) or 'none'}"


def _member(name: str, default: Any = "") -> Callable[[Mapping[str, Any]], Any]:
    return lambda described: described.get(name) or default


def _each(name: str, key: str) -> Callable[[Mapping[str, Any]], tuple[str, ...]]:
    return lambda described: tuple(sorted(each.get(key, "") for each in described.get(name, ())))


def _first(name: str, key: str) -> Callable[[Mapping[str, Any]], str]:
    return lambda described: next((str(each.get(key, "")) for each in described.get(name, ())), "")


_READ: Final[tuple[tuple[str, str, Callable[[Mapping[str, Any]], Any]], ...]] = (
    ("subnet group", "DBSubnetGroupName", lambda d: (d.get("DBSubnetGroup") or {}).get("DBSubnetGroupName", "")),
    ("security groups", "VpcSecurityGroupIds", _each("VpcSecurityGroups", "VpcSecurityGroupId")),
    ("parameter group", "DBParameterGroupName", _first("DBParameterGroups", "DBParameterGroupName")),
    ("option group", "OptionGroupName", _first("OptionGroupMemberships", "OptionGroupName")),
    ("instance class", "DBInstanceClass", _member("DBInstanceClass")),
    ("Multi-AZ", "MultiAZ", _member("MultiAZ", default=False)),
    ("public access", "PubliclyAccessible", _member("PubliclyAccessible", default=False)),
    ("storage type", "StorageType", _member("StorageType")),
    ("IOPS", "Iops", _member("Iops", default=0)),
    ("storage throughput", "StorageThroughput", _member("StorageThroughput", default=0)),
    ("storage limit", "MaxAllocatedStorage", _member("MaxAllocatedStorage", default=0)),
    ("encryption", "", _member("StorageEncrypted", default=False)),
    ("KMS key", "", _member("KmsKeyId")),
    ("deletion protection", "DeletionProtection", _member("DeletionProtection", default=False)),
    ("IAM authentication", "EnableIAMDatabaseAuthentication", _member("IAMDatabaseAuthenticationEnabled", default=False)),
    ("exported logs", "EnableCloudwatchLogsExports", lambda d: tuple(sorted(d.get("EnabledCloudwatchLogsExports") or ()))),
    ("certificate authority", "CACertificateIdentifier", _member("CACertificateIdentifier")),
    ("backup retention", "BackupRetentionPeriod", _member("BackupRetentionPeriod", default=0)),
    ("minor upgrades", "AutoMinorVersionUpgrade", _member("AutoMinorVersionUpgrade", default=False)),
    ("tags in snapshots", "CopyTagsToSnapshot", _member("CopyTagsToSnapshot", default=False)),
)  # fmt: skip
_TAGS: Final = "tags"
_BASELINE: Final = frozenset({("IOPS", 3000), ("storage throughput", 125)})
"""What each gp3 volume has by itself; RDS refuses to be asked for it where the storage is small (User Guide, "gp3 storage")."""
_EMPTY_TOO: Final = frozenset({"Multi-AZ", "public access", "deletion protection", "minor upgrades"})
"""What RDS would otherwise choose by itself, so that "no" has to be said, too."""


def settings(described: DBInstanceTypeDef) -> tuple[Setting, ...]:
    """The settings of an instance, as DescribeDBInstances tells them."""
    found: Mapping[str, Any] = dict(described)
    tags = tuple(
        sorted(
            f"{each['Key']}={each.get('Value', '')}"
            for each in found.get("TagList") or ()
            if each["Key"] not in {SOURCE_TAG, POINT_TAG} and not each["Key"].startswith("aws:")
        )
    )
    return (*(Setting(word, name, read(found)) for word, name, read in _READ), Setting(_TAGS, "", tags))


def given(old: Instance, point: Point) -> dict[str, Any]:
    """The parameters that a restore is called with, so that the new instance is like the old one.

    Groups that are RDS's own are left out, as is a volume's baseline: that is what it gives by itself.
    """
    wanted: dict[str, Any] = {
        each.parameter: list(each.value) if isinstance(each.value, tuple) else each.value
        for each in old.settings
        if each.parameter and (each.value or each.word in _EMPTY_TOO) and not _own(each)
    }
    tags = {key: value for key, value in old.tags.items() if not key.startswith("aws:")}
    tags |= {SOURCE_TAG: old.name, POINT_TAG: point.mark}
    wanted["Tags"] = [{"Key": key, "Value": value} for key, value in tags.items()]
    if old.port:
        wanted["Port"] = old.port
    return wanted


def differences(old: Instance, new: Instance) -> tuple[Difference, ...]:
    """What the new instance has otherwise than the old one."""
    has = {each.word: each for each in new.settings}
    return tuple(
        Difference(each, has[each.word]) for each in old.settings if each.value != has[each.word].value
    )


def lost(described: DBInstanceTypeDef) -> tuple[str, ...]:
    """What an instance has that a restore neither takes over nor can be given."""
    found: Mapping[str, Any] = dict(described)
    known = (
        ("enhanced monitoring", found.get("MonitoringInterval")),
        ("Performance Insights", found.get("PerformanceInsightsEnabled")),
        ("IAM roles", found.get("AssociatedRoles")),
        ("read replicas", found.get("ReadReplicaDBInstanceIdentifiers")),
        ("a master password that RDS manages", found.get("MasterUserSecret")),
    )
    return tuple(word for word, there in known if there)


def _own(setting: Setting) -> bool:
    return (setting.word, setting.value) in _BASELINE or (
        isinstance(setting.value, str) and setting.value.startswith(_DEFAULTS)
    )
