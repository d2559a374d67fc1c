"""The world of a service, written down field by field, so that a drill can show that it left nothing behind."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import requests

from rollback.ecs import look
from rollback.ecs.model import Revision
from rollback.health import TIMEOUT_SECONDS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from rollback.access import Access
    from rollback.environment import Environment

_PASSING: Final = frozenset({
    "createdAt",
    "currentServiceDeployment",
    "currentServiceRevisions",
    "deployments",
    "events",
    "failedTasks",
    "id",
    "rolloutStateReason",
    "taskSets",
    "updatedAt",
})  # fmt: skip
"""What DescribeServices says of a service that each deployment makes anew; its deployments are compared by themselves."""
_AT_ONCE: Final = 100
"""DescribeTasks takes so many."""


@dataclass(frozen=True, slots=True)
class Photograph:
    """What must be the same afterwards: each field by its path, as ``service.desiredCount``."""

    fields: Mapping[str, object]


def photograph(environment: Environment, access: Access) -> Photograph:
    """Write down the service, its deployments, tasks and targets, its revisions, and what the application answers.

    Raises:
        AwsError: AWS doesn't say.
    """
    described: Any = access.aws.ecs.describe_services(
        cluster=environment.cluster, services=[environment.service], include=["TAGS"]
    )["services"][0]
    parts = {
        "service": _lasting(described),
        "deployments": [_lasting(each) for each in described.get("deployments", ())],
        "tasks": _tasks(environment, access),
        "targets": dict(Counter(look.target_states(look.service(environment, access), access).values())),
        "active revisions": _revisions(environment, access),
        "task definition": _definition(access, described.get("taskDefinition", "")),
        "application": _answers(environment, access),
    }
    return Photograph({path: value for name, part in parts.items() for path, value in _flat(name, part)})


def differences(before: Photograph, after: Photograph) -> tuple[str, ...]:
    """Each field that isn't as it was, as a sentence; none where the world is the same."""
    missing = "nothing"
    paths = dict.fromkeys((*before.fields, *after.fields))
    pairs = ((path, before.fields.get(path, missing), after.fields.get(path, missing)) for path in paths)
    return tuple(f"{path} was {was}, and is {now}." for path, was, now in pairs if was != now)


def _lasting(described: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in described.items() if key not in _PASSING}


def _tasks(environment: Environment, access: Access) -> dict[str, int]:
    """How many tasks run of each revision and image, and how they are."""
    listed: list[str] = []
    pages = access.aws.ecs.get_paginator("list_tasks")
    for page in pages.paginate(cluster=environment.cluster, serviceName=environment.service):
        listed += page["taskArns"]
    seen: Counter[str] = Counter()
    for start in range(0, len(listed), _AT_ONCE):
        asked = listed[start : start + _AT_ONCE]
        for task in access.aws.ecs.describe_tasks(cluster=environment.cluster, tasks=asked)["tasks"]:
            images = [each.get("imageDigest") or each.get("image", "") for each in task.get("containers", ())]
            revision = Revision.parse(task["taskDefinitionArn"])
            seen[f"{revision} {task['lastStatus']} {' '.join(sorted(images))}".strip()] += 1
    return dict(seen)


def _revisions(environment: Environment, access: Access) -> list[str]:
    pages = access.aws.ecs.get_paginator("list_task_definitions")
    found = pages.paginate(familyPrefix=environment.family, status="ACTIVE")
    revisions = (Revision.parse(arn) for page in found for arn in page["taskDefinitionArns"])
    return [str(revision) for revision in revisions if revision.family == environment.family]


def _definition(access: Access, arn: str) -> dict[str, Any]:
    if not arn:
        return {}
    answer = access.aws.ecs.describe_task_definition(taskDefinition=arn, include=["TAGS"])
    return {"tags": answer.get("tags", []), "status": answer["taskDefinition"].get("status", "")}


def _answers(environment: Environment, access: Access) -> dict[str, list[str]]:
    """Which versions answer at the environment's address."""
    seen = {_answer(environment, access) for _ in range(environment.probe.requests)}
    return {"answers": sorted(seen)}


def _answer(environment: Environment, access: Access) -> str:
    try:
        response = access.http.get(environment.url + environment.probe.path, timeout=TIMEOUT_SECONDS)
        told = response.json() if response.ok else {}
    except requests.RequestException as error:
        return type(error).__name__
    version = told.get(environment.probe.field) if isinstance(told, dict) else None
    return f"HTTP {response.status_code}, version {version}"


def _flat(path: str, value: object) -> Iterator[tuple[str, object]]:
    """Each leaf with its path; a list of anything but records is one leaf, whose order doesn't count."""
    if isinstance(value, dict):
        for key in sorted(value):
            yield from _flat(f"{path}.{key}", value[key])
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        for number, each in enumerate(sorted(value, key=repr)):
            yield from _flat(f"{path}[{number}]", each)
    elif isinstance(value, list):
        yield path, sorted(map(str, value))
    else:
        yield path, value
