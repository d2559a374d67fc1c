"""RDS instances, snapshots and points in time as a restore sees them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Self

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from mypy_boto3_rds.type_defs import DBInstanceTypeDef, DBSnapshotTypeDef

    from rollback.database.backup.settings import Setting

AVAILABLE: Final = "available"
SOURCE_TAG: Final = "rollback:restored-from"
"""The tag by which an instance is known as restored by us: of which instance."""
POINT_TAG: Final = "rollback:restored-to"
"""The tag that says which moment or snapshot it holds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """What somebody has confirmed to lose.

    Attributes:
        since: all that was written from this moment on, aware; it may not be later than the point.
        rows: how many rows may be missing; None while nobody has said.
        uncounted: whether the restore may go on where the rows can't be counted.
    """

    since: datetime
    rows: int | None = None
    uncounted: bool = False

    def covers(self, missing: int) -> bool:
        """Whether so many rows may be missing."""
        return missing <= (self.rows or 0)


@dataclass(frozen=True, slots=True)
class Point:
    """What the database is restored to.

    Attributes:
        at: the last moment whose writes it holds, UTC, in whole seconds.
        snapshot: the identifier of the snapshot; empty for a point in time.
    """

    at: datetime
    snapshot: str = ""

    @property
    def mark(self) -> str:
        """What an instance that holds it is tagged with."""
        return self.snapshot or f"{self.at:%Y-%m-%dT%H:%M:%SZ}"

    def __str__(self) -> str:
        of = f"the snapshot {self.snapshot} of " if self.snapshot else ""
        return f"{of}{self.at:%Y-%m-%d %H:%M:%S} UTC"


@dataclass(frozen=True, slots=True, kw_only=True)
class Instance:
    """An RDS instance.

    Attributes:
        name: its identifier.
        status: as ``available``, ``creating``, ``incompatible-restore``.
        engine: as ``postgres``.
        host: of its endpoint; empty while it has none.
        port: of its endpoint; 0 while it has none.
        latest: the latest moment that it can be restored to, UTC; None without backups.
        settings: its class, groups and all else that a restored one has to have like it.
        tags: what it is tagged with.
        cluster: the Aurora cluster that it belongs to; empty where it belongs to none.
        lost: what it has that a restored one will not have, in words.
    """

    name: str
    status: str
    engine: str
    host: str
    port: int
    latest: datetime | None
    settings: tuple[Setting, ...]
    tags: Mapping[str, str]
    cluster: str = ""
    lost: tuple[str, ...] = ()

    @property
    def available(self) -> bool:
        """Whether it can be worked with."""
        return self.status == AVAILABLE

    @property
    def restored_to(self) -> tuple[str, str]:
        """Of which instance and to which point it was restored by us; empty where it was not."""
        return self.tags.get(SOURCE_TAG, ""), self.tags.get(POINT_TAG, "")

    @classmethod
    def of(
        cls, described: DBInstanceTypeDef, settings: tuple[Setting, ...], lost: tuple[str, ...] = ()
    ) -> Self:
        """Read it from a DescribeDBInstances answer."""
        endpoint = described.get("Endpoint", {})
        return cls(
            name=described["DBInstanceIdentifier"],
            status=described.get("DBInstanceStatus", ""),
            engine=described.get("Engine", ""),
            host=endpoint.get("Address", ""),
            port=endpoint.get("Port", 0),
            latest=described.get("LatestRestorableTime"),
            settings=settings,
            tags={
                each["Key"]: each.get("Value", "") for each in described.get("TagList", ()) if "Key" in each
            },
            cluster=described.get("DBClusterIdentifier", ""),
            lost=lost,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """A snapshot of an RDS instance.

    Attributes:
        name: its identifier.
        instance: that of the instance it is of.
        status: as ``available`` or ``creating``.
        at: the last moment whose writes it holds, UTC; None where RDS doesn't say yet.
        percent: how much of it has been made.
    """

    name: str
    instance: str
    status: str
    at: datetime | None
    percent: int

    @classmethod
    def of(cls, described: DBSnapshotTypeDef) -> Self:
        """Read it from a DescribeDBSnapshots answer."""
        return cls(
            name=described["DBSnapshotIdentifier"],
            instance=described.get("DBInstanceIdentifier", ""),
            status=described.get("Status", ""),
            at=described.get("SnapshotDatabaseTime") or described.get("SnapshotCreateTime"),
            percent=described.get("PercentProgress", 0),
        )


@dataclass(frozen=True, slots=True)
class Window:
    """What an instance can be restored to: from `earliest` to `latest`, UTC; None where RDS doesn't say."""

    earliest: datetime | None
    latest: datetime | None
