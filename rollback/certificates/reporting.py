"""Telling a person how the repair of a certificate has ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rollback.certificates import by_hand
from rollback.certificates.result import Outcome, Result
from rollback.journal import Kind

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
    access.journal.record(Kind.OUTCOME, result.sentence, outcome=outcome.value)
    return result


def _said(  # noqa: PLR0911 - one return an outcome
    environment: Environment, outcome: Outcome, arn: str, saved: SavedPoint | None
) -> tuple[str, str, tuple[str, ...]]:
    name, before = by_hand.host(environment), saved.before if saved else ""
    look = (by_hand.describe(environment, arn),)
    again = "Plan again; what is done already is found and not done twice."
    match outcome:
        case Outcome.SERVING:
            return f"{name} is served with {arn}, and a TLS handshake trusts it.", "", ()
        case Outcome.NOTHING:
            return f"{name} was served with {arn} already, and a TLS handshake trusts it.", "", ()
        case Outcome.NOT_WRITTEN:
            lines = (by_hand.list_records(environment),)
            return "The validation record could not be written, and nothing else was changed.", again, lines
        case Outcome.STILL_PENDING:
            minutes = environment.certificate.wait_seconds / 60
            return (
                f"ACM has not issued {arn} within {minutes:.0f} minutes. The certificate of before is still attached.",
                "The record is right: see that the registrar names the zone's name servers, then plan again.",
                (*look, by_hand.list_records(environment)),
            )
        case Outcome.FAILED:
            return (
                f"ACM will not issue {arn}. The certificate of before is still attached.",
                "Request another one, then plan again.",
                (*look, by_hand.request(environment)),
            )
        case Outcome.NOT_ATTACHED:
            return f"{arn} is issued, but is not attached to the listener.", again, look
        case Outcome.PUT_BACK:
            return (
                f"{arn} was attached, but a TLS handshake did not show it trusted: {before} is attached again and serves.",
                "Find out what is shown, then plan again.",
                (by_hand.shake_hands(environment),),
            )
        case Outcome.NOT_PROVEN:
            return (
                f"{arn} is attached, but a TLS handshake does not show it trusted.",
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
