from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.rollback.lease.operators import House

if TYPE_CHECKING:
    from collections.abc import Callable

    from botocore.awsrequest import AWSResponse

    from rehearsal.doors import Call
    from rehearsal.embedded import EmbeddedStage


@pytest.fixture
def house(stage: EmbeddedStage) -> House:
    """A stage with the versioned bucket of the state, in which there is no lease."""
    bucket = stage.environment.state_bucket
    stage.clients.s3.create_bucket(Bucket=bucket)
    stage.clients.s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    calls: list[str] = []

    def note(call: Call, proceed: Callable[[], AWSResponse]) -> AWSResponse:
        calls.append(call.operation)
        return proceed()

    stage.operator.interceptors.append(note)
    return House(stage, calls)
