"""The checks of a plan for the certificate, each with what was seen and what to do about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rollback._text import printable
from rollback.certificates import by_hand
from rollback.certificates.model import ISSUED, PENDING, RecordState, named
from rollback.plan import ok, refusal, warning

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from rollback.certificates.model import Certificate, Listener, Record, Zone
    from rollback.environment import Environment
    from rollback.plan import Finding

_ENDED: Final = {
    "EXPIRED": "has expired",
    "FAILED": "was not issued",
    "VALIDATION_TIMED_OUT": "was not issued, since it was not proven within 72 hours",
    "REVOKED": "has been revoked",
    "INACTIVE": "is inactive",
}
_RENEW: Final = "Request {}: plan again, to renew; its record is made and it is attached for you."


def listener_missing(environment: Environment) -> Finding:
    """There is nothing to attach a certificate to."""
    return refusal(
        "listener",
        f"The load balancer of {environment.service} has no listener for HTTPS on port 443.",
        "Restore the listener by Terraform first.",
    )


def attached(environment: Environment, current: Certificate | None, now: datetime) -> Finding:
    """What the listener has now."""
    name = by_hand.host(environment)
    if current is None:
        return warning(
            "attached",
            "The listener's certificate can't be found in ACM: it is another region's, IAM's, or deleted.",
            "It stays until the new one serves.",
        )
    told = f"The listener has the {named(current.arn)}"
    if current.status != ISSUED or current.valid_for(now) <= 0:
        return warning("attached", f"{told}, which {_ENDED.get(current.status, 'has expired')}.", _STAYS)
    if not current.covers(name):
        return warning("attached", f"{told}, which isn't for {name}.", _STAYS)
    days = current.valid_for(now) / 86_400
    if current.valid_for(now) < environment.certificate.soon_seconds:
        return warning("attached", f"{told}, which expires in {days:.0f} days.", _STAYS)
    return ok("attached", f"{told}, which is valid for {days:.0f} more days.")


_STAYS: Final = "It stays attached until the new one has been issued, and in ACM after that."


def none_to_attach(environment: Environment) -> Finding:
    """No certificate is there that could be used or repaired."""
    name = by_hand.host(environment)
    return refusal(
        "certificate-chosen",
        f"ACM in {environment.region} has no certificate for {name} that is issued or waits for its validation.",
        _RENEW.format("one"),
        by_hand.request(environment),
    )


def not_there(environment: Environment, arn: str, region: str) -> Finding:
    """The certificate that was asked for isn't where the load balancer could use it."""
    if region and region != environment.region:
        return refusal(
            "certificate-region",
            f"The {named(arn)} is in {printable(region)}, and the load balancer in {environment.region} takes only "
            "certificates of its own region.",
            _RENEW.format(f"one in {environment.region}"),
            by_hand.request(environment),
        )
    return refusal(
        "certificate-chosen",
        f"ACM in {environment.region} has no {named(arn)}.",
        "Choose one that is there.",
        by_hand.list_certificates(environment),
    )


def usable(environment: Environment, chosen: Certificate, now: datetime) -> Iterator[Finding]:
    """Whether this certificate is for the host, and is issued or still can be."""
    name, arn = by_hand.host(environment), named(chosen.arn)
    if not chosen.covers(name):
        yield refusal(
            "certificate-names",
            f"The {arn} is for {', '.join(map(printable, chosen.names))}, not for {name}.",
            _RENEW.format("one for that host"),
            by_hand.request(environment),
        )
    if chosen.status in _ENDED or (chosen.status == ISSUED and chosen.valid_for(now) <= 0):
        reason = f" ({printable(chosen.failure)})" if chosen.failure else ""
        yield refusal(
            "certificate-status",
            f"The {arn} {_ENDED.get(chosen.status, 'has expired')}{reason}: no record can change that.",
            _RENEW.format("another one"),
            by_hand.request(environment),
        )
    elif chosen.status == PENDING and any(each.method != "DNS" for each in chosen.validations):
        yield refusal(
            "certificate-validation",
            f"The {arn} waits for an answer to a mail, which no record can replace.",
            f"Answer the mail. Or: {_RENEW.format('one that is validated by DNS')}",
            by_hand.request(environment),
        )
    elif chosen.status == PENDING and not all(each.record for each in chosen.validations):
        yield refusal(
            "certificate-validation",
            f"ACM hasn't named the records of the {arn} yet.",
            "Plan again in a minute.",
            by_hand.describe(environment, chosen.arn),
        )
    elif chosen.status in {ISSUED, PENDING}:
        yield ok("certificate-status", f"The {arn} is {chosen.status}.")
    else:
        yield refusal(
            "certificate-status",
            f"The {arn} is {printable(chosen.status)}, which isn't known here.",
            "Look at it.",
        )


