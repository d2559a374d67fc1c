"""Requesting a certificate where none is left that a record could mend."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from rollback.certificates import by_hand
from rollback.ecs.checks import account_findings, region_findings
from rollback.errors import Refused
from rollback.journal import Kind
from rollback.plan import Severity

if TYPE_CHECKING:
    from rollback.access import Access
    from rollback.environment import Environment


def request(environment: Environment, access: Access) -> str:
    """Request a certificate for the environment's host, validated by DNS; `plan` then takes it from there.

    Asking again on the same day, as after a lost answer, gives the same certificate for as long as ACM remembers the
    request: for one hour (API reference, ``RequestCertificate``, IdempotencyToken).

    Returns:
        Its ARN.

    Raises:
        Refused: these hands are of another account or region; nothing has been requested.
        AwsError: ACM doesn't take the request, or its answer was lost.
    """
    for findings in (region_findings, account_findings):
        for finding in findings(environment, access):
            if finding.severity is Severity.REFUSAL:
                raise Refused(finding.seen, remedy=finding.remedy)
    name = by_hand.host(environment)
    token = hashlib.sha256(f"{name} {access.clock.now():%Y-%m-%d}".encode()).hexdigest()[:32]
    arn = access.aws.acm.request_certificate(DomainName=name, ValidationMethod="DNS", IdempotencyToken=token)[
        "CertificateArn"
    ]
    access.journal.record(Kind.OBSERVATION, f"Requested {arn} for {name}.", certificate=arn)
    return arn
