"""The lines that a person would type to do the same."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any

from botocore import xform_name

from rollback.database.backup.settings import given
from rollback.ecs import by_hand as ecs
from rollback.ecs.by_hand import line

if TYPE_CHECKING:
    from rollback.database.backup.model import Instance, Point
    from rollback.database.backup.pointing import Pointing
    from rollback.environment import Environment


def list_instances(environment: Environment) -> str:
    """List the instances of the region."""
    return line(*_rds(environment, "describe-db-instances"), "--query", "DBInstances[].DBInstanceIdentifier")


def describe(environment: Environment, name: str) -> str:
    """Look at an instance."""
    return line(*_rds(environment, "describe-db-instances"), "--db-instance-identifier", name)


def list_snapshots(environment: Environment) -> str:
    """List the snapshots of the environment's instance."""
    return line(
        *_rds(environment, "describe-db-snapshots"),
        *("--db-instance-identifier", environment.database.instance),
        *("--query", "DBSnapshots[].[DBSnapshotIdentifier,Status,SnapshotCreateTime]"),
    )


def window(environment: Environment) -> str:
    """Look at what the environment's instance can be restored to."""
    return line(
        *_rds(environment, "describe-db-instance-automated-backups"),
        *("--db-instance-identifier", environment.database.instance),
        *("--query", "DBInstanceAutomatedBackups[].RestoreWindow"),
    )


def restore(environment: Environment, old: Instance, point: Point, target: str) -> str:
    """Restore to a new instance that is like the old one."""
    words = [word for name, value in given(old, point).items() for word in _option(name, value)]
    if point.snapshot:
        return line(
            *_rds(environment, "restore-db-instance-from-db-snapshot"),
            *("--db-snapshot-identifier", point.snapshot, "--db-instance-identifier", target),
            *words,
        )
    return line(
        *_rds(environment, "restore-db-instance-to-point-in-time"),
        *("--source-db-instance-identifier", old.name, "--target-db-instance-identifier", target),
        *("--restore-time", f"{point.at:%Y-%m-%dT%H:%M:%SZ}"),
        *words,
    )


def wait(environment: Environment, name: str) -> str:
    """Wait until an instance is available."""
    return line(*_rds(environment, "wait", "db-instance-available"), "--db-instance-identifier", name)


def repoint(environment: Environment, secret: str, from_host: str, to_host: str) -> str:
    """Put another host into the secret, without showing it."""
    of = ("--region", environment.region, "--secret-id", secret)
    read = line("secretsmanager", "get-secret-value", *of, "--query", "SecretString", "--output", "text")
    write = line("secretsmanager", "put-secret-value", *of, "--secret-string", "file:///dev/stdin")
    change = shlex.join(("sed", f"s/{from_host.replace('.', '[.]')}/{to_host}/"))
    return f"{read} | tr -d '\\n' | {change} | {write}"


def put_back(environment: Environment, secret: str, *, to: str, away_from: str) -> str:
    """Make an earlier version of the secret the current one."""
    return line(
        *("secretsmanager", "update-secret-version-stage", "--region", environment.region),
        *("--secret-id", secret, "--version-stage", "AWSCURRENT"),
        *("--move-to-version-id", to, "--remove-from-version-id", away_from),
    )


def start_anew(environment: Environment) -> str:
    """Have the service's tasks started anew, so that they read the secret."""
    return line(
        *("ecs", "update-service", "--region", environment.region, "--cluster", environment.cluster),
        *("--service", environment.service, "--force-new-deployment"),
    )


def all_of_it(
    environment: Environment, old: Instance, point: Point, target: str, led: Pointing
) -> tuple[str, ...]:
    """A whole restore, in order.

    All endpoints of an account and region end alike, so that the new one's is known before it is there.
    """
    host = old.host.replace(old.name, target, 1)
    return (
        restore(environment, old, point, target),
        wait(environment, target),
        repoint(environment, led.secret, led.host, host),
        start_anew(environment),
        ecs.describe_deployments(environment),
    )


def modify(environment: Environment, name: str) -> str:
    """Look at what an instance can be changed to; the groups are given as in the restore."""
    return line(
        *_rds(environment, "modify-db-instance"), "--db-instance-identifier", name, "--apply-immediately"
    )


def migrations(environment: Environment) -> str:
    """Look at what the branch has brought of migrations."""
    return shlex.join(
        ("git", "log", "--oneline", f"origin/{environment.branch}", "--", *environment.repository.migrations)
    )


def _rds(environment: Environment, *words: str) -> tuple[str, ...]:
    return ("rds", *words, "--region", environment.region)


def _option(name: str, value: Any) -> tuple[str, ...]:
    """An option of the AWS CLI: ``DBInstanceClass`` is ``--db-instance-class``."""
    option = xform_name(name, "-")
    if isinstance(value, bool):
        return (f"--{option}" if value else f"--no-{option}",)
    if name == "Tags":
        return (f"--{option}", *(f"Key={each['Key']},Value={each['Value']}" for each in value))
    values = value if isinstance(value, list) else [value]
    return (f"--{option}", *(str(each) for each in values))
