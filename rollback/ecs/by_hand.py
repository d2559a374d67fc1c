"""The `aws` lines that a person would type to do the same."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Final

from rollback.ecs.model import COPIED

if TYPE_CHECKING:
    from rollback.ecs.model import Revision
    from rollback.environment import Environment

_COPY: Final = "copy.json"
_TAKEN: Final = (
    f"({{tags}} + (.taskDefinition | {{{', '.join(COPIED)}}}))"
    ' | with_entries(select(.value | IN(null, false, "", [], {}) | not))'
)
"""What is registered of what is described, as jq takes it."""


def update_service(environment: Environment, task_definition: str) -> str:
    """Move the service to a task definition revision."""
    return line(
        "ecs",
        "update-service",
        *_of(environment, "--service"),
        "--task-definition",
        task_definition,
        "--force-new-deployment",
    )


def stop_deployment(environment: Environment, service_deployment: str) -> str:
    """Have ECS roll a deployment in progress back."""
    return line(
        "ecs",
        "stop-service-deployment",
        "--region",
        environment.region,
        "--service-deployment-arn",
        service_deployment,
        "--stop-type",
        "ROLLBACK",
    )


def describe_deployments(environment: Environment) -> str:
    """Look at the service's deployments."""
    return line(
        "ecs", "describe-services", *_of(environment, "--services"), "--query", "services[0].deployments"
    )


def list_revisions(environment: Environment) -> str:
    """List the newest revisions of the service's family."""
    return line(
        "ecs",
        "list-task-definitions",
        "--region",
        environment.region,
        "--family-prefix",
        environment.family,
        "--sort",
        "DESC",
        "--max-items",
        "5",
    )


def list_deployments(environment: Environment) -> str:
    """List the service's deployments and how they ended."""
    return line("ecs", "list-service-deployments", *_of(environment, "--service"))


def scale_up(environment: Environment) -> str:
    """Have the service run a task again."""
    return line("ecs", "update-service", *_of(environment, "--service"), "--desired-count", "1")


def events(environment: Environment) -> str:
    """Look at what ECS says of the service, newest first."""
    return line(
        "ecs",
        "describe-services",
        *_of(environment, "--services"),
        "--query",
        "services[0].events[:10].message",
    )


def who_am_i() -> str:
    """Ask which account the credentials belong to."""
    return line("sts", "get-caller-identity")


def describe_task_sets(environment: Environment) -> str:
    """Look at the task sets of a service that another tool deploys."""
    return line("ecs", "describe-task-sets", *_of(environment, "--service"))


def stop_codedeploy(environment: Environment) -> tuple[str, ...]:
    """Have CodeDeploy stop its deployment and roll it back; the newest task set names it."""
    newest = "sort_by(services[0].taskSets,&createdAt)[-1].externalId"
    of = _of(environment, "--services")
    named = line("ecs", "describe-services", *of, "--query", newest, "--output", "text")
    stop = ("deploy", "stop-deployment", "--region", environment.region, "--auto-rollback-enabled")
    return f"deployment=$({named})", f'{line(*stop)} --deployment-id "$deployment"'


def deploy_copy(environment: Environment, revision: Revision) -> tuple[str, ...]:
    """Register a copy of a revision with its tags, and move the service to that; it may hold secrets on its way."""
    of = ("--region", environment.region)
    described = ("--task-definition", str(revision), "--include", "TAGS", "--output", "json")
    read = line("ecs", "describe-task-definition", *of, *described)
    named = ("--query", "taskDefinition.taskDefinitionArn", "--output", "text")
    write = line("ecs", "register-task-definition", *of, "--cli-input-json", f"file://{_COPY}", *named)
    update = line("ecs", "update-service", *_of(environment, "--service"), "--force-new-deployment")
    return (
        "umask 077",
        f"{read} | jq {shlex.quote(_TAKEN)} > {_COPY}",
        f"copy=$({write})",
        f"rm {_COPY}",
        f'{update} --task-definition "$copy"',
    )


def _of(environment: Environment, service_option: str) -> tuple[str, ...]:
    return (
        "--region",
        environment.region,
        "--cluster",
        environment.cluster,
        service_option,
        environment.service,
    )


def line(*words: str) -> str:
    """An `aws` line whose words can be pasted into a shell."""
    return shlex.join(("aws", *words))
