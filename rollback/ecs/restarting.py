"""Starting the service's tasks anew, on the revision that it runs already."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rollback.ecs import look
from rollback.ecs.applying import begin
from rollback.ecs.result import Outcome
from rollback.ecs.watching import Awaited, Watched, watch
from rollback.errors import AwsError
from rollback.journal import Kind

if TYPE_CHECKING:
    from rollback.access import Access
    from rollback.environment import Environment


def restart(environment: Environment, access: Access, *, why: str, deadline_seconds: float) -> Watched:
    """Have ECS replace every task by a new one of the same revision, and wait for it.

    Tasks read their settings and secrets when they start ("Pass Secrets Manager secrets through Amazon ECS
    environment variables": a running task doesn't receive an updated value; launch a new one or force a new
    deployment).

    Args:
        environment: the place.
        access: the hands.
        why: the reason, for the record; a sentence.
        deadline_seconds: how long to wait.

    Raises:
        AwsError: AWS didn't answer before anything was changed.
    """
    before = look.service(environment, access)
    replaced = frozenset(d.id for d in before.deployments)
    access.journal.record(Kind.DECISION, f"Restarting the tasks of {before.revision}. {why}")
    try:
        deployment = begin(environment, access, before.revision, replaced=replaced)
    except AwsError as error:
        return Watched(Outcome.NOT_STARTED, "", before, error)
    awaited = Awaited(before.revision, deployment, replaced)
    return watch(environment, access, awaited, deadline_seconds=deadline_seconds)
