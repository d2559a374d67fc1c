"""The `aws` lines that a person would type to do the same."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rollback.ecs.model import Revision
    from rollback.environment import Environment


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


def stop_codedeploy(environment: Environment) -> str:
    """Have CodeDeploy stop its deployment and roll it back."""
    return line(
        "deploy",
        "stop-deployment",
        "--region",
        environment.region,
        "--deployment-id",
        "<ID>",
        "--auto-rollback-enabled",
    )


def copy_revision(environment: Environment, revision: Revision) -> str:
    """Print a revision, so that a copy of it can be registered with `register-task-definition`."""
    return line(
        "ecs",
        "describe-task-definition",
        "--region",
        environment.region,
        "--task-definition",
        str(revision),
        "--query",
        "taskDefinition",
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
