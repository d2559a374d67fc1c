"""How many requests somebody may make in an hour (GitHub Docs, "Rate limits for the REST API")."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from rehearsal.origin.github.asking import Refused
from rehearsal.origin.github.rendering.place import number_of

if TYPE_CHECKING:
    from rehearsal.clock import VirtualClock
    from rehearsal.origin.github.asking import JsonObject

PER_HOUR: Final = 5000
"""With a token."""
ANONYMOUS_PER_HOUR: Final = 60
"""Without one."""
_HOUR: Final = 3600
_DOCS: Final = "https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api"


@dataclass(slots=True)
class Allowance:
    """What somebody has left; `reset` is when they get a new one, in seconds since 1970, UTC."""

    limit: int
    used: int
    reset: int

    @property
    def remaining(self) -> int:
        """How many requests are left."""
        return self.limit - self.used

    def headers(self) -> dict[str, str]:
        """What every answer says of it."""
        return {
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": str(self.remaining),
            "X-RateLimit-Reset": str(self.reset),
            "X-RateLimit-Used": str(self.used),
            "X-RateLimit-Resource": "core",
        }

    def render(self) -> JsonObject:
        """As the API tells it."""
        return {"limit": self.limit, "used": self.used, "remaining": self.remaining, "reset": self.reset}


class Limits:
    """The allowances of all who ask, by login; an hour begins with the first request of it."""

    def __init__(self, clock: VirtualClock) -> None:
        self._clock = clock
        self._allowances: dict[str, Allowance] = {}

    def of(self, login: str) -> Allowance:
        """What `login` has left now."""
        now = int(self._clock.now().timestamp())
        allowance = self._allowances.get(login)
        if allowance is None or now >= allowance.reset:
            limit = PER_HOUR if login else ANONYMOUS_PER_HOUR
            allowance = self._allowances[login] = Allowance(limit=limit, used=0, reset=now + _HOUR)
        return allowance

    def require(self, login: str) -> None:
        """See that `login` has a request left.

        Raises:
            Refused: they have none.
        """
        if self.of(login).remaining:
            return
        if login:
            raise Refused(
                HTTPStatus.FORBIDDEN, f"API rate limit exceeded for user ID {number_of(login)}.", docs=_DOCS
            )
        raise Refused(
            HTTPStatus.FORBIDDEN,
            "API rate limit exceeded for 127.0.0.1. (But here's the good news: Authenticated requests get a "
            "higher rate limit. Check out the documentation for more details.)",
            docs=_DOCS,
        )

    def spend(self, login: str) -> None:
        """Count a request of `login`."""
        self.of(login).used += 1

    def exhaust(self, login: str) -> None:
        """Have somebody else with the same account use up what is left."""
        allowance = self.of(login)
        allowance.used = allowance.limit
