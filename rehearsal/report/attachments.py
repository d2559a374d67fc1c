"""What the attachments of a kept run hold: bodies of JSON, from outside and so looked at closely."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Annotated, Any, Final, TypeAlias

from pydantic import BeforeValidator, Field

from rehearsal.report.envelopes import PREFIX, Part
from rehearsal.report.facts import (
    Call,
    Command,
    Evidence,
    Mark,
    Note,
    NoteKind,
    Request,
    Rollout,
    Sample,
    StateVersion,
    Timing,
    VersionMark,
)

FORMAT: Final = 1
"""The newest form of these bodies that is understood."""


def _moment(value: object) -> datetime | None:
    """A time as ISO 8601 has it, in UTC; what names no zone is in UTC, too."""
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise ValueError("a time is a text")  # noqa: TRY004 - pydantic takes no other
    found = datetime.fromisoformat(value)
    try:
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except OverflowError:
        raise ValueError("no such time") from None


_At: TypeAlias = Annotated[datetime | None, BeforeValidator(_moment)]
_Count: TypeAlias = Annotated[int, Field(ge=1)]
_Seconds: TypeAlias = Annotated[float, Field(ge=0)]


class About(Part):
    """What is said of the run as a whole."""

    format: int
    environment: str
    stage: str
    account: str = ""
    live: bool = False
    seed: int | None = None
    budgets: Annotated[dict[str, tuple[float, float]], Field(default_factory=dict)]


class CallBody(Part):
    """A call of AWS."""

    at: _At = None
    service: str
    operation: str
    region: str | None = None
    params: Any = None
    status: int | None = None
    error: str | None = None
    seconds: _Seconds = 0.0
    reads: bool = True
    line: str | None = None
    count: _Count = 1

    def fact(self) -> Call:
        """For the pages."""
        return Call(
            at=self.at,
            service=self.service,
            operation=self.operation,
            region=self.region or "",
            params="" if self.params is None else json.dumps(self.params, ensure_ascii=False),
            status=self.status,
            error=self.error or "",
            seconds=self.seconds,
            reads=self.reads,
            line=self.line or "",
            count=self.count,
        )


class CommandBody(Part):
    """A program that was run."""

    at: _At = None
    line: str
    exit: int | None = None
    seconds: _Seconds = 0.0
    count: _Count = 1

    def fact(self) -> Command:
        """For the pages."""
        return Command(at=self.at, line=self.line, exit=self.exit, seconds=self.seconds, count=self.count)


class RequestBody(Part):
    """An HTTP request."""

    at: _At = None
    method: str
    url: str
    status: int | None = None
    seconds: _Seconds = 0.0
    count: _Count = 1

    def fact(self) -> Request:
        """For the pages."""
        return Request(
            at=self.at,
            method=self.method,
            url=self.url,
            status=self.status,
            seconds=self.seconds,
            count=self.count,
        )


class NoteBody(Part):
    """Something that was said."""

    at: _At = None
    kind: NoteKind
    text: str
    remedy: str | None = None
    commands: tuple[str, ...] = ()

    def fact(self) -> Note:
        """For the pages."""
        return Note(
            at=self.at, kind=self.kind, text=self.text, remedy=self.remedy or "", commands=self.commands
        )


class TimingBody(Part):
    """A rollback that was timed."""

    label: str
    seconds: _Seconds
    from_seconds: _Seconds
    to_seconds: _Seconds

    def fact(self) -> Timing:
        """For the pages."""
        return Timing(
            label=self.label,
            seconds=round(self.seconds, 3),
            from_seconds=self.from_seconds,
            to_seconds=self.to_seconds,
        )


class AnswersBody(Part):
    """How requests were answered."""

    ok: int = 0
    failed: int = 0


class SampleBody(Part):
    """A rollout at one moment."""

    t: float
    tasks: Annotated[dict[str, int], Field(default_factory=dict)]
    http: AnswersBody | None = None


class MarkBody(Part):
    """A moment of decision."""

    t: float
    text: str


class RolloutBody(Part):
    """A rollout."""

    began: _At = None
    samples: tuple[SampleBody, ...] = ()
    marks: tuple[MarkBody, ...] = ()

    def fact(self) -> Rollout:
        """For the pages, in order of time."""
        return Rollout(
            began=self.began,
            samples=tuple(
                Sample(
                    t=each.t,
                    tasks=tuple(each.tasks.items()),
                    ok=each.http.ok if each.http else 0,
                    failed=each.http.failed if each.http else 0,
                )
                for each in sorted(self.samples, key=lambda sample: sample.t)
            ),
            marks=tuple(
                Mark(t=each.t, text=each.text) for each in sorted(self.marks, key=lambda mark: mark.t)
            ),
        )


class VersionBody(Part):
    """A version of the state."""

    id: str
    at: _At = None
    serial: int | None = None
    lineage: str | None = None
    mark: VersionMark | None = None


class VersionsBody(Part):
    """The version chain of the state."""

    versions: tuple[VersionBody, ...]

    def facts(self) -> tuple[StateVersion, ...]:
        """For the pages."""
        return tuple(
            StateVersion(
                id=each.id, at=each.at, serial=each.serial, lineage=each.lineage or "", mark=each.mark or ""
            )
            for each in self.versions
        )


RUN: Final = f"{PREFIX}run+json"
TIMING: Final = f"{PREFIX}timing+json"
ROLLOUT: Final = f"{PREFIX}rollout+json"
VERSIONS: Final = f"{PREFIX}versions+json"
_EVIDENCE: Final[dict[str, type[CallBody | CommandBody | RequestBody | NoteBody]]] = {
    f"{PREFIX}call+json": CallBody,
    f"{PREFIX}command+json": CommandBody,
    f"{PREFIX}request+json": RequestBody,
    f"{PREFIX}note+json": NoteBody,
}


def evidence(media: str, body: str) -> Evidence | None:
    """The evidence that `body` is, or None for a media type that is no evidence.

    Raises:
        ValueError: it isn't what its media type says.
    """
    kind = _EVIDENCE.get(media)
    return None if kind is None else kind.model_validate_json(body).fact()
