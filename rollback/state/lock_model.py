"""A lock of the state, as Terraform writes it down and as a person should be told of it."""

from __future__ import annotations

import getpass
import json
import socket
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Final
from uuid import uuid4

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from rollback._text import quoted
from rollback.clock import spoken
from rollback.errors import RollbackError
from rollback.state.places import lock_path

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rollback.access import Access
    from rollback.environment import Environment

_MOMENT: Final = TypeAdapter(AwareDatetime)


class LockKind(StrEnum):
    """Where a lock is."""

    FILE = "lock file"
    TABLE = "lock table"


@dataclass(frozen=True, slots=True)
class LockInfo:
    """A lock to be taken, as Terraform writes it down.

    Attributes:
        id: by which it is released.
        operation: what it is held for.
        info: what a person should know besides.
        who: ``user@host``.
        version: of the Terraform that takes it.
        created: when, in UTC.
        path: what the backend calls the state.
    """

    id: str
    operation: str
    info: str
    who: str
    version: str
    created: datetime
    path: str

    @classmethod
    def new(
        cls, environment: Environment, access: Access, *, operation: str, info: str = "", version: str = ""
    ) -> LockInfo:
        """A lock of our own, with an id that nobody else has."""
        return cls(
            id=str(uuid4()),
            operation=operation,
            info=info,
            who=_who(),
            version=version,
            created=access.clock.now(),
            path=lock_path(environment),
        )

    def as_json(self) -> str:
        """As it stands in the lock file and in the table."""
        return json.dumps(
            {
                "ID": self.id,
                "Operation": self.operation,
                "Info": self.info,
                "Who": self.who,
                "Version": self.version,
                "Created": self.created.astimezone(UTC).isoformat().replace("+00:00", "Z"),
                "Path": self.path,
            }
        )


@dataclass(frozen=True, slots=True)
class HeldLock:
    """A lock that is there.

    Attributes:
        kind: where it is.
        id: by which it is released; empty where it can't be read.
        who: who took it, as ``user@host``.
        operation: what it is held for, as ``OperationTypeApply``.
        info: what its holder added.
        since: when it was taken, in UTC; None where it doesn't say.
        version: of the Terraform that took it.
        unreadable: whether what stands there isn't a lock as Terraform writes it.
        stamp: what tells it from any other in the same place.
    """

    kind: LockKind
    id: str
    who: str
    operation: str
    info: str
    since: datetime | None
    version: str
    unreadable: bool
    stamp: str = field(repr=False)

    def seconds(self, now: datetime) -> float | None:
        """How long it has been held, if it says."""
        return max(0.0, (now - self.since).total_seconds()) if self.since else None

    def looks_alive(self, environment: Environment, now: datetime) -> bool:
        """Whether it is younger than the longest that a change of the infrastructure may take, or hides its age."""
        seconds = self.seconds(now)
        return seconds is None or seconds < environment.budgets.infrastructure.deadline_seconds

    def told(self, now: datetime) -> str:
        """Who holds it, since when and what for: a sentence without its full stop."""
        if self.unreadable:
            return f"the {self.kind} holds something that isn't a lock of Terraform"
        seconds = self.seconds(now)
        since = f" since {self.since:%Y-%m-%d %H:%M:%S} UTC" if self.since else ""
        age = f" ({spoken(seconds)})" if seconds is not None else ""
        info = f", {quoted(self.info)}" if self.info else ""
        return (
            f"{quoted(self.who or 'nobody')} holds the {self.kind}{since}{age} "
            f"for {quoted(self.operation or 'nothing')}{info}; its id is {quoted(self.id)}"
        )


class LockHeld(RollbackError):
    """Somebody else holds the state; nothing has been changed.

    Attributes:
        locks: those that are held.
    """

    def __init__(self, locks: Sequence[HeldLock], now: datetime) -> None:
        super().__init__(
            f"The state is locked: {'; '.join(lock.told(now) for lock in locks)}.",
            remedy="Wait for them, or ask them. If nobody is at work any more, unlock it by its id.",
        )
        self.locks = tuple(locks)


class _Written(BaseModel):
    """What Terraform writes into a lock."""

    model_config = ConfigDict(extra="ignore", strict=True)

    id: str = Field(alias="ID", min_length=1)
    operation: str = Field(default="", alias="Operation")
    info: str = Field(default="", alias="Info")
    who: str = Field(default="", alias="Who")
    version: str = Field(default="", alias="Version")
    created: str = Field(default="", alias="Created")


def lock_of(kind: LockKind, content: bytes, *, stamp: str, at: datetime | None) -> HeldLock:
    """What stands in a lock file or in the table, as a lock.

    Args:
        kind: where it stands.
        content: what stands there.
        stamp: what tells it from any other in the same place.
        at: when it was put there, where that is known besides.
    """
    try:
        written = _Written.model_validate_json(content)
    except ValidationError:
        return HeldLock(kind, "", "", "", "", at, "", unreadable=True, stamp=stamp)
    with suppress(ValidationError):
        at = _MOMENT.validate_python(written.created).astimezone(UTC)
    return HeldLock(
        kind=kind,
        id=written.id,
        who=written.who,
        operation=written.operation,
        info=written.info,
        since=at,
        version=written.version,
        unreadable=False,
        stamp=stamp,
    )


def _who() -> str:
    try:
        user = getpass.getuser()
    except (OSError, KeyError):  # a container's user without a name
        user = "unknown"
    return f"{user}@{socket.gethostname()}"
