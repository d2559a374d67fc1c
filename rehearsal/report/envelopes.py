"""The lines of a kept run, as far as the pages need them: Cucumber Messages, protocol 34, from outside and so looked at closely."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

PREFIX: Final = "application/vnd.rollback."
"""What the media types of our own attachments begin with."""


class Part(BaseModel):
    """A part of a message: strict in what it holds, and patient with what it doesn't know."""

    model_config = ConfigDict(frozen=True, strict=True, extra="ignore", allow_inf_nan=False)


class Instant(Part):
    """A moment, or a length of time."""

    seconds: Annotated[int, Field(ge=0, le=32_503_680_000)]
    nanos: Annotated[int, Field(ge=0, lt=1_000_000_000)] = 0

    @property
    def length(self) -> float:
        """In seconds."""
        return self.seconds + self.nanos / 1e9

    @property
    def moment(self) -> datetime:
        """Since 1970, in UTC, to the millisecond."""
        return datetime.fromtimestamp(round(self.length, 3), UTC)


class RunStarted(Part):
    """A run begins."""

    timestamp: Instant


class RunFinished(Part):
    """A run has ended."""

    timestamp: Instant
    success: bool = False
    message: str = ""


class Source(Part):
    """The text of a feature."""

    uri: str
    data: str


class Location(Part):
    """A place in a feature."""

    line: int


class PickleStep(Part):
    """A step of a pickle."""

    id: str


class Pickle(Part):
    """A scenario, or a row of one."""

    id: str
    uri: str
    location: Location
    steps: tuple[PickleStep, ...]


class TestStep(Part):
    """A step of a case; one without `pickleStepId` is a hook."""

    __test__ = False

    id: str
    pickle_step: Annotated[str | None, Field(alias="pickleStepId")] = None


class Case(Part):
    """A pickle that is going to be played."""

    id: str
    pickle: Annotated[str, Field(alias="pickleId")]
    steps: Annotated[tuple[TestStep, ...], Field(alias="testSteps")]


class CaseStarted(Part):
    """An attempt at a case begins."""

    id: str
    case: Annotated[str, Field(alias="testCaseId")]
    timestamp: Instant


class Result(Part):
    """How a step ended."""

    status: str
    duration: Instant = Instant(seconds=0)
    message: str = ""


class StepFinished(Part):
    """A step has ended."""

    attempt: Annotated[str, Field(alias="testCaseStartedId")]
    step: Annotated[str, Field(alias="testStepId")]
    result: Annotated[Result, Field(alias="testStepResult")]


class CaseFinished(Part):
    """An attempt has ended."""

    attempt: Annotated[str, Field(alias="testCaseStartedId")]


class Attachment(Part):
    """What belongs to the run or to a step."""

    media: Annotated[str, Field(alias="mediaType")]
    body: str
    attempt: Annotated[str | None, Field(alias="testCaseStartedId")] = None
    step: Annotated[str | None, Field(alias="testStepId")] = None


class Envelope(Part):
    """A line: one of these, or something that the pages don't need."""

    run_started: Annotated[RunStarted | None, Field(alias="testRunStarted")] = None
    run_finished: Annotated[RunFinished | None, Field(alias="testRunFinished")] = None
    source: Source | None = None
    pickle: Pickle | None = None
    case: Annotated[Case | None, Field(alias="testCase")] = None
    case_started: Annotated[CaseStarted | None, Field(alias="testCaseStarted")] = None
    step_finished: Annotated[StepFinished | None, Field(alias="testStepFinished")] = None
    case_finished: Annotated[CaseFinished | None, Field(alias="testCaseFinished")] = None
    attachment: Attachment | None = None
