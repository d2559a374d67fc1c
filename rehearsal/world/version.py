"""What a version of the application does when it runs."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

OK: Final = 200
NOT_FOUND: Final = 404
FAILED: Final = 500
UNAVAILABLE: Final = 503


class Behaviour(StrEnum):
    """How a version behaves, from the moment its container starts."""

    HEALTHY = "healthy"
    CRASHES = "crashes at start"
    UNHEALTHY = "fails its health check"
    SLOW = "starts slowly"
    ERRORS = "answers errors under load"


@dataclass(frozen=True, slots=True)
class Routes:
    """The paths that an application knows.

    Attributes:
        health: where it is asked for its health.
        pages: what it has for its users.
    """

    health: str = "/health"
    pages: tuple[str, ...] = ("/", "/version")


@dataclass(frozen=True, slots=True)
class AppVersion:
    """A version of the application, as it is built into an image.

    Attributes:
        name: what the application calls itself over HTTP, and the tag of its image, as ``v41``.
        behaviour: how it behaves.
        routes: the paths it knows.
        query: what it asks its database for each page; empty where nobody has said.
    """

    name: str
    behaviour: Behaviour = Behaviour.HEALTHY
    routes: Routes = Routes()
    query: str = ""

    def status(self, path: str, *, database: bool) -> int:
        """The status that it answers a GET with, once it is up.

        Args:
            path: what is asked for; a query makes no difference.
            database: whether it can reach its database, which only its health does without.
        """
        path = path.partition("?")[0]
        if path == self.routes.health.partition("?")[0]:
            return UNAVAILABLE if self.behaviour is Behaviour.UNHEALTHY else OK
        if path not in self.routes.pages:
            return NOT_FOUND
        return OK if database and self.behaviour is not Behaviour.ERRORS else FAILED
