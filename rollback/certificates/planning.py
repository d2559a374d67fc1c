"""Making the plan of a repair: it only reads."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rollback._text import quoted
from rollback.certificates import by_hand, checks, reading, requesting
from rollback.certificates.model import ISSUED, PENDING, RecordState, named, region_of
from rollback.certificates.result import WAY
from rollback.ecs.checks import account_findings, region_findings
from rollback.errors import RollbackError
from rollback.plan import Finding, Plan, Severity, ok, record

if TYPE_CHECKING:
    from datetime import datetime

    from rollback.access import Access
    from rollback.certificates.model import Certificate, Listener, Record
    from rollback.environment import Environment


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificatePlan(Plan):
    """What a repair would do.

    Attributes:
        listener: where the certificate is to serve; None where there is none.
        current: the certificate that is attached; None where ACM doesn't know it.
        chosen: the one that is to serve; None where there is none.
        records: its validation records, as they are.
        done: whether it serves already, as far as AWS says, and stays renewable.
        token: where a new one is to be requested, what ACM knows the request by, so that it is made once; else empty.
    """

    listener: Listener | None = None
    current: Certificate | None = None
    chosen: Certificate | None = None
    records: tuple[Record, ...] = ()
    done: bool = False
    token: str = ""

    @property
    def to_write(self) -> tuple[Record, ...]:
        """The records that are created or corrected."""
        return tuple(each for each in self.records if each.state is not RecordState.RIGHT)


@dataclass(slots=True)
class _Draft:
    """A plan in the making."""

    listener: Listener | None = None
    current: Certificate | None = None
    chosen: Certificate | None = None
    records: tuple[Record, ...] = ()
    token: str = ""
    findings: list[Finding] = field(default_factory=list)

    @property
    def refused(self) -> bool:
        return any(finding.severity is Severity.REFUSAL for finding in self.findings)


def plan(
    environment: Environment, access: Access, *, certificate: str = "", renew: bool = False
) -> CertificatePlan:
    """What stands in the way of the environment's certificate, and what it would take to have it serve.

    Args:
        environment: the place.
        access: the hands.
        certificate: the ARN of the certificate that is meant; without it, the one that is attached if that is all
            right, or else the newest that is or can be issued.
        renew: whether a new one is to be requested; one that was, and doesn't serve yet, is taken on instead.

    Raises:
        RollbackError: a certificate is named, and a new one asked for.
        AwsError: AWS doesn't tell what must be known.
    """
    if certificate and renew:
        raise RollbackError(
            f"A certificate is named, {quoted(certificate)}, and a new one asked for.",
            remedy="Name one, or have one requested.",
        )
    draft = _Draft()
    draft.findings += region_findings(environment, access)
    if not draft.refused:
        draft.findings += account_findings(environment, access)
    if not draft.refused:
        _look(environment, access, certificate, draft, renew=renew)
    return concluded(environment, access, draft)


def concluded(environment: Environment, access: Access, draft: _Draft) -> CertificatePlan:
    """Make the plan of a draft, and take it down in the journal."""
    listener, chosen = draft.listener, draft.chosen
    wrong = tuple(each for each in draft.records if each.state is not RecordState.RIGHT)
    done = bool(
        listener
        and chosen
        and not draft.refused
        and not wrong
        and chosen.status == ISSUED
        and listener.certificate == chosen.arn
    )
    if done:
        draft.findings.append(ok("in-force", "The chosen certificate is attached already."))
    ready = CertificatePlan(
        environment=environment.name,
        title=f"Have {by_hand.host(environment)} served with {_named(draft)}.",
        findings=tuple(draft.findings),
        commands=() if draft.refused or done else _lines(environment, draft, wrong),
        listener=listener,
        current=draft.current,
        chosen=chosen,
        records=draft.records,
        done=done,
        token="" if draft.refused else draft.token,
    )
    record(access.journal, ready, way=WAY, asked={"certificate": chosen.arn if chosen else ""})
    return ready


def _named(draft: _Draft) -> str:
    if draft.chosen:
        return f"the {named(draft.chosen.arn)}"
    return "a new certificate" if draft.token else "a certificate"


def _lines(environment: Environment, draft: _Draft, wrong: tuple[Record, ...]) -> tuple[str, ...]:
    if draft.listener is None:
        return ()
    if draft.chosen is None:
        return by_hand.renew(environment, draft.listener, draft.token) if draft.token else ()
    return by_hand.repair(environment, draft.listener, draft.chosen, wrong)


def _look(environment: Environment, access: Access, asked: str, draft: _Draft, *, renew: bool) -> None:
    """Fill the draft in, until something stands against it that makes all else pointless."""
    now = access.clock.now()
    draft.listener = reading.listener(environment, access)
    if draft.listener is None:
        draft.findings.append(checks.listener_missing(environment))
        return
    if draft.listener.certificate:
        draft.current = reading.certificate(access, draft.listener.certificate)
    draft.findings.append(checks.attached(environment, draft.current, now))
    if renew:
        _renew(environment, access, draft, now)
    else:
        draft.chosen = _chosen(environment, access, asked, draft, now)
    if draft.chosen is None:
        return
    draft.findings += checks.usable(environment, draft.chosen, now)
    if draft.refused:
        return
    if draft.chosen.validations:
        found = reading.zone(environment, access)
        names = [each.record for each in draft.chosen.validations if each.record]
        draft.findings.append(checks.zone(environment, found, names))
        if found is None or draft.refused:
            return
        draft.records = reading.records(access, found, draft.chosen)
        for each in draft.records:
            draft.findings += checks.record(environment, each)
    draft.findings += checks.stays(draft.listener, draft.current, draft.chosen)


def _renew(environment: Environment, access: Access, draft: _Draft, now: datetime) -> None:
    """Take on what was requested after the certificate that is attached, or have one requested."""
    name = by_hand.host(environment)
    known = reading.certificates_for(access, name)
    for each in known:
        newer = draft.current is None or (
            each.created > draft.current.created and not _same(each, draft.current)
        )
        if newer and each.names == (name,) and _follows(environment, each, now):
            draft.chosen = each
            draft.findings.append(checks.requested_already(environment, each))
            return
    draft.findings.append(checks.zone(environment, reading.zone(environment, access), (name,)))
    if not draft.refused:
        draft.token = requesting.token(name, now, known)
        draft.findings.append(checks.to_be_requested(environment))


def _follows(environment: Environment, each: Certificate, now: datetime) -> bool:
    """Whether it only has to be proven by a record, or attached."""
    if each.status == PENDING:
        return all(validation.method == "DNS" for validation in each.validations)
    return _healthy(environment, each, now)


def _chosen(
    environment: Environment, access: Access, asked: str, draft: _Draft, now: datetime
) -> Certificate | None:
    """The certificate that is to serve; where there is none, the draft says why."""
    if asked:
        region = region_of(asked)
        # ACM is not even asked for what its load balancers could not use.
        found = reading.certificate(access, asked) if region == environment.region else None
        if found is None:
            draft.findings.append(checks.not_there(environment, asked, region))
        return found
    name = by_hand.host(environment)
    if draft.current and _healthy(environment, draft.current, now):
        return draft.current
    known = reading.certificates_for(access, name)
    usable = [each for each in known if _can_serve(each, now) and not _same(each, draft.current)]
    if usable:
        # The newest that only has to be attached, or else the newest.
        return next((each for each in usable if _healthy(environment, each, now)), usable[0])
    if draft.current and _can_serve(draft.current, now) and draft.current.covers(name):
        return draft.current
    draft.findings.append(checks.none_to_attach(environment))
    return None


def _healthy(environment: Environment, current: Certificate, now: datetime) -> bool:
    soon = environment.certificate.soon_seconds
    covers = current.covers(by_hand.host(environment))
    return current.status == ISSUED and covers and current.valid_for(now) >= soon


def _can_serve(each: Certificate, now: datetime) -> bool:
    return each.status == PENDING or (each.status == ISSUED and each.valid_for(now) > 0)


def _same(one: Certificate, other: Certificate | None) -> bool:
    return other is not None and one.arn == other.arn
