"""What is written about who works on an environment, and the ways in which it says no."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Annotated, Final, Self

from pydantic import BaseModel, ConfigDict, Field

from rollback._text import printable
from rollback.errors import RollbackError

TOLERANCE_SECONDS: Final = 30.0
"""So long after its end a lease still counts as held: for what was sent in its last moment and is still on its way,
for clocks that don't run equally fast, and for the whole seconds of S3's times."""


CONTENT_TYPE: Final = "application/vnd.rollback.lease+json"
"""What tells the writing of a lease from all others, in S3 and in a journal."""


class Purpose(StrEnum):
    """What somebody works on an environment for."""

    DRILL = "drill"
    INCIDENT = "incident"


class LeaseError(RollbackError):
    """The environment can't be worked on, because of its lease."""


class LeaseUnreadable(LeaseError):
    """What stands at the lease's key is no lease."""


class LeaseHeld(LeaseError):
    """Somebody else works on the environment; nothing has been begun.

    Attributes:
        by: who.
    """

    def __init__(self, by: Holder, sentence: str, *, remedy: str) -> None:
        super().__init__(sentence, remedy=remedy)
        self.by = by


class LeaseLost(LeaseError):
    """The lease was ours and isn't any more, so nothing further is changed.

    Attributes:
        by: who has it; None where nobody has.
    """

    def __init__(self, by: Holder | None, sentence: str, *, remedy: str) -> None:
        super().__init__(sentence, remedy=remedy)
        self.by = by


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Who holds a lease, as it is written.

    Attributes:
        owner: the ARN that AWS knows them by.
        host: the machine that they work on.
        purpose: what for.
        since: since when, by their clock, in UTC.
        expires: when it ends unless they renew it, by their clock, in UTC; for people, nothing is decided by it.
        seconds: how long it lasts from the moment when S3 took it.
        nonce: what they know it by.
        count: the number of this writing; each has its own, also one whose answer was lost.
        released: whether they have given it back.
    """

    owner: str
    host: str
    purpose: Purpose
    since: datetime
    expires: datetime
    seconds: float
    nonce: str
    count: int = 1
    released: bool = False

    def renewed(self, now: datetime, seconds: float, *, count: int) -> Holder:
        """What is written when it is renewed."""
        return replace(self, expires=now + timedelta(seconds=seconds), seconds=seconds, count=count)

    def given_back(self, now: datetime, *, count: int) -> Holder:
        """What is written when it is given back."""
        return replace(self, expires=now, count=count, released=True)

    def wrote(self, other: Holder | None) -> bool:
        """Whether `other` is exactly what is written here."""
        return other is not None and (self.nonce, self.count) == (other.nonce, other.count)

    @property
    def told(self) -> str:
        """Who they are, in a sentence."""
        return f"{printable(self.owner)} on {printable(self.host)}"

    def to_json(self) -> bytes:
        """The bytes of the object."""
        return (_Stored.of(self).model_dump_json(indent=2) + "\n").encode()

    @classmethod
    def from_json(cls, content: bytes) -> Self:
        """Read the bytes of the object.

        Raises:
            ValueError: they are no lease.
        """
        stored = _Stored.model_validate_json(content)
        return cls(
            owner=stored.owner,
            host=stored.host,
            purpose=stored.purpose,
            since=stored.since.astimezone(UTC),
            expires=stored.expires.astimezone(UTC),
            seconds=stored.seconds,
            nonce=stored.nonce,
            count=stored.count,
            released=stored.released,
        )


class _Stored(BaseModel):
    """The object; what a later version may add is no reason not to respect it."""

    model_config = ConfigDict(extra="ignore")

    owner: Annotated[str, Field(min_length=1, max_length=2048)]
    host: Annotated[str, Field(max_length=255)]
    purpose: Purpose
    since: datetime
    expires: datetime
    seconds: Annotated[float, Field(ge=0, le=86_400, allow_inf_nan=False)]
    nonce: Annotated[str, Field(min_length=8, max_length=64)]
    count: Annotated[int, Field(ge=1)]
    released: bool

    @classmethod
    def of(cls, holder: Holder) -> Self:
        return cls(
            owner=holder.owner,
            host=holder.host,
            purpose=holder.purpose,
            since=holder.since,
            expires=holder.expires,
            seconds=holder.seconds,
            nonce=holder.nonce,
            count=holder.count,
            released=holder.released,
        )


@dataclass(frozen=True, slots=True)
class Seen:
    """What stands at the lease's key, by S3's own clock.

    Attributes:
        holder: who is written there; None where nothing is.
        etag: S3's name for just this content; empty where there is none.
        written: when S3 took it, in UTC.
        now: when S3 answered, in UTC; None where it didn't say.
    """

    holder: Holder | None
    etag: str = ""
    written: datetime | None = None
    now: datetime | None = None

    @property
    def until(self) -> datetime | None:
        """When it ends by S3's clock; None where there is none."""
        if self.holder is None or self.written is None:
            return None
        return self.written + timedelta(seconds=self.holder.seconds)

    @property
    def over(self) -> bool:
        """Whether nobody holds it: it was given back, or has surely ended. What S3 doesn't date has not ended."""
        if self.holder is None or self.holder.released:
            return True
        if self.until is None or self.now is None:
            return False
        return self.now >= self.until + timedelta(seconds=TOLERANCE_SECONDS)