def to_be_requested(environment: Environment) -> Finding:
    """A new one is asked for."""
    return ok(
        "certificate-request",
        f"A new certificate for {by_hand.host(environment)} is requested, and proven by a record.",
    )


def requested_already(environment: Environment, chosen: Certificate) -> Finding:
    """A new one is asked for, and is there: a second request would only be in its way."""
    return warning(
        "certificate-request",
        f"The {named(chosen.arn)} was requested at {chosen.created:%Y-%m-%d %H:%M} UTC and doesn't serve yet: it is "
        "taken on, and no other is requested.",
        "To have yet another one, delete it first, then plan again.",
        by_hand.delete(environment, chosen.arn),
    )


def zone(environment: Environment, found: Zone | None, names: Iterable[str]) -> Finding:
    """Whether the zone that the environment names is one that the world can ask, for records under these names."""
    wanted = environment.certificate.hosted_zone
    lines = (by_hand.list_zones(),)
    remedy = f"Name the right one for {environment.name} in environments.toml, as certificate.hosted_zone."
    if found is None:
        return refusal("zone", f"The account has no hosted zone {wanted}.", remedy, *lines)
    if found.private:
        return refusal(
            "zone",
            f"The zone {wanted} ({printable(found.name)}) is private: ACM, like the world, doesn't see it.",
            remedy,
            *lines,
        )
    foreign = [name for name in names if not found.holds(name)]
    if foreign:
        return refusal(
            "zone",
            f"A record for {printable(foreign[0])} doesn't belong into the zone {printable(found.name)} ({wanted}).",
            remedy,
            *lines,
        )
    return ok("zone", f"The zone {wanted} ({printable(found.name)}) is public and holds the records.")


def record(environment: Environment, found: Record) -> Iterator[Finding]:
    """How one validation record is, and where else it was put."""
    name, value = printable(found.name), printable(found.value)
    for other in found.elsewhere:
        yield warning(
            "record-elsewhere",
            f"{name}: the record is in a zone which nobody asks, {printable(other)}.",
            f"It is left there. The zone that counts is {environment.certificate.hosted_zone}.",
        )
    if found.state is RecordState.RIGHT:
        yield ok("record", f"The validation record is right: {name} leads to {value}")
    elif found.state is RecordState.WRONG:
        yield warning(
            "record",
            f"The validation record leads to {printable(found.found)}, not to {value}: {name}",
            "It is corrected.",
            by_hand.put_records(environment, (found,)),
        )
    elif found.other_type:
        yield refusal(
            "record",
            f"Under {name} there is a {printable(found.other_type)} record, beside which no CNAME can be.",
            "Find out whose it is and delete it, then plan again.",
            by_hand.list_records(environment),
        )
    else:
        yield warning(
            "record",
            f"The validation record is missing: {name} has to lead to {value}",
            "It is created.",
            by_hand.put_records(environment, (found,)),
        )


def stays(listener: Listener, current: Certificate | None, chosen: Certificate) -> Iterator[Finding]:
    """What becomes of the certificate that is attached now."""
    if current is None or current.arn == chosen.arn:
        return
    others = [each for each in current.in_use_by if each != listener.load_balancer]
    used = f" {len(others)} others use it, so it can't be deleted." if others else ""
    yield ok("old-certificate", f"The {named(current.arn)} stays in ACM, for going back.{used}")
