"""Putting the living ECS, load balancer and registry in the place of moto's, and taking them out again."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import moto.ecs.urls
import moto.s3.models
import moto.s3.responses
from moto.core.model_instances import reset_model_data
from moto.moto_api._internal import mock_random

from rehearsal.aws import logs, members, timeline
from rehearsal.aws.buckets import OwnedS3Response
from rehearsal.aws.ecr import LivingEcrBackend
from rehearsal.aws.ecs.backend import LivingEcsBackend
from rehearsal.aws.ecs.responses import LivingEcsResponse
from rehearsal.aws.elbv2 import LivingElbv2Backend
from rehearsal.aws.firewall import LivingEc2Backend
from rehearsal.aws.moto_parts import (
    Ec2Backend,
    EcrBackend,
    EcsBackend,
    EcsResponse,
    Elbv2Backend,
    S3Response,
    ec2_backends,
    ecr_backends,
    ecs_backends,
    elbv2_backends,
)
from rehearsal.aws.pace import ORDINARY, Pace
from rehearsal.aws.timeline import Timeline

if TYPE_CHECKING:
    from collections.abc import Callable

    from rehearsal.clock import VirtualClock

_S3: Final[Any] = moto.s3.models
_S3_RESPONSES: Final[Any] = moto.s3.responses
"""moto's S3 takes its class from here at each request."""
_WALL_CLOCK: Final[Any] = _S3.utcnow
_PATH: Final = "{0}/$"
_LATER: Final[list[Callable[[], None]]] = []
"""What takes out again what was put in after the stage was opened."""
_PARTS: Final = (
    (ecs_backends, LivingEcsBackend, EcsBackend),
    (elbv2_backends, LivingElbv2Backend, Elbv2Backend),
    (ecr_backends, LivingEcrBackend, EcrBackend),
    (ec2_backends, LivingEc2Backend, Ec2Backend),
)


def attach(clock: VirtualClock, *, seed: int, pace: Pace = ORDINARY) -> None:
    """Let the stage's AWS begin anew, living by `clock`.

    moto's ECS, ELBv2 and ECR forget everything; what they had planned on an earlier clock will not
    happen. Works before and after `mock_aws` has started: when moto resets itself, the same life
    begins again.

    Args:
        clock: its time; it is touched only under its lock.
        seed: everything random follows from it, so the same calls make the same history.
        pace: how long things take.
    """
    timeline.bind(None)
    members.remember()
    for backends, living, _ in _PARTS:
        _replace(backends, living)
    moto.ecs.urls.url_paths[_PATH] = LivingEcsResponse.dispatch
    reset_model_data()
    mock_random.seed(seed)
    timeline.bind(Timeline(clock, seed, pace))
    _S3.utcnow = _Moments(clock)
    _S3_RESPONSES.S3Response = OwnedS3Response
    logs.live_by(clock)


def attach_certificates() -> None:
    """Put the living ACM in as well, until `detach`: it costs an import and keys, and few rehearsals need it."""
    from rehearsal.aws import acm  # noqa: PLC0415 - see above

    if acm.detach not in _LATER:
        acm.attach()
        _LATER.append(acm.detach)


def attach_backups() -> None:
    """Put the living RDS in as well, and date secrets by the clock, until `detach`: few rehearsals need it."""
    from rehearsal.aws import rds, secrets  # noqa: PLC0415 - see above

    for part in (rds, secrets):
        if part.detach not in _LATER:
            part.attach()
            _LATER.append(part.detach)


def detach() -> None:
    """Put moto's own parts back, and let go of the clock."""
    while _LATER:
        _LATER.pop()()
    timeline.bind(None)
    for backends, _, original in _PARTS:
        _replace(backends, original)
    moto.ecs.urls.url_paths[_PATH] = EcsResponse.dispatch
    _S3.utcnow = _WALL_CLOCK
    _S3_RESPONSES.S3Response = S3Response
    logs.live_by(None)


class _Moments:
    """The clock's time for moto's S3, no two alike: it takes the latest for the newest."""

    def __init__(self, clock: VirtualClock) -> None:
        self._clock = clock
        self._last = datetime.min  # noqa: DTZ901 - moto's times are naive

    def __call__(self) -> datetime:
        now = self._clock.now().replace(tzinfo=None)
        self._last = now if now > self._last else self._last + timedelta(microseconds=1)
        return self._last


def _replace(backends: Any, part: Any) -> None:
    """Let moto build `part` for each account and region, and forget what it had built.

    A reset of EC2 would build networks at once, before the seed is set.
    """
    if backends is not ec2_backends:
        for account in backends.values():
            account.reset()
    if backends is ec2_backends or backends.backend is not part:
        backends.backend = part
        backends.clear()


def begin_numbering(account: str, region: str, family: str, first_revision: int) -> None:
    """Let the next revision registered of a new `family` be `first_revision`, as if those before were deleted."""
    backend = ecs_backends[account][region]
    backend.task_definitions.setdefault(family, {})
    backend.numbering[family] = first_revision - 1
