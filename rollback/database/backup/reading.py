"""Reading instances, snapshots and what they can be restored to from RDS."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rollback.database.backup.model import Instance, Snapshot, Window
from rollback.database.backup.settings import lost, settings
from rollback.errors import AwsError

if TYPE_CHECKING:
    from rollback.access import Access

_NO_INSTANCE: Final = frozenset({"DBInstanceNotFound", "DBInstanceNotFoundFault"})
_NO_BACKUP: Final = frozenset(
    {"DBInstanceAutomatedBackupNotFound", "DBInstanceAutomatedBackupNotFoundFault", *_NO_INSTANCE}
)
_NO_SNAPSHOT: Final = frozenset({"DBSnapshotNotFound", "DBSnapshotNotFoundFault"})


def instance(access: Access, name: str) -> Instance | None:
    """The instance of that identifier; None where there is none.

    Raises:
        AwsError: AWS doesn't say.
    """
    try:
        answer = access.aws.rds.describe_db_instances(DBInstanceIdentifier=name)
    except AwsError as error:
        if error.code in _NO_INSTANCE:
            return None
        raise
    return next((Instance.of(each, settings(each), lost(each)) for each in answer["DBInstances"]), None)


def at_host(access: Access, host: str) -> str:
    """The identifier of the instance whose endpoint that is; empty where it is none of this account's.

    Raises:
        AwsError: AWS doesn't say.
    """
    pages = access.aws.rds.get_paginator("describe_db_instances").paginate()
    for page in pages:
        for each in page["DBInstances"]:
            if each.get("Endpoint", {}).get("Address", "").lower() == host.lower():
                return str(each["DBInstanceIdentifier"])
    return ""


def snapshot(access: Access, name: str) -> Snapshot | None:
    """The snapshot of that identifier or ARN; None where there is none.

    Raises:
        AwsError: AWS doesn't say.
    """
    try:
        answer = access.aws.rds.describe_db_snapshots(DBSnapshotIdentifier=name)
    except AwsError as error:
        if error.code in _NO_SNAPSHOT:
            return None
        raise
    return next((Snapshot.of(each) for each in answer["DBSnapshots"]), None)


def window(access: Access, of: Instance) -> Window:
    """What an instance can be restored to.

    Amazon RDS API reference: ``LatestRestorableTime`` of the instance, and ``RestoreWindow`` of its automated backup.

    Raises:
        AwsError: AWS doesn't say.
    """
    try:
        answer = access.aws.rds.describe_db_instance_automated_backups(DBInstanceIdentifier=of.name)
    except AwsError as error:
        if error.code in _NO_BACKUP:
            return Window(None, None)
        raise
    for each in answer["DBInstanceAutomatedBackups"]:
        found = each.get("RestoreWindow", {})
        return Window(found.get("EarliestTime"), of.latest or found.get("LatestTime"))
    return Window(None, of.latest)
