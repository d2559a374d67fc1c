"""Telling a person how the repair of a certificate has ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rollback.certificates import by_hand
from rollback.certificates.model import named
from rollback.certificates.result import WAY, Outcome, Result
from rollback.plan import conclude

if TYPE_CHECKING:
    from rollback.access import Access
    from rollback.certificates.result import SavedPoint
    from rollback.environment import Environment


def told(
    environment: Environment,
    access: Access,
    outcome: Outcome,
    *,
    certificate: str,
    saved: SavedPoint | None,
    began: float,
    why: str = "",
) -> Result:
    """The result, taken down in the journal."""
    sentence, remedy, commands = _said(environment, outcome, certificate, saved)
    result = Result(
        outcome=outcome,
        sentence=f"{sentence} {why}".strip(),
        remedy=remedy,
        saved=saved,
        seconds=access.clock.monotonic() - began,
        certificate=certificate,
        commands=commands,
    )
    conclude(access.journal, result, way=WAY)
    return result


def _said(
    environment: Environment, outcome: Outcome, arn: str, saved: SavedPoint | None
) -> tuple[str, str, tuple[str, ...]]:
    name, before = by_hand.host(environment), saved.before if saved else ""
    look = (by_hand.describe(environment, arn),)
    match outcome:
        case Outcome.SERVING:
            return f"{name} is served with the {named(arn)}, and a TLS handshake trusts it.", "", ()
        case Outcome.NOTHING:
            return f"{name} was served with the {named(arn)} already, and a TLS handshake trusts it.", "", ()
        case Outcome.PUT_BACK:
            return (
                f"The {named(arn)} was attached, but a TLS handshake did not show it trusted: the {named(before)} is attached again and serves.",
                "Find out what is shown, then plan again.",
                (by_hand.shake_hands(environment),),
            )
        case Outcome.NOT_PROVEN:
            return (
                f"The {named(arn)} is attached, but a TLS handshake does not show it trusted.",
                "Look at what is shown, from here and from elsewhere.",
                (by_hand.shake_hands(environment), *look),
            )
        case Outcome.LOST:
            listener = saved.listener if saved else ""
            return (
                "What the listener shows now can't be told.",
                "Look at it; to go back, attach the certificate of before.",
                (by_hand.shake_hands(environment), by_hand.attach(environment, listener, before)),
            )
        case _:
            return _said_before_attaching(environment, outcome, arn)


def _said_before_attaching(
    environment: Environment, outcome: Outcome, arn: str
) -> tuple[str, str, tuple[str, ...]]:
    again = "Plan again; what is done already is found and not done twice."
    look, records = by_hand.describe(environment, arn), by_hand.list_records(environment)
    match outcome:
        case Outcome.NOT_REQUESTED:
            return (
                f"No certificate could be had from ACM for {by_hand.host(environment)}. The one of before is still attached.",
                "Plan again, to renew; what ACM has taken nevertheless is found and taken on.",
                (by_hand.list_certificates(environment),),
            )
        case Outcome.NOT_WRITTEN:
            return (
                "The validation record could not be written. The load balancer is as it was.",
                again,
                (records,),
            )
        case Outcome.STILL_PENDING:
            minutes = environment.certificate.wait_seconds / 60
            return (
                f"ACM has not issued the {named(arn)} within {minutes:.0f} minutes. The certificate of before is still attached.",
                "The record is right: see that the registrar names the zone's name servers, then plan again.",
                (look, records),
            )
        case Outcome.FAILED:
            return (
                f"ACM will not issue the {named(arn)}. The certificate of before is still attached.",
                "Request another one: plan again, to renew.",
                (look, by_hand.request(environment)),
            )
        case _:
            return f"The {named(arn)} is issued, but is not attached to the listener.", again, (look,)
