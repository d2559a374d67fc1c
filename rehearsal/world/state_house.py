"""Where the infrastructure's Terraform state is kept: its bucket, its history, its locks, and what happens to them.

How to use it, in a test that has a stage and a world::

    world.state.open()                   # bucket, seven versions of the state, lock table if the environment has one
    stage.let_terraform_in()             # from now on terraform, started by access.processes, reaches the stage
    program = find(environment, stage.access())
    program.run(access.processes, "plan", ...)   # in a checkout of `world.state.files`: "No changes"

The newest version is of `files` as they are, and is what is true in AWS. Nothing of it is made before `open`.
"""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from moto.s3.models import FakeDeleteMarker, s3_backends
from moto.utilities.utils import get_partition

from rehearsal.origin.terraform_files import terraform_files, top
from rehearsal.world.lock_table import LockTable
from rehearsal.world.state_texts import Spoilt, addresses_in, lock_info, lock_uuid, serial_of, spoilt

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from rehearsal.blueprint import Blueprint
    from rehearsal.clock import VirtualClock
    from rehearsal.world.clients import Clients
    from rollback.environment import Environment

__all__ = ["KeptVersion", "LockKind", "Spoilt", "StateHouse"]

LOCK_SUFFIX: Final = ".tflock"
"""What Terraform adds to the state's key to name its lock file."""
DIGEST_SUFFIX: Final = "-md5"
"""What it adds to the LockID of the state's digest."""
_APPLIED: Final = (13.6, 13.5, 11.2, 8.4, 8.1, 6.3, 4.5)
"""How many days ago each apply was."""
_HELD: Final = timedelta(seconds=40)
"""How long each of them held the lock."""


class LockKind(StrEnum):
    """Where a lock is held."""

    FILE = "file"
    TABLE = "table"
    BOTH = "both"


@dataclass(frozen=True, slots=True)
class KeptVersion:
    """A version of the state's object.

    Attributes:
        id: its version id.
        at: when it was written, UTC.
        size: its bytes; 0 for a delete marker.
        marker: whether it is a delete marker.
        serial: the state's; None where it can't be read.
    """

    id: str
    at: datetime
    size: int
    marker: bool
    serial: int | None


