"""Workflow files: what GitHub Actions is told to do.

Source: GitHub Docs, "Workflow syntax for GitHub Actions".
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Final

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from rehearsal.origin.pipeline.expressions import Unrehearsed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_DIRECTORY: Final = re.compile(r"\.github/workflows/[^/]+\.ya?ml")
_PUSH: Final = "push"


class InvalidWorkflow(Exception):
    """GitHub doesn't accept the file; it then starts a run that fails at once."""


class _Loader(yaml.SafeLoader):
    """YAML as GitHub reads it, by version 1.2: ``on`` is a word and no truth."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:bool"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:bool", re.compile(r"true|True|TRUE|false|False|FALSE"), list("tTfF")
)


def _as_list(value: object) -> object:
    return [value] if isinstance(value, str) else value


_Words = Annotated[tuple[str, ...], BeforeValidator(_as_list)]


class _Part(BaseModel):
    """A part of the file. Keys that change nothing of what a rehearsal sees are read past; unknown ones are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class PushFilter(_Part):
    """Which pushes start the workflow; None where the file doesn't say."""

    branches: _Words | None = None
    branches_ignore: Annotated[_Words | None, Field(alias="branches-ignore")] = None
    paths: _Words | None = None
    paths_ignore: Annotated[_Words | None, Field(alias="paths-ignore")] = None
    tags: _Words | None = None
    tags_ignore: Annotated[_Words | None, Field(alias="tags-ignore")] = None

    @model_validator(mode="after")
    def _one_way(self) -> PushFilter:
        for what in ("branches", "paths", "tags"):
            if getattr(self, what) is not None and getattr(self, f"{what}_ignore") is not None:
                raise ValueError(f"{what} and {what}-ignore can't be used together")
        return self


class Step(_Part):
    """A step: a command line (`run`) or an action (`uses`)."""

    name: str = ""
    id: str = ""
    uses: str = ""
    run: str = ""
    with_: Annotated[dict[str, Any], Field(alias="with")] = {}
    env: dict[str, Any] = {}
    shell: str = ""
    working_directory: Annotated[str, Field(alias="working-directory")] = ""
    timeout_minutes: Annotated[float, Field(alias="timeout-minutes")] = 360

    @model_validator(mode="after")
    def _does_something(self) -> Step:
        if bool(self.uses) == bool(self.run):
            raise ValueError("a step needs either uses or run")
        return self

    @property
    def title(self) -> str:
        """What GitHub calls it."""
        return self.name or f"Run {self.uses or self.run.splitlines()[0]}"


def _environment(value: object) -> object:
    return {"name": value} if isinstance(value, str) else value


class DeploymentEnvironment(_Part):
    """The environment that a job deploys to."""

    name: str
    url: str = ""


class Job(_Part):
    """A job: steps on one runner."""

    name: str = ""
    runs_on: Annotated[Any, Field(alias="runs-on")]
    steps: Annotated[tuple[Step, ...], Field(min_length=1)]
    needs: _Words = ()
    environment: Annotated[DeploymentEnvironment | None, BeforeValidator(_environment)] = None
    permissions: Any = None
    env: dict[str, Any] = {}
    defaults: dict[str, Any] = {}
    outputs: dict[str, Any] = {}
    timeout_minutes: Annotated[float, Field(alias="timeout-minutes")] = 360


def _group(value: object) -> object:
    return {"group": value} if isinstance(value, str) else value


class Concurrency(_Part):
    """The group of runs of which one goes on at a time; both may be expressions."""

    group: str
    cancel_in_progress: Annotated[bool | str, Field(alias="cancel-in-progress")] = False


def _events(value: object) -> object:
    """The events by name, whichever of its three forms ``on`` has."""
    if isinstance(value, str | list):
        return dict.fromkeys([value] if isinstance(value, str) else value)
    return value


class _File(_Part):
    name: str = ""
    on: Annotated[dict[str, Any], BeforeValidator(_events)]
    jobs: Annotated[dict[str, Job], Field(min_length=1)]
    concurrency: Annotated[Concurrency | None, BeforeValidator(_group)] = None
    permissions: Any = None
    env: dict[str, Any] = {}
    defaults: dict[str, Any] = {}

    @model_validator(mode="after")
    def _ordered(self) -> _File:
        """See that every job can have its turn."""
        left = {name: set(job.needs) for name, job in self.jobs.items()}
        while left:
            ready = [name for name, needs in left.items() if not needs & left.keys()]
            if not ready or any(need not in self.jobs for name in ready for need in left[name]):
                raise ValueError(f"the jobs {', '.join(left)} need jobs that never come")
            for name in ready:
                del left[name]
        return self


@dataclass(frozen=True, slots=True)
class Definition:
    """What a workflow file says.

    Attributes:
        name: what GitHub calls the workflow.
        push: which pushes start it; None where none does.
        concurrency: the group of its runs, if it has one.
        jobs: its jobs, by their ids.
    """

    name: str
    push: PushFilter | None
    concurrency: Concurrency | None
    jobs: Mapping[str, Job]


def paths_in(files: Iterable[str]) -> list[str]:
    """The workflow files among `files`, in order."""
    return sorted(path for path in files if _DIRECTORY.fullmatch(path))


@functools.lru_cache(maxsize=256)
def read(path: str, text: str) -> Definition:
    """The workflow that `text`, the file at `path`, describes; read once, since every push asks for it.

    Raises:
        InvalidWorkflow: GitHub wouldn't accept it.
        Unrehearsed: it has a key that isn't known here.
    """
    try:
        loaded = yaml.load(text, Loader=_Loader)  # noqa: S506 - a safe loader, which reads `on` as GitHub does
        file = _File.model_validate(loaded)
        push = PushFilter.model_validate(file.on[_PUSH] or {}) if _PUSH in file.on else None
    except yaml.YAMLError as error:
        raise InvalidWorkflow(f"{path} is no YAML: {error}") from error
    except ValidationError as error:
        mistakes = error.errors(include_url=False)
        unknown = next((each for each in mistakes if each["type"] == "extra_forbidden"), None)
        if unknown:
            key = ".".join(str(part) for part in unknown["loc"])
            raise Unrehearsed(f"{path} says {key}, which the rehearsed pipeline doesn't know.") from None
        where = ".".join(str(part) for part in mistakes[0]["loc"])
        raise InvalidWorkflow(f"{path} is not valid at {where or 'its top'}: {mistakes[0]['msg']}") from None
    return Definition(file.name or path, push, file.concurrency, file.jobs)
