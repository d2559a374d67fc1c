"""Looking at the certificate after a repair: in ACM, at the listener, in DNS, and by a TLS handshake."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rollback._text import printable
from rollback.certificates import by_hand, reading, serving
from rollback.certificates.model import ISSUED, RecordState, named
from rollback.plan import Finding, Severity, Verified, of_severity, ok, refusal, warning
from rollback.tls import fingerprint

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rollback.access import Access
    from rollback.certificates.model import Certificate
    from rollback.environment import Environment


@dataclass(frozen=True, slots=True)
class Verification(Verified[str]):
    """What was seen afterwards.

    Attributes:
        target: what should be served, in words.
        findings: what was looked at; a ``refusal`` is a proof that it is not.
    """


def verify(environment: Environment, access: Access, certificate: str) -> Verification:
    """Look whether the certificate of that ARN is what the environment's host is served with.

    Raises:
        AwsError: AWS doesn't say.
    """
    found = reading.certificate(access, certificate)
    findings = [*_in_acm(environment, access, certificate, found)]
    if found is not None and not of_severity(findings, Severity.REFUSAL):
        findings += _records(environment, access, found)
        findings += _shown(environment, access, found)
    return Verification(f"The {named(certificate)} for {by_hand.host(environment)}", tuple(findings))


def _in_acm(
    environment: Environment, access: Access, arn: str, found: Certificate | None
) -> Iterator[Finding]:
    look = by_hand.describe(environment, arn)
    if found is None or found.status != ISSUED:
        status = found.status if found else "not there"
        yield refusal("certificate-status", f"The {named(arn)} is {printable(status)}.", "Plan again.", look)
        return
    yield ok("certificate-status", f"The {named(arn)} is ISSUED.")
    listener = reading.listener(environment, access)
    if listener is None or listener.certificate != arn:
        has = f"the {named(listener.certificate)}" if listener and listener.certificate else "no certificate"
        yield refusal("attached", f"The listener has {has}.", "Plan again.", look)
    else:
        yield ok("attached", "The listener has it.")


def _records(environment: Environment, access: Access, found: Certificate) -> Iterator[Finding]:
    """Without its records a certificate serves, but isn't renewed."""
    zone = reading.zone(environment, access)
    records = reading.records(access, zone, found) if zone else ()
    wrong = [each for each in records if each.state is not RecordState.RIGHT]
    if wrong:
        yield warning(
            "record",
            f"The record {printable(wrong[0].name)} is {wrong[0].state.value}: ACM can't renew the certificate.",
            "Create it.",
            by_hand.put_records(environment, wrong),
        )
    elif records:
        yield ok("record", "Its validation records are right, so that ACM can renew it.")


def _shown(environment: Environment, access: Access, found: Certificate) -> Iterator[Finding]:
    seen, line = serving.shake_hands(environment, access), by_hand.shake_hands(environment)
    if seen.fingerprint != fingerprint(reading.pem(access, found.arn)):
        yield refusal(
            "served",
            f"{seen.host} shows another certificate."
            if seen.fingerprint
            else f"{seen.host} shows none: {seen.problem}.",
            "Wait two minutes and look again; then look whether the host leads to this load balancer.",
            line,
        )
        return
    yield ok("served", f"{seen.host} shows just this certificate.")
    if problem := seen.problem_at(access.clock.now()):
        yield refusal("trusted", f"A client refuses it: {problem}.", "Plan again with another one.", line)
        return
    until = f"{seen.not_after:%Y-%m-%d %H:%M} UTC" if seen.not_after else "an unknown day"
    yield ok("trusted", f"The handshake trusts its chain, for {seen.host}, until {until}.")
