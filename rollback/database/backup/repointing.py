"""Leading the application to another instance: a version of its secret, and tasks that read it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from rollback._text import printable
from rollback.database.backup import pointing
from rollback.ecs import look
from rollback.ecs.restarting import restart
from rollback.ecs.result import Outcome
from rollback.ecs.watching import Awaited, Watched, watch
from rollback.errors import AwsError, Outdated
from rollback.journal import Kind

if TYPE_CHECKING:
    from rollback.access import Access
    from rollback.database.backup.model import Instance
    from rollback.database.backup.pointing import Pointing
    from rollback.ecs.model import Service
    from rollback.environment import Environment


def lead(access: Access, led: Pointing, to: Instance, version: str) -> None:
    """Have the secret lead to another instance, by the version of that id; all else of it stays.

    A lost answer is no trouble: Secrets Manager is looked at, and a version that is there isn't made twice.

    Raises:
        Outdated: somebody else has changed the secret since it was read.
        AwsError: Secrets Manager refuses, or can't be asked.
    """
    _must_be(access, led.secret, led.version, version)
    if version in led.versions:
        move(access, led.secret, to=version, away_from=led.version)
        return
    try:
        access.aws.secretsmanager.put_secret_value(
            SecretId=led.secret,
            ClientRequestToken=version,
            SecretString=led.value_at(to.host, to.port),
        )
    except AwsError:
        if pointing.current(access, led.secret) != version:
            raise


def move(access: Access, secret: str, *, to: str, away_from: str) -> None:
    """Make another version of the secret the current one.

    Raises:
        AwsError: Secrets Manager refuses, or can't be asked.
    """
    try:
        access.aws.secretsmanager.update_secret_version_stage(
            SecretId=secret,
            VersionStage=pointing.CURRENT,
            MoveToVersionId=to,
            RemoveFromVersionId=away_from,
        )
    except AwsError:
        if pointing.current(access, secret) != to:
            raise


def start_anew(environment: Environment, access: Access, *, host: str, why: str) -> str:
    """Have every task be one that was started since the secret leads to `host`; a deployment that does it is followed.

    Returns:
        What is left to be done, a sentence; empty where all tasks use what is at `host`.

    Raises:
        NoPointing: the secret leads nowhere.
        AwsError: AWS didn't answer.
    """
    service = look.service(environment, access)
    led = pointing.pointing(environment, access, service.revision)
    if led.host != host.lower():
        return f"The secret leads to {printable(led.host)}: somebody has changed it."
    watched = _watched(environment, access, service, led, why)
    if watched.outcome is not Outcome.LANDED:
        said = f" {watched.error.sentence}" if watched.error else ""
        return f"The deployment has ended so: {watched.outcome.value}.{said}"
    return ""


def _watched(environment: Environment, access: Access, service: Service, led: Pointing, why: str) -> Watched:
    deadline = environment.budgets.application.deadline_seconds
    primary = service.primary
    if primary and is_new(service, led) and primary.state != "FAILED":
        access.journal.record(
            Kind.DECISION, f"The deployment {primary.id} began after the change; following it."
        )
        others = frozenset(each.id for each in service.deployments if each.id != primary.id)
        awaited = Awaited(primary.revision, primary.id, others)
        return watch(environment, access, awaited, deadline_seconds=deadline)
    return restart(environment, access, why=why, deadline_seconds=deadline)


def is_new(service: Service, led: Pointing) -> bool:
    """Whether the service's newest deployment began after the secret was changed last."""
    primary = service.primary
    return bool(primary and led.changed_at and primary.created_at.timestamp() >= led.changed_at)


def old_tasks(access: Access, service: Service, led: Pointing) -> tuple[str, ...]:
    """The ids of the running tasks that were started before the secret was changed last, which they don't notice.

    Raises:
        AwsError: ECS doesn't say.
    """
    since = datetime.fromtimestamp(led.changed_at or 0.0, UTC)
    found: list[str] = []
    pages = access.aws.ecs.get_paginator("list_tasks").paginate(
        cluster=service.cluster, serviceName=service.name, desiredStatus="RUNNING"
    )
    for page in pages:
        if page["taskArns"]:
            told = access.aws.ecs.describe_tasks(cluster=service.cluster, tasks=page["taskArns"])["tasks"]
            found += [each["taskArn"].rpartition("/")[2] for each in told if each["createdAt"] < since]
    return tuple(found)


def _must_be(access: Access, secret: str, *versions: str) -> None:
    if pointing.current(access, secret) not in versions:
        raise Outdated(
            "Somebody has changed the application's secret since the plan was made.",
            remedy="Plan again: the restored instance is found, and not made twice.",
        )
