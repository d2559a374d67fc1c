"""Operators with clocks and journals of their own, and a bucket that they share."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from botocore.exceptions import ReadTimeoutError

from rollback.lease import Lease, Purpose, acquire
from rollback.lease.guarding import kept

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from botocore.awsrequest import AWSResponse

    from rehearsal.doors import Call
    from rehearsal.embedded import EmbeddedStage
    from rollback.access import Access
    from rollback.clock import Clock
    from rollback.environment import Environment


class Skewed:
    """A clock that is wrong by so many seconds, began counting elsewhere, and isn't as fast as the others."""

    def __init__(self, clock: Clock, *, wrong: float, rate: float = 1.0) -> None:
        self._clock = clock
        self._wrong = timedelta(seconds=wrong)
        self._rate = rate

    def now(self) -> datetime:
        return self._clock.now() + self._wrong

    def monotonic(self) -> float:
        return 1000 + self._clock.monotonic() * self._rate

    def sleep(self, seconds: float) -> None:
        self._clock.sleep(seconds / self._rate)


@dataclass(slots=True)
class Someone:
    """An operator at a machine of their own."""

    environment: Environment
    access: Access
    host: str

    def take(self, purpose: Purpose = Purpose.DRILL, *, preempt: bool = False) -> Lease:
        return acquire(self.environment, self.access, purpose=purpose, preempt=preempt, host=self.host)

    def with_lease(self, purpose: Purpose = Purpose.DRILL, *, preempt: bool = False) -> tuple[Lease, Access]:
        lease = self.take(purpose, preempt=preempt)
        return lease, kept(self.access, lease)


@dataclass(frozen=True, slots=True)
class House:
    """The stage, and what its S3 has been asked for."""

    stage: EmbeddedStage
    calls: list[str]

    def someone(self, host: str, *, wrong: float = 0.0, rate: float = 1.0) -> Someone:
        access = self.stage.access()
        clock = Skewed(self.stage.clock, wrong=wrong, rate=rate)
        return Someone(self.stage.environment, replace(access, clock=clock), host)

    def again(self, other: Someone) -> Someone:
        """The same journal, after the process that wrote it is dead."""
        return replace(other)

    def content(self) -> bytes:
        """What stands at the lease's key, as the team sees it."""
        environment = self.stage.environment
        answer = self.stage.clients.s3.get_object(Bucket=environment.state_bucket, Key=environment.lease.key)
        return answer["Body"].read()

    def put(self, content: bytes) -> None:
        """Have the team write over the lease, whatever stands there."""
        environment = self.stage.environment
        self.stage.clients.s3.put_object(
            Bucket=environment.state_bucket, Key=environment.lease.key, Body=content
        )

    def lose(self, *done: bool, operation: str = "s3:PutObject") -> None:
        """Have the next answers to an operation be lost, each of a request that was done or was not."""
        left = list(done)

        def fault(call: Call, proceed: Callable[[], AWSResponse]) -> AWSResponse:
            if call.operation != operation or not left:
                return proceed()
            if left.pop(0):
                proceed()
            raise ReadTimeoutError(endpoint_url=call.request.url)

        self.stage.operator.interceptors.append(fault)
