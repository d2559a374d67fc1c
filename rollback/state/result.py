"""How a restore of the state ended, and what it takes to finish it or to take it back."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from datetime import datetime


WAY: Final = "state"
"""What the journal calls this way back."""


class Outcome(StrEnum):
    """The ways a restore ends; only `RESTORED` is success, and after `NOTHING` there was nothing to do."""

    RESTORED = "restored"
    NOTHING = "nothing to do"
    REFUSED_BY_TERRAFORM = "refused by Terraform"
    NOT_WRITTEN = "not written"
    UNFINISHED = "not finished"
    LOST = "lost sight of"


class Way(StrEnum):
    """How the state is written."""

    PUSH = "terraform state push"
    WRITE = "a conditional write to S3"
    DELETE = "a delete marker in S3"


class Was(StrEnum):
    """What stood at the state's key before."""

    WHOLE = "a state"
    DAMAGED = "something that is no state"
    DELETED = "a delete marker"


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """What stood at the state's key when the plan was made.

    Attributes:
        was: what it was.
        version: S3's version id, also of a delete marker.
        etag: as S3 gives it; empty for a delete marker.
        serial: of the state, if it was one.
        digest: what the lock table had for it; empty where it had nothing or there is no table.
        stale: whether that was the digest of something else.
        file: a private file with its content; empty where there was none.
    """

    was: Was
    version: str = ""
    etag: str = ""
    serial: int = 0
    digest: str = ""
    stale: bool = False
    file: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Writing:
    """What is written to the state's key, and how.

    Attributes:
        way: how.
        chosen: S3's version id of what it is taken from; empty where a delete marker is put there.
        serial: what the state is given; 0 for what is put back byte for byte.
        lineage: of the state; empty for what is no state.
        file: a private file with what is written; empty where nothing is.
        sha256: of that file.
    """

    way: Way
    chosen: str = ""
    serial: int = 0
    lineage: str = ""
    file: str = ""
    sha256: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedPoint:
    """Where the state was before anything was changed, and what was about to be: what `undo` and `go_on` need.

    Attributes:
        environment: its name.
        bucket: where the state is kept.
        key: the key of its object.
        lock: the id of the lock that was about to be taken.
        created: when that lock says it was made, in UTC.
        before: what was there.
        writing: what was about to be written.
        orphans: what exists, as far as is known, and isn't in what was about to be written.
    """

    environment: str
    bucket: str
    key: str
    lock: str
    created: datetime
    before: Before
    writing: Writing
    orphans: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """How it ended.

    Attributes:
        sentence: the outcome for a person.
        remedy: what to do next; empty after success.
        saved: what `undo` and `go_on` need; None where nothing was begun.
        seconds: from the beginning to the outcome.
        version: S3's version id of what was written; empty where nothing was.
        serial: of the state that is in force; 0 where it is none or can't be told.
        resources: how many managed resource instances it has.
        orphans: what exists, as far as is known, and is no longer in the state.
        commands: what to type next.
    """

    outcome: Outcome
    sentence: str
    remedy: str = ""
    saved: SavedPoint | None
    seconds: float
    version: str = ""
    serial: int = 0
    resources: int = 0
    orphans: tuple[str, ...] = ()
    commands: tuple[str, ...] = ()

    @property
    def landed(self) -> bool:
        """Whether the chosen state is in force; nothing else is a restore."""
        return self.outcome is Outcome.RESTORED