class StateHouse:
    """The state of the stage's environment, in the team's hands.

    Nothing here takes time, is journaled or meets a fault.

    Args:
        environment: whose state it is.
        blueprint: how its service is built.
        clients: the team's.
        clock: the stage's.
        applied: says what makes the texts of the repository's files of the last apply; None where there is no
            repository, or none with Terraform in it.
        history: makes the states that the applies until today have left, oldest first, of the texts of the files.

    Attributes:
        is_open: whether `open` was called.
    """

    def __init__(
        self,
        environment: Environment,
        blueprint: Blueprint,
        clients: Clients,
        clock: VirtualClock,
        *,
        applied: Callable[[], Callable[[], Mapping[str, str]] | None],
        history: Callable[[Mapping[str, str]], tuple[bytes, ...]],
    ) -> None:
        self._environment = environment
        self._clients = clients
        self._table = LockTable(clients, environment.terraform.lock_table)
        self._clock = clock
        self._blueprint = blueprint
        self._applied = applied
        self._history = history
        self.is_open = False

    # What is there.

    def files(self) -> Mapping[str, str]:
        """The texts of the infrastructure's files, by path, to which the newest state of the opening belongs."""
        source = self._applied()
        below, root = top(self._environment), self._environment.terraform_directory + "/"
        found = {path: text for path, text in (source() if source else {}).items() if path.startswith(below)}
        if any(path.startswith(root) and path.endswith(".tf") for path in found):
            return found
        return terraform_files(self._environment, self._blueprint)

    @property
    def exists(self) -> bool:
        """Whether there is a bucket."""
        return self._environment.state_bucket in self._s3.buckets

    @property
    def lock_key(self) -> str:
        """The key of the lock file."""
        return self._environment.state_key + LOCK_SUFFIX

    @property
    def lock_id(self) -> str:
        """What the lock table calls the state."""
        return f"{self._environment.state_bucket}/{self._environment.state_key}"

    @property
    def versions(self) -> tuple[KeptVersion, ...]:
        """The versions of exactly the state's key, newest first."""
        return tuple(self._kept(each) for each in reversed(self._objects(self._environment.state_key)))

    def version(self, serial: int) -> KeptVersion:
        """The newest version of that serial."""
        return next(version for version in self.versions if version.serial == serial)

    def content(self, version: str | None = None) -> bytes:
        """The bytes of a version, by default of the newest.

        Raises:
            LookupError: there is none, or it is a delete marker.
        """
        for each in reversed(self._objects(self._environment.state_key)):
            if version in {None, each.version_id}:
                if isinstance(each, FakeDeleteMarker):
                    break
                return bytes(each.value)
        raise LookupError(f"The state has no content: {version or 'newest'}")

    def current(self) -> dict[str, Any]:
        """The newest state."""
        found: dict[str, Any] = json.loads(self.content())
        return found

    def addresses(self, version: str | None = None) -> tuple[str, ...]:
        """The addresses of the managed resource instances of a version, sorted."""
        return addresses_in(json.loads(self.content(version)))

    @property
    def lock(self) -> dict[str, Any] | None:
        """What the lock file says; None where there is none."""
        kept = self._objects(self.lock_key)
        if not kept or isinstance(kept[-1], FakeDeleteMarker):
            return None
        found: dict[str, Any] = json.loads(kept[-1].value)
        return found

    @property
    def table_lock(self) -> dict[str, Any] | None:
        """What the lock table says of who holds it; None where nobody does, or there is no table."""
        text = self._table.item(self.lock_id).get("Info", "")
        found: dict[str, Any] | None = json.loads(text) if text else None
        return found

    @property
    def digest(self) -> str | None:
        """The digest in the lock table; None where there is none."""
        return self._table.item(self.lock_id + DIGEST_SUFFIX).get("Digest")

    # Making it.

    def open(self) -> StateHouse:
        """Make bucket, versions and table, as the applies until today have left them. Again it does nothing.

        Raises:
            rehearsal.world.state_history.BrokenStack: Terraform refuses to apply the files.
        """
        if self.is_open:
            return self
        history = self._history(self.files())
        self._make_bucket()
        for serial, (days, state) in enumerate(zip(_APPLIED, history, strict=True), start=1):
            at = self._clock.now() - timedelta(days=days)
            self._write(self.lock_key, lock_info(self._environment, number=serial, at=at), at=at)
            self._write(self._environment.state_key, state, at=at + _HELD - timedelta(seconds=1))
            self._remove(self.lock_key, at=at + _HELD)
        if self._environment.terraform.lock_table:
            self._table.make()
            self.set_digest(_md5(self.content()))
        self._keep_logs_as_long_as_the_state_says()
        self.is_open = True
        return self

    def require_past(self) -> None:
        """See that the versions are of the days that `open` says: a bucket that dates them itself has none of last week."""

    # What happens to it.

    def put(self, content: bytes, *, digest: bool = True) -> str:
        """Write a new version past all locks, as ``aws s3 cp`` does; returns its id.

        Args:
            content: the bytes.
            digest: whether the table's digest follows, where there is a table.
        """
        written = self._write(self._environment.state_key, content)
        if digest and self._environment.terraform.lock_table:
            self.set_digest(_md5(content))
        return written

    def put_state(self, state: Mapping[str, Any], *, digest: bool = True) -> str:
        """Write a state as Terraform writes it; returns the version's id."""
        return self.put(json.dumps(state, indent=2).encode() + b"\n", digest=digest)

    def spoil(self, how: Spoilt, *, digest: bool = False) -> str:
        """Write a spoilt copy of the newest state over it; returns the version's id."""
        return self.put(spoilt(self.content(), how), digest=digest)

    def delete(self) -> str:
        """Delete the object, which leaves a delete marker where versioning is on; returns the marker's id."""
        return self._remove(self._environment.state_key)

    def expire(self, version: str) -> None:
        """Delete one version for good, as a lifecycle rule does."""
        self._s3.delete_object(self._environment.state_bucket, self._environment.state_key, version)

    def suspend_versioning(self) -> None:
        """Suspend the versioning of the bucket."""
        self._s3.put_bucket_versioning(self._environment.state_bucket, "Suspended")

    def never_version(self) -> None:
        """Have the bucket as one that never was versioned: there is the newest object alone."""
        bucket = self._s3.get_bucket(self._environment.state_bucket)
        content = self.content()
        bucket.versioning_status = None
        bucket.keys.setlist(self._environment.state_key, [])
        bucket.keys.setlist(self.lock_key, [])
        bucket.keys.pop(self.lock_key)
        self._write(self._environment.state_key, content)

    def delete_bucket(self) -> None:
        """Delete the bucket with all that is in it."""
        self._s3.get_bucket(self._environment.state_bucket).keys.clear()
        self._s3.delete_bucket(self._environment.state_bucket)

    def belong_to(self, account: str) -> None:
        """Have the bucket be another account's, whose policy lets everybody in: as it is, with all that is in it."""
        self._s3.get_bucket(self._environment.state_bucket).account_id = account

    def hold_lock(
        self,
        by: str = "ada@runner-7",
        *,
        kind: LockKind | None = None,
        seconds_ago: float = 60.0,
        operation: str = "OperationTypeApply",
        number: int = 100,
        info: str = "",
    ) -> str:
        """Have somebody hold the lock; returns its id.

        Args:
            by: who, as ``user@host``.
            kind: where; by default everywhere that the environment's backend locks.
            seconds_ago: since when.
            operation: as Terraform calls it.
            number: from which the id is made.
            info: what Terraform has to say beside it.
        """
        has_table = bool(self._environment.terraform.lock_table)
        kind = kind or (LockKind.BOTH if has_table else LockKind.FILE)
        at = self._clock.now() - timedelta(seconds=seconds_ago)
        content = lock_info(self._environment, number=number, at=at, by=by, operation=operation, info=info)
        if kind is not LockKind.TABLE:
            self._write(self.lock_key, content, at=at)
        if kind is not LockKind.FILE:
            self._table.put_item(self.lock_id, Info=content.decode())
        return lock_uuid(number)

    def let_go(self) -> None:
        """Take away the lock, whoever holds it."""
        if self.lock is not None:
            self._remove(self.lock_key)
        self._table.delete_item(self.lock_id)

    def set_digest(self, digest: str) -> None:
        """Write the digest into the lock table."""
        self._table.put_item(self.lock_id + DIGEST_SUFFIX, Digest=digest)

    def spoil_digest(self) -> None:
        """Have the lock table hold the digest of another state, as where the write of the right one was lost."""
        self.set_digest(_md5(b"another state"))

    # How.

    @property
    def _s3(self) -> Any:
        return s3_backends[self._environment.account][get_partition(self._environment.region)]

    def _make_bucket(self) -> None:
        name, region = self._environment.state_bucket, self._environment.region
        self._s3.create_bucket(name, region)
        self._s3.put_bucket_versioning(name, "Enabled")

    def _keep_logs_as_long_as_the_state_says(self) -> None:
        """All else that the built-in stack says is true since the foundation was laid.

        A log group that somebody has deleted by now is drift, as it would be in AWS.
        """
        for resource in self.current()["resources"]:
            if (resource["type"], resource["name"]) == ("terraform_data", "log_group"):
                says = resource["instances"][0]["attributes"]["triggers_replace"]["value"]
                with suppress(self._clients.logs.exceptions.ResourceNotFoundException):
                    self._clients.logs.put_retention_policy(
                        logGroupName=says["name"], retentionInDays=says["retention_in_days"]
                    )

    def _objects(self, key: str) -> list[Any]:
        """The versions and delete markers of a key, oldest first."""
        found: list[Any] = self._s3.get_bucket(self._environment.state_bucket).keys.getlist(key, [])
        return found

    def _kept(self, kept: Any) -> KeptVersion:
        at = kept.last_modified.replace(tzinfo=UTC)
        if isinstance(kept, FakeDeleteMarker):
            return KeptVersion(kept.version_id, at, 0, marker=True, serial=None)
        content = bytes(kept.value)
        return KeptVersion(kept.version_id, at, len(content), marker=False, serial=serial_of(content))

    def _write(self, key: str, content: bytes, *, at: datetime | None = None) -> str:
        with self._clock.lock:
            kept = self._s3.put_object(self._environment.state_bucket, key, content)
            if at is not None:
                kept.last_modified = at.replace(tzinfo=None)
            return str(kept.version_id)

    def _remove(self, key: str, *, at: datetime | None = None) -> str:
        with self._clock.lock:
            _, said = self._s3.delete_object(self._environment.state_bucket, key)
            if at is not None:
                self._objects(key)[-1].last_modified = at.replace(tzinfo=None)
            return str(said.get("version-id", ""))


def _md5(content: bytes) -> str:
    return hashlib.md5(content, usedforsecurity=False).hexdigest()
