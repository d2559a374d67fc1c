"""What a version of the application does when it runs."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Behaviour(StrEnum):
    """How a version behaves, from the moment its container starts."""

    HEALTHY = "healthy"
    CRASHES = "crashes at start"
    UNHEALTHY = "fails its health check"
    SLOW = "starts slowly"
    ERRORS = "answers errors under load"


@dataclass(frozen=True, slots=True)
class AppVersion:
    """A version of the application, as it is built into an image.

    Attributes:
        name: what the application calls itself over HTTP, and the tag of its image, as ``v41``.
        behaviour: how it behaves.
    """

    name: str
    behaviour: Behaviour = Behaviour.HEALTHY
