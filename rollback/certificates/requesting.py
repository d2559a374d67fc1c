"""Requesting a certificate where none is left that a record could mend."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

from rollback.certificates import by_hand, reading
from rollback.certificates.model import named
from rollback.errors import RollbackError, Throttled, Unavailable
from rollback.journal import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from rollback.access import Access
    from rollback.certificates.model import Certificate
    from rollback.environment import Environment

NAMED_WITHIN: Final = 120.0
"""How long ACM may take to tell of a request and its records, in seconds; it says "several seconds"."""
EVERY: Final = 5.0


def token(host: str, now: datetime, known: Iterable[Certificate]) -> str:
    """What ACM knows a request by.

    Whoever has seen the same certificates on the same day asks for the same one, also where ACM's list doesn't have it
    yet; ACM remembers it for an hour (API reference, ``RequestCertificate``, IdempotencyToken).
    """
    seen = " ".join((host, f"{now:%Y-%m-%d}", *sorted(each.arn for each in known)))
    return hashlib.sha256(seen.encode()).hexdigest()[:32]


def request(environment: Environment, access: Access, by: str) -> Certificate:
    """Request a certificate for the environment's host by this token, and wait until ACM names its records.

    Raises:
        RollbackError: ACM doesn't take the request, or tells nothing of it.
    """
    name = by_hand.host(environment)
    try:
        arn = _asked(access, name, by)
    except Unavailable:
        # It may have been taken; by the same token it is the same.
        access.clock.sleep(EVERY)
        arn = _asked(access, name, by)
    access.journal.record(Kind.OBSERVATION, f"Requested {arn} for {name}.", certificate=arn)
    deadline = access.clock.monotonic() + NAMED_WITHIN
    while True:
        found = _told(access, arn)
        if found and found.validations and all(each.record for each in found.validations):
            return found
        if access.clock.monotonic() >= deadline:
            raise RollbackError(
                f"ACM has taken the request for the {named(arn)}, and doesn't name its records."
            )
        access.clock.sleep(EVERY)


def _asked(access: Access, name: str, by: str) -> str:
    answer = access.aws.acm.request_certificate(DomainName=name, ValidationMethod="DNS", IdempotencyToken=by)
    return answer["CertificateArn"]


def _told(access: Access, arn: str) -> Certificate | None:
    """What ACM tells of it; nothing where it can't be asked right now."""
    try:
        return reading.certificate(access, arn)
    except (Throttled, Unavailable):
        return None
