"""What comes in from GitHub's API, as far as it is used: fields, and which may be missing.

After the OpenAPI description of GitHub's REST API, version 2022-11-28; what only its next version says
differently is noted. Everything else in an answer is left out.
"""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Annotated, Final, TypeAlias, TypeVar

from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    StrictBool,
    StrictInt,
    StringConstraints,
    TypeAdapter,
    ValidationError,
    model_validator,
)

from rollback._text import printable
from rollback.github import model
from rollback.github.errors import Asked, unexpected

if TYPE_CHECKING:
    from rollback.github.transport import Answer

T = TypeVar("T")

Sha: TypeAlias = Annotated[str, StringConstraints(pattern="^[0-9a-f]{40}([0-9a-f]{24})?$")]
"""A whole object name, and nothing that git could take for an option."""

_ITEMS: Final = 3


class Shape(BaseModel):
    """A part of an answer. A field of another type is an error; one that isn't used, or may be missing and is null, is not."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _null_is_missing(cls, told: object) -> object:
        """GitHub writes null for much that its description lets be missing."""
        if not isinstance(told, dict):
            return told
        fields = cls.model_fields
        return {
            name: value
            for name, value in told.items()
            if value is not None or (name in fields and fields[name].is_required())
        }


class Ref(Shape):
    """One end of a pull request."""

    ref: str
    sha: Sha


class PullRequest(Shape):
    """A pull request by its number. `merge_commit_sha` is gone from version 2026-03-10."""

    number: StrictInt
    title: str
    html_url: str
    state: str
    merged: StrictBool
    merge_commit_sha: Sha | None = None
    base: Ref
    head: Ref
    commits: StrictInt

    def told(self) -> model.PullRequest:
        """It in our words."""
        # Before the merge, merge_commit_sha is a commit that GitHub made to test for conflicts.
        return model.PullRequest(
            number=self.number,
            title=self.title,
            url=printable(self.html_url),
            state=self.state,
            merged=self.merged,
            merge_commit=(self.merge_commit_sha or "") if self.merged else "",
            base=self.base.ref,
            head=self.head.ref,
            head_sha=self.head.sha,
            commits=self.commits,
        )


class PullRequestNumber(Shape):
    """A pull request of a list, which tells less of each."""

    number: StrictInt


class IssueEvent(Shape):
    """Something that happened to a pull request."""

    event: str
    commit_id: Sha | None = None


class Run(Shape):
    """A run of a workflow."""

    id: StrictInt
    name: str | None = None
    path: str
    head_sha: Sha
    head_branch: str | None
    event: str
    status: str | None
    conclusion: str | None
    run_attempt: StrictInt = 1
    created_at: AwareDatetime
    html_url: str

    def told(self) -> model.Run:
        """It in our words."""
        return model.Run(
            id=self.id,
            workflow=self.path.partition("@")[0],  # GitHub may add the branch that the file is from
            name=self.name or "",
            sha=self.head_sha,
            branch=self.head_branch or "",
            event=self.event,
            status=self.status or "",
            conclusion=self.conclusion or "",
            attempt=self.run_attempt,
            created_at=self.created_at.astimezone(UTC),
            url=printable(self.html_url),
        )


class Runs(Shape):
    """A page of runs."""

    workflow_runs: tuple[Run, ...]


class Step(Shape):
    """A step of a job."""

    number: StrictInt
    name: str
    status: str
    conclusion: str | None


class Job(Shape):
    """A job of a run."""

    id: StrictInt
    name: str
    status: str
    conclusion: str | None
    steps: tuple[Step, ...] = ()
    html_url: str | None

    def told(self) -> model.Job:
        """It in our words."""
        return model.Job(
            id=self.id,
            name=self.name,
            status=self.status,
            conclusion=self.conclusion or "",
            steps=tuple(
                model.Step(
                    number=step.number, name=step.name, status=step.status, conclusion=step.conclusion or ""
                )
                for step in self.steps
            ),
            url=printable(self.html_url or ""),
        )


class Jobs(Shape):
    """A page of jobs."""

    jobs: tuple[Job, ...]


class Workflow(Shape):
    """A workflow file that GitHub knows of."""

    state: str


class WaitingEnvironment(Shape):
    """A deployment environment that is waited for."""

    name: str = ""


class PendingDeployment(Shape):
    """A deployment that waits for an approval."""

    environment: WaitingEnvironment


class CommitText(Shape):
    """The git part of a commit."""

    message: str


class Commit(Shape):
    """A commit."""

    commit: CommitText


def parsed(shape: type[T], answer: Answer, asked: Asked) -> T:
    """The answer's body, as `shape`.

    Raises:
        Unexpected: it isn't.
    """
    try:
        return TypeAdapter(shape).validate_json(answer.body)
    except ValidationError as error:
        why = _wrong(error)
    raise unexpected(asked, answer.status, why)  # outside, as pydantic's error holds what came in


def _wrong(error: ValidationError) -> str:
    found = error.errors(include_url=False, include_context=False, include_input=False)
    if any(each["type"] == "json_invalid" for each in found):
        return "it isn't JSON, or not all of it"
    places = [".".join(map(str, each["loc"])) or "the whole" for each in found]
    more = f" and {len(places) - _ITEMS} more" if len(places) > _ITEMS else ""
    return f"{', '.join(places[:_ITEMS])}{more} is not as described"
