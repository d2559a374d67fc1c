"""Hands that renew their lease while they wait, and change nothing without it."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from rollback.aws import is_read
from rollback.commands import what_writes
from rollback.http import GuardedSession, changes
from rollback.lease.holding import acquire
from rollback.process import GRACE_SECONDS, Processes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from rollback.access import Access
    from rollback.clock import Clock
    from rollback.environment import Environment
    from rollback.lease.holding import Lease
    from rollback.lease.model import Purpose
    from rollback.process import Completed

_SHORTEST: Final = 0.05
"""Seconds that aren't worth waiting for, and that a clock may not be able to tell apart."""


class Kept:
    """A clock on which a lease is renewed while somebody sleeps, without a thread.

    Args:
        clock: what time passes by.
        lease: what is renewed.
    """

    __slots__ = ("_clock", "_lease")

    def __init__(self, clock: Clock, lease: Lease) -> None:
        self._clock = clock
        self._lease = lease

    def now(self) -> datetime:
        """The time of day, aware, in UTC."""
        return self._clock.now()

    def monotonic(self) -> float:
        """Seconds that a change of the time of day doesn't touch."""
        return self._clock.monotonic()

    def sleep(self, seconds: float) -> None:
        """Let `seconds` pass, and renew the lease whenever that is due.

        Raises:
            LeaseLost: somebody else has it, so whoever sleeps has nothing to wait for.
        """
        end = self._clock.monotonic() + seconds
        left = seconds
        while True:
            self._clock.sleep(min(left, max(self._lease.due_in, _SHORTEST)))
            self._lease.tick()
            left = end - self._clock.monotonic()
            if left <= 0:
                return


class KeptProcesses(Processes):
    """Programs that change nothing without the lease, which outlasts each of them.

    Args:
        processes: what runs them.
        lease: what they need.
    """

    __slots__ = ("_inner", "_lease")

    def __init__(self, processes: Processes, lease: Lease) -> None:
        self._inner = processes
        self._lease = lease

    def run(
        self,
        args: Sequence[str],
        *,
        timeout_seconds: float,
        cwd: Path | None = None,
        env: Mapping[str, str | None] | None = None,
        stdin: bytes | None = None,
    ) -> Completed:
        """Run a program to its end, as `Processes` does; while it runs nobody can renew the lease.

        Raises:
            LeaseLost: somebody else has the lease; the program was not started.
        """
        if what_writes(tuple(args)):
            self._lease.must_hold()
            if self._lease.left < timeout_seconds + GRACE_SECONDS:
                self._lease.renew(seconds=timeout_seconds + GRACE_SECONDS)
        # What became of the program goes before what became of the lease, which the next wait looks at.
        return self._inner.run(args, timeout_seconds=timeout_seconds, cwd=cwd, env=env, stdin=stdin)

    def which(self, program: str) -> str | None:
        """Where PATH leads for `program`, or None."""
        return self._inner.which(program)


def kept(access: Access, lease: Lease) -> Access:
    """Hands with the same doors, which change nothing without the lease and renew it while they wait."""

    def before_a_call(operation: str) -> None:
        if not is_read(operation.partition(":")[2]):
            lease.must_hold()

    def before_a_request(method: str, _: str) -> None:
        if changes(method):
            lease.must_hold()

    return replace(
        access,
        aws=access.aws.guarded(before_a_call),
        http=GuardedSession(access.http, before_a_request),
        processes=KeptProcesses(access.processes, lease),
        github=access.github.guarded(before_a_request),
        clock=Kept(access.clock, lease),
    )


@contextmanager
def holding(
    environment: Environment, access: Access, *, purpose: Purpose, preempt: bool = False
) -> Iterator[Access]:
    """The environment is ours while the block runs: yields hands that keep it so.

    Raises:
        LeaseError, AwsError, JournalError: as `acquire`.
    """
    lease = acquire(environment, access, purpose=purpose, preempt=preempt)
    try:
        yield kept(access, lease)
    finally:
        lease.release()
