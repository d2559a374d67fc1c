"""What users get: the application asked over HTTP, before a rollback, after it, and while it waits."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import requests

from rollback.journal import Kind

if TYPE_CHECKING:
    from datetime import datetime

    from rollback.access import Access
    from rollback.clock import Clock
    from rollback.environment import Environment

TIMEOUT_SECONDS: Final = 2.0
FIRST_ERROR: Final = 400
"""From this status code on an answer is an error."""
EVERY_SECONDS: Final = 10.0
"""While a rollback waits, the application is asked no more often."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What came back.

    Attributes:
        at: when, UTC.
        asked: how many requests were sent.
        failed: how many of them were answered with an error (4xx, 5xx), or not at all.
    """

    at: datetime
    asked: int
    failed: int


def measure(environment: Environment, access: Access) -> Measured:
    """Ask the application as often as the environment's probe says; each answer lands in the journal.

    Raises:
        JournalError: the journal can't be written.
    """
    at = access.clock.now()
    asked = environment.probe.requests
    failed = sum(not _fine(environment, access.http) for _ in range(asked))
    access.journal.record(
        Kind.OBSERVATION,
        f"{failed} of {asked} answers of the application were errors."
        if failed
        else f"The application answered {asked} of {asked} times without an error.",
        environment=environment.name,
        asked=asked,
        failed=failed,
    )
    return Measured(at, asked, failed)


def watching(environment: Environment, access: Access) -> Access:
    """The same hands, which also ask the application now and then whenever they wait."""
    return replace(access, clock=_AskingClock(access.clock, environment, access.http))


class _AskingClock:
    """A clock by which every wait is also used to ask the application; what it answers stops nothing."""

    def __init__(self, clock: Clock, environment: Environment, http: requests.Session) -> None:
        self._clock = clock
        self._environment = environment
        self._http = http
        self._asked_at = float("-inf")

    def now(self) -> datetime:
        return self._clock.now()

    def monotonic(self) -> float:
        return self._clock.monotonic()

    def sleep(self, seconds: float) -> None:
        self._clock.sleep(seconds)
        if self._clock.monotonic() - self._asked_at >= EVERY_SECONDS:
            self._asked_at = self._clock.monotonic()
            _fine(self._environment, self._http)


def _fine(environment: Environment, http: requests.Session) -> bool:
    url = environment.url + environment.probe.path
    with suppress(requests.RequestException):
        return http.get(url, timeout=TIMEOUT_SECONDS).status_code < FIRST_ERROR
    return False
