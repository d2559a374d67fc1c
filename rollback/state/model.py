"""What is known of a state and of its versions: numbers and addresses, never a value."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from rollback.errors import RollbackError

if TYPE_CHECKING:
    from datetime import datetime


class Damage(StrEnum):
    """Why what is stored can't be taken for a state; each ends the sentence "it ..."."""

    EMPTY = "is empty"
    NOT_JSON = "is not JSON"
    TRUNCATED = "breaks off"
    NOT_A_STATE = "is JSON, but not a state of Terraform"
    OLDER_FORMAT = "has a format from before Terraform 0.12"
    NEWER_FORMAT = "has a newer format than is known here"
    ENCRYPTED = "is encrypted by OpenTofu"


class Unparsable(RollbackError):
    """What is stored can't be taken for a state.

    Attributes:
        damage: why not.
    """

    def __init__(self, damage: Damage) -> None:
        super().__init__(f"It can't be read as a state: it {damage}.", remedy="Choose another version.")
        self.damage = damage


@dataclass(frozen=True, slots=True)
class StateFile:
    """What a state says of itself, without the value of anything.

    Attributes:
        version: of the format; 4.
        terraform_version: that of the Terraform that wrote it.
        serial: counts its changes.
        lineage: the same for all states that came from one another.
        addresses: the managed resource instances, each once, sorted.
        data_sources: how many instances of data sources it holds besides.
        deposed: how many objects that a replacement has not yet destroyed.
    """

    version: int
    terraform_version: str
    serial: int
    lineage: str
    addresses: tuple[str, ...]
    data_sources: int
    deposed: int

    @property
    def resources(self) -> int:
        """How many managed resource instances there are."""
        return len(self.addresses)


@dataclass(frozen=True, slots=True)
class StateHead:
    """What stands at the beginning of a state.

    Attributes:
        terraform_version: that of the Terraform that wrote it.
        serial: counts its changes.
        lineage: the same for all states that came from one another.
    """

    terraform_version: str
    serial: int
    lineage: str


@dataclass(frozen=True, slots=True)
class StoredVersion:
    """One version of the state's object, as S3 lists it.

    Attributes:
        id: S3's version id; ``null`` for what was stored without versioning.
        at: when it was stored, in UTC, to the second.
        size: in bytes; 0 for a delete marker.
        etag: as S3 gives it, with its quotes; empty for a delete marker.
        latest: whether it is the current one.
        delete_marker: whether it says that there is nothing.
    """

    id: str
    at: datetime
    size: int
    etag: str
    latest: bool
    delete_marker: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One version in the list, with what was read of it.

    Attributes:
        version: as S3 lists it.
        head: what stands at its beginning, also of one that breaks off; None where that can't be read.
        resources: how many managed resource instances; None where only its two ends were read.
        data_sources: how many instances of data sources, likewise.
        deposed: how many objects wait to be destroyed, likewise.
        damage: why it is no state, if it is none.
        trouble: the sentence that says why it couldn't be fetched, or nothing.
        compared_with: the id of the nearest older version that it was compared with, or nothing.
        added: the addresses that the one before hadn't, sorted.
        removed: the addresses that only the one before had, sorted.
    """

    version: StoredVersion
    head: StateHead | None = None
    resources: int | None = None
    data_sources: int | None = None
    deposed: int | None = None
    damage: Damage | None = None
    trouble: str = ""
    compared_with: str = ""
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()

    @property
    def readable(self) -> bool:
        """Whether it is a state as far as was read."""
        return self.head is not None and self.damage is None


@dataclass(frozen=True, slots=True)
class Listing:
    """The versions of one state.

    Attributes:
        bucket: where they are.
        key: which object they are versions of.
        rows: newest first.
    """

    bucket: str
    key: str
    rows: tuple[Row, ...]

    @property
    def current(self) -> Row | None:
        """The one that Terraform sees; None where there was never one."""
        return next((row for row in self.rows if row.version.latest), None)
