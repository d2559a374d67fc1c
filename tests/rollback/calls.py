"""Two calls of AWS, what may happen to them, and what the journal says of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from botocore.exceptions import ConnectionClosedError, EndpointConnectionError, ReadTimeoutError

from rollback.journal import Entry, Kind, read
from tests.rollback.wire import answering

if TYPE_CHECKING:
    from pathlib import Path

    from rollback.aws import Aws

THROTTLED = answering(400, "ThrottlingException", "Rate exceeded")
FAILING = answering(500, "ServerException")
TIMEOUT = ReadTimeoutError(endpoint_url="https://ecs.example")
REFUSED = EndpointConnectionError(endpoint_url="https://ecs.example")
CLOSED = ConnectionClosedError(endpoint_url="https://ecs.example")


def change(aws: Aws) -> Any:
    """A call that changes something."""
    return aws.ecs.create_cluster(clusterName="here")


def look(aws: Aws) -> Any:
    """A call that only looks."""
    return aws.ecs.describe_clusters()


def kinds(path: Path) -> list[tuple[Kind, str]]:
    return [(entry.kind, entry.what) for entry in read(path)]


def answers(path: Path) -> list[Entry]:
    return [entry for entry in read(path) if entry.kind is Kind.ANSWER]
