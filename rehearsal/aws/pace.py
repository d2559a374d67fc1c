"""How long things take on AWS, so that a rehearsal takes as long as the real thing would."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Span:
    """A duration in seconds, somewhere between `low` and `high`."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Pace:
    """How long each step of a task's life takes, in seconds.

    AWS documents the order of the steps ("Amazon ECS task lifecycle"), not their length: the
    defaults are what a small service on Fargate commonly sees.

    Attributes:
        reaction: from a change of the service to what the service scheduler does about it.
        provisioning: attaching the network interface (PROVISIONING).
        pull: pulling the image and the secrets (PENDING).
        failing_pull: how long the agent tries again before it gives up on an image or a secret.
        activating: starting the containers and registering the targets (ACTIVATING).
        crash: from RUNNING to the exit of a container that crashes at start.
        slow_start: from the container's start to the first passing health check of a slow version.
        stopping: from SIGTERM to the exit of the containers (STOPPING).
        deprovisioning: detaching the network interface (DEPROVISIONING).
        target_registration: from registering a target to its first health check.
        retention: how long a stopped task can still be described; AWS says about an hour.
    """

    reaction: Span = Span(1.0, 3.0)
    provisioning: Span = Span(7.0, 12.0)
    pull: Span = Span(5.0, 12.0)
    failing_pull: Span = Span(15.0, 30.0)
    activating: Span = Span(2.0, 4.0)
    crash: Span = Span(1.0, 4.0)
    slow_start: float = 75.0
    stopping: Span = Span(1.0, 4.0)
    deprovisioning: Span = Span(8.0, 16.0)
    target_registration: Span = Span(1.0, 4.0)
    retention: float = 3600.0


ORDINARY = Pace()
"""The pace of an ordinary day."""
