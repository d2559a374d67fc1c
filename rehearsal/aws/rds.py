"""RDS that takes its time, gives a restored instance its own default groups, and really restores what was in it.

Sources: Amazon RDS API reference, ``RestoreDBInstanceToPointInTime`` and ``RestoreDBInstanceFromDBSnapshot`` (the default security
group, subnet group and parameter group; Single-AZ; no deletion protection, where nothing else is asked for); RDS User Guide,
"Restoring a DB instance to a specified time" (the latest restorable time is usually within the last five minutes) and "Viewing
DB instance status" (creating, backing-up, available; incompatible-restore and others, which don't end by themselves).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, Protocol

import moto.rds.models as rds
from moto.core.utils import utcnow
from moto.rds.exceptions import DBInstanceAlreadyExists, RDSClientError

from rehearsal.aws import timeline
from rehearsal.aws.pace import Span

if TYPE_CHECKING:
    from collections.abc import Mapping

CREATING: Final = Span(200.0, 320.0)
"""How long a new instance is being created, in seconds."""
BACKING_UP: Final = Span(40.0, 90.0)
SNAPSHOT: Final = Span(240.0, 360.0)
"""How long a snapshot is being made."""
BEHIND: Final = 300
"""The latest restorable time is a multiple of so many seconds."""
ENDPOINT: Final = "c9akciq32rgd"
"""The part of all endpoints of an account and region that RDS has made up."""

_MODELS: Final[Any] = rds
_Instance: Any = rds.DBInstance
_Snapshot: Any = rds.DBSnapshot
_Backend: Any = rds.RDSBackend
_TAKEN_OVER: Final = (
    "db_instance_class",
    "engine",
    "engine_version",
    "port",
    "allocated_storage",
    "backup_retention_period",
    "db_name",
    "master_username",
    "license_model",
    "storage_type",
    "storage_encrypted",
    "kms_key_id",
    "preferred_backup_window",
    "preferred_maintenance_window",
    "auto_minor_version_upgrade",
)
"""What a restored instance has of the old one by itself."""
_NOT_OF_THE_INSTANCE: Final = frozenset(
    {
        "source_db_instance_identifier",
        "target_db_instance_identifier",
        "db_snapshot_identifier",
        "restore_time",
        "use_latest_restorable_time",
    }
)


class Keeper(Protocol):
    """What keeps what is in the instances."""

    def available(self, restored: Restored, host: str) -> None:
        """A restored instance can be used at `host` from now on."""
        ...


@dataclass(frozen=True, slots=True)
class Restored:
    """What an instance was made of: of which one, as it was when (UTC)."""

    source: str
    at: datetime


class LivingInstance(_Instance):  # type: ignore[misc]
    """An instance whose status the clock changes.

    Attributes:
        restored: what it was made of; None where it was made empty.
        ends: the status in which its creation ends.
    """

    status: str
    db_instance_identifier: str
    backup_retention_period: int

    def __init__(self, backend: Any, *args: Any, **kwargs: Any) -> None:
        self.restored: Restored | None = kwargs.pop("restored", None)
        self.ends: str = kwargs.pop("ends", "available")
        super().__init__(backend, *args, **kwargs)
        self.status = "creating"
        self.dbi_resource_id = f"db-{timeline.current().uuid('rds.resource').replace('-', '').upper()[:26]}"
        self._pass("rds.creating", backend.creating, "backing-up" if self.ends == "available" else self.ends)

    @property
    def address(self) -> str:
        """Its host, which all instances of the region have in common but for their names."""
        return f"{self.db_instance_identifier}.{ENDPOINT}.{self.region}.rds.amazonaws.com"

    @property
    def endpoint(self) -> dict[str, Any] | None:
        """Where it is; nowhere while it is being created."""
        return (
            None
            if self.status in {"creating", self._broken}
            else {"Address": self.address, "Port": self.port}
        )

    @property
    def latest_restorable_time(self) -> datetime | None:
        """The latest moment that it can be restored to, a few minutes ago."""
        now = timeline.current().now()
        latest = datetime.fromtimestamp(now.timestamp() // BEHIND * BEHIND, UTC)
        return _naive(latest) if self.backup_retention_period and latest >= self.first_backup else None

    @property
    def first_backup(self) -> datetime:
        """Since when it keeps backups."""
        kept = timeline.current().now() - timedelta(days=self.backup_retention_period)
        created: datetime = self.created
        return max(created.replace(tzinfo=UTC), kept)

    def save_automated_backup(self) -> None:
        """Its backups are kept by time, and not one by one."""

    @property
    def _broken(self) -> str:
        return self.ends if self.ends != "available" else ""

    def _pass(self, name: str, span: Span, status: str) -> None:
        now = timeline.current()

        def change() -> None:
            if self.backend.databases.get(self.db_instance_identifier) is not self:
                return  # it was deleted
            self.status = status
            if status == "backing-up":
                self._pass("rds.backing-up", BACKING_UP, "available")
            elif status == "available" and self.restored and self.backend.keeper:
                self.backend.keeper.available(self.restored, self.address)

        now.after(now.draw(name, span), change)


class LivingSnapshot(_Snapshot):  # type: ignore[misc]
    """A snapshot that takes its time.

    Attributes:
        at: the moment that it holds.
    """

    status: str

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        now = timeline.current()
        self.at = now.now()
        self._began, self._takes = now.moment(), now.draw("rds.snapshot", SNAPSHOT)
        self.status = "creating"
        now.after(self._takes, self._finish)

    @property
    def percent_progress(self) -> int:
        """How much of it is there."""
        done = (timeline.current().moment() - self._began) / self._takes
        return min(100, int(100 * done))

    def _finish(self) -> None:
        self.status = "available"


class LivingRdsBackend(_Backend):  # type: ignore[misc]
    """moto's RDS, living by the clock.

    Attributes:
        keeper: what keeps what is in the instances; None where nobody does.
        creating: how long a new instance is being created.
        next_ends: the status in which the next restore ends, if it is not ``available``.
    """

    databases: dict[str, LivingInstance]

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.keeper: Keeper | None = None
        self.creating = CREATING
        self.next_ends = ""

    @property
    def _url_module(self) -> Any:
        from moto.rds import urls  # noqa: PLC0415 - as moto finds it

        return urls

    def describe_db_instance_automated_backups(
        self, db_instance_identifier: str | None = None, **_: Any
    ) -> list[dict[str, Any]]:
        """The automated backups of the instances that keep some, with what they can be restored to."""
        return [
            {
                "DBInstanceIdentifier": each.db_instance_identifier,
                "Status": "active",
                "RestoreWindow": {
                    "EarliestTime": _naive(each.first_backup),
                    "LatestTime": each.latest_restorable_time,
                },
            }
            for each in self.databases.values()
            if db_instance_identifier in {None, each.db_instance_identifier} and each.latest_restorable_time
        ]

    def restore_db_instance_to_point_in_time(
        self, source_db_identifier: str, target_db_identifier: str, overrides: Mapping[str, Any]
    ) -> LivingInstance:
        """Make a new instance that holds what the source held at a moment."""
        source: LivingInstance = self.describe_db_instances(source_db_identifier)[0]
        if source.status != "available":
            raise _InvalidState(
                "InvalidDBInstanceState", f"Instance {source_db_identifier} is not available."
            )
        at: datetime = overrides["restore_time"]
        at = at if at.tzinfo else at.replace(tzinfo=UTC)
        latest = source.latest_restorable_time
        if latest is None or not source.first_backup <= at <= latest.replace(tzinfo=UTC):
            raise _InvalidState(
                "InvalidRestoreFault", "The specified instance cannot be restored to this time."
            )
        return self._restored(source, target_db_identifier, overrides, at)

    def restore_db_instance_from_db_snapshot(
        self, from_snapshot_id: str, overrides: Mapping[str, Any]
    ) -> LivingInstance:
        """Make a new instance that holds what a snapshot holds."""
        snapshot: Any = self.describe_db_snapshots(None, from_snapshot_id)[0]
        if snapshot.status != "available":
            raise _InvalidState(
                "InvalidDBSnapshotState", f"Snapshot {from_snapshot_id} is {snapshot.status}."
            )
        source = self.databases.get(snapshot.db_instance_identifier) or snapshot.database
        return self._restored(source, overrides["db_instance_identifier"], overrides, snapshot.at)

    def _restored(
        self, source: LivingInstance, name: str, overrides: Mapping[str, Any], at: datetime
    ) -> LivingInstance:
        if name in self.databases:
            raise DBInstanceAlreadyExists
        wanted: dict[str, Any] = {key: getattr(source, key) for key in _TAKEN_OVER}
        wanted |= {key: value for key, value in overrides.items() if key not in _NOT_OF_THE_INSTANCE}
        wanted["db_instance_identifier"] = name
        wanted["restored"] = Restored(source.db_instance_identifier, at)
        if self.next_ends:
            wanted["ends"], self.next_ends = self.next_ends, ""
        made: LivingInstance = self.create_db_instance(wanted)
        return made


class _InvalidState(RDSClientError):
    """What RDS says to what can't be done now."""


def rds_backend(account: str, region: str) -> LivingRdsBackend:
    """The living RDS of an account and region."""
    backends: Any = rds.rds_backends
    backend: LivingRdsBackend = backends[account][region]
    return backend


def attach() -> None:
    """Put the living RDS in the place of moto's, with nothing in it; `detach` takes it out again."""
    backends: Any = rds.rds_backends
    _MODELS.DBInstance = LivingInstance
    _MODELS.DBSnapshot = LivingSnapshot
    _MODELS.utcnow = _now
    if backends.backend is not LivingRdsBackend:
        backends.backend = LivingRdsBackend
        backends.clear()


def detach() -> None:
    """Put moto's own RDS back."""
    backends: Any = rds.rds_backends
    _MODELS.DBInstance = _Instance
    _MODELS.DBSnapshot = _Snapshot
    _MODELS.utcnow = utcnow
    backends.backend = _Backend
    backends.clear()


def _now() -> datetime:
    return _naive(timeline.current().now())


def _naive(moment: datetime) -> datetime:
    """Moto's times have no time zone and are UTC."""
    return moment.replace(tzinfo=None)
