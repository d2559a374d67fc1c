"""The facts that travel with a rehearsal: what was called, run, asked and said, and what its pictures are drawn from.

All lengths of time are in seconds of the stage's clock.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from datetime import datetime

NoteKind: TypeAlias = Literal["decision", "plan", "observation", "outcome", "refusal"]
"""What a note is about."""

VersionMark: TypeAlias = Literal["", "current", "restored", "damaged", "deleted"]
"""What a version of the state has become."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """An API call of AWS.

    Attributes:
        at: when, by the stage's clock; None where nobody said.
        service: as ``ecs``.
        operation: as ``UpdateService``.
        region: where.
        params: what was asked, as JSON text, hidden and trimmed already.
        status: the status of HTTP; None where no answer came.
        error: the code of the error, or empty.
        seconds: how long it took.
        reads: whether it only looks.
        line: the `aws` line that does the same, or empty.
        count: how many equal ones are told as this one.
    """

    at: datetime | None = None
    service: str
    operation: str
    region: str = ""
    params: str = ""
    status: int | None = None
    error: str = ""
    seconds: float = 0.0
    reads: bool = True
    line: str = ""
    count: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A program that was run: git, terraform.

    Attributes:
        at: when, by the stage's clock.
        line: as a person types it.
        exit: its exit code; None where it hasn't ended by itself.
        seconds: how long it ran.
        count: how many equal ones are told as this one.
    """

    at: datetime | None = None
    line: str
    exit: int | None = None
    seconds: float = 0.0
    count: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """An HTTP request that isn't a call of AWS.

    Attributes:
        at: when, by the stage's clock.
        method: as ``GET``.
        url: its address, without secrets.
        status: of the answer; None where none came.
        seconds: how long it took.
        count: how many equal ones are told as this one.
    """

    at: datetime | None = None
    method: str
    url: str
    status: int | None = None
    seconds: float = 0.0
    count: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """Something that was decided, planned, seen or said.

    Attributes:
        at: when, by the stage's clock.
        kind: what it is about.
        text: a sentence.
        remedy: what to do about it, or empty.
        commands: what a person types to do the same, or to mend it.
    """

    at: datetime | None = None
    kind: NoteKind
    text: str
    remedy: str = ""
    commands: tuple[str, ...] = ()


Evidence: TypeAlias = Call | Command | Request | Note


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """A rollback that was timed against its budget; seconds.

    Attributes:
        label: what was timed, as ``Emergency rollback``.
        seconds: what it took.
        from_seconds: the shortest time that the runbook expects.
        to_seconds: the longest time that it allows.
    """

    label: str
    seconds: float
    from_seconds: float
    to_seconds: float

    @property
    def within(self) -> bool:
        """Whether it took no longer than allowed."""
        return self.seconds <= self.to_seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A rollout at one moment.

    Attributes:
        t: seconds since it began.
        tasks: pairs of a revision and how many of its tasks ran, in order.
        ok: how many requests were answered well since the sample before.
        failed: how many were not.
    """

    t: float
    tasks: tuple[tuple[str, int], ...] = ()
    ok: int = 0
    failed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A moment of decision in a rollout.

    Attributes:
        t: seconds since the rollout began.
        text: what was decided, or happened.
    """

    t: float
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rollout:
    """How the tasks of the old and the new revision came and went.

    Attributes:
        began: by the stage's clock.
        samples: in order of time.
        marks: in order of time.
    """

    began: datetime | None = None
    samples: tuple[Sample, ...] = ()
    marks: tuple[Mark, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StateVersion:
    """A version of Terraform's state in its bucket.

    Attributes:
        id: the version id of S3.
        at: when it was written.
        serial: Terraform's own count; None where it can't be read.
        lineage: whose history it belongs to.
        mark: what it has become.
    """

    id: str
    at: datetime | None = None
    serial: int | None = None
    lineage: str = ""
    mark: VersionMark = ""
