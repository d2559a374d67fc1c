"""What the load balancer really shows to whoever connects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rollback.certificates import by_hand
from rollback.journal import Kind

if TYPE_CHECKING:
    from rollback.access import Access
    from rollback.environment import Environment
    from rollback.tls import Handshake

WITHIN_SECONDS: Final = 120.0
"""How long a load balancer may take to serve another certificate."""
EVERY_SECONDS: Final = 5.0


def shake_hands(environment: Environment, access: Access) -> Handshake:
    """Shake hands with the environment's host once, and take down what was seen."""
    seen = access.tls.handshake(by_hand.host(environment))
    problem = seen.problem_at(access.clock.now())
    access.journal.record(
        Kind.OBSERVATION,
        f"TLS handshake with {seen.host}: {problem or 'trusted'}.",
        fingerprint=seen.fingerprint,
        not_after=seen.not_after.isoformat() if seen.not_after else "",
    )
    return seen


def is_served(access: Access, seen: Handshake, fingerprint: str) -> bool:
    """Whether just this certificate was shown, and a careful client would go on."""
    return seen.fingerprint == fingerprint and not seen.problem_at(access.clock.now())


def await_served(environment: Environment, access: Access, fingerprint: str) -> Handshake:
    """Shake hands until a certificate is served, for at most two minutes; returns the last handshake."""
    deadline = access.clock.monotonic() + WITHIN_SECONDS
    while True:
        seen = shake_hands(environment, access)
        if is_served(access, seen, fingerprint) or access.clock.monotonic() >= deadline:
            return seen
        access.clock.sleep(EVERY_SECONDS)
