"""Doing what a plan for the certificate says: the record, the wait, the listener, the handshake.

Each step can be done again: to go on after a crash is to plan and apply once more.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from rollback.certificates import by_hand, checks, reading, requesting, saving, serving
from rollback.certificates.model import ISSUED, PENDING, RecordState, named
from rollback.certificates.reporting import told
from rollback.certificates.result import Outcome
from rollback.errors import Outdated, Refused, RollbackError, Throttled, Unavailable
from rollback.journal import Kind
from rollback.tls import fingerprint

if TYPE_CHECKING:
    from rollback.access import Access
    from rollback.certificates.model import Certificate, Listener, Record
    from rollback.certificates.planning import CertificatePlan
    from rollback.certificates.result import Result, SavedPoint
    from rollback.environment import Environment

LOOKS_EVERY: Final = 15.0
"""How often ACM is asked whether the certificate is issued, in seconds."""


@dataclass(frozen=True, slots=True)
class _Ended:
    """How it ended, and why."""

    outcome: Outcome
    why: str = ""


def apply(environment: Environment, access: Access, plan: CertificatePlan) -> Result:
    """Request the certificate if that is planned, mend its records, wait for ACM, attach it, and shake hands.

    The certificate of before stays attached until the new one is issued, and is never deleted. If the new one
    then doesn't serve as it should, and the one of before did, that is attached again. After the first change every
    end is a `Result`. An interruption (Ctrl-C) is recorded in the journal and goes on to the caller.

    Raises:
        Refused: the plan holds a refusal; nothing has been changed.
        Outdated: the listener, the certificate or a record has changed since; nothing has been changed.
        RollbackError: AWS or the journal says no before anything was changed.
    """
    plan.must_be_applicable()
    began = access.clock.monotonic()
    if plan.listener is None or (plan.chosen is None and not plan.token):
        raise Refused("The plan has no certificate to attach.", remedy="Make a new plan.")
    _must_be_as_planned(environment, access, plan, plan.listener, plan.chosen)
    if plan.done and plan.chosen:
        return _confirmed(environment, access, plan.chosen, began=began)
    was_good = not serving.shake_hands(environment, access).problem_at(access.clock.now())
    saved = saving.save(environment, access, plan.listener, plan.chosen, plan.to_write)
    try:
        saved, ended = _repair(environment, access, plan, saved, was_good=was_good)
    except KeyboardInterrupt:
        access.journal.record(
            Kind.INTERRUPTED,
            "Interrupted in the middle of the repair of a certificate. Planning again finds what is done.",
            listener=saved.listener,
            certificate=saved.chosen,
        )
        raise
    return told(
        environment, access, ended.outcome, certificate=saved.chosen, saved=saved, began=began, why=ended.why
    )


def _must_be_as_planned(
    environment: Environment,
    access: Access,
    plan: CertificatePlan,
    listener: Listener,
    chosen: Certificate | None,
) -> None:
    """Look once more, so that nobody's work in the meantime is undone."""
    now = reading.certificate(access, chosen.arn) if chosen else None
    moved = ""
    if reading.listener(environment, access) != listener:
        moved = "The load balancer's listener"
    elif chosen is None:
        return
    elif now is None or now.status not in {chosen.status, ISSUED}:
        moved = f"The {named(chosen.arn)}"
    elif plan.records and any(
        found.state is not RecordState.RIGHT and found not in plan.records
        for found in _records(environment, access, chosen)
    ):
        moved = "A validation record"
    if moved:
        raise Outdated(
            f"{moved} has changed since the plan was made.",
            remedy="Plan again. Nothing has been changed.",
        )


def _confirmed(environment: Environment, access: Access, chosen: Certificate, *, began: float) -> Result:
    """There is nothing to do if the handshake says so, too."""
    wanted = fingerprint(reading.pem(access, chosen.arn))
    seen = serving.await_served(environment, access, wanted)
    fine = serving.is_served(access, seen, wanted)
    return told(
        environment,
        access,
        Outcome.NOTHING if fine else Outcome.NOT_PROVEN,
        certificate=chosen.arn,
        saved=None,
        began=began,
        why="" if fine else _problem(seen.problem_at(access.clock.now())),
    )


def _repair(
    environment: Environment, access: Access, plan: CertificatePlan, saved: SavedPoint, *, was_good: bool
) -> tuple[SavedPoint, _Ended]:
    """All of it; what is saved, with the certificate that was requested, and how it ended."""
    records = plan.to_write
    if plan.token and plan.listener:
        try:
            chosen = requesting.request(environment, access, plan.token)
            found = _records(environment, access, chosen)
        except RollbackError as error:
            return saved, _Ended(Outcome.NOT_REQUESTED, error.sentence)
        records = tuple(each for each in found if each.state is not RecordState.RIGHT)
        saved = saving.save(environment, access, plan.listener, chosen, records)
    if blocked := next((each for each in records if each.other_type), None):
        (finding,) = checks.record(environment, replace(blocked, elsewhere=()))
        return saved, _Ended(Outcome.NOT_WRITTEN, finding.seen)
    return saved, _steps(environment, access, saved, records, was_good=was_good)


def _steps(
    environment: Environment,
    access: Access,
    saved: SavedPoint,
    records: tuple[Record, ...],
    *,
    was_good: bool,
) -> _Ended:
    if records and (trouble := _write(environment, access, saved, records)):
        return _Ended(Outcome.NOT_WRITTEN, trouble)
    if ended := _wait(environment, access, saved.chosen):
        return ended
    try:
        wanted = fingerprint(reading.pem(access, saved.chosen))
        _attach(access, saved.listener, saved.chosen)
    except (RollbackError, ValueError) as error:
        # It may have been done although the answer was lost.
        attached = _attached(environment, access)
        if attached != saved.chosen:
            known = Outcome.NOT_ATTACHED if attached else Outcome.LOST
            return _Ended(known, _sentence(error))
        wanted = ""
    return _watch(environment, access, saved, wanted, was_good=was_good)


def _write(environment: Environment, access: Access, saved: SavedPoint, records: tuple[Record, ...]) -> str:
    """Create or correct the records; why they aren't right afterwards, or nothing."""
    trouble = ""
    try:
        access.aws.route53.change_resource_record_sets(
            HostedZoneId=environment.certificate.hosted_zone,
            ChangeBatch={
                "Comment": f"Validates {saved.chosen}",
                "Changes": [
                    {
                        "Action": "UPSERT",
                        "ResourceRecordSet": {
                            "Name": each.name,
                            "Type": "CNAME",
                            "TTL": by_hand.TTL,
                            "ResourceRecords": [{"Value": each.value}],
                        },
                    }
                    for each in records
                ],
            },
        )
    except RollbackError as error:
        trouble = error.sentence
    try:
        chosen = reading.certificate(access, saved.chosen)
        found = _records(environment, access, chosen) if chosen else ()
    except RollbackError as error:
        return trouble or error.sentence
    if found and all(each.state is RecordState.RIGHT for each in found):
        return ""
    return trouble or "They are not there although Route 53 has taken them."


def _wait(environment: Environment, access: Access, arn: str) -> _Ended | None:
    """Wait until ACM has issued the certificate; None once it has."""
    deadline = access.clock.monotonic() + environment.certificate.wait_seconds
    last = ""
    while True:
        status, why = _status(access, arn)
        if status == ISSUED:
            return None
        if status and status != last:
            access.journal.record(Kind.OBSERVATION, f"The certificate is {status}.", certificate=arn)
        last = status or last
        if status not in {"", PENDING}:
            return _Ended(Outcome.FAILED, why)
        if access.clock.monotonic() >= deadline:
            return _Ended(Outcome.STILL_PENDING, why)
        access.clock.sleep(LOOKS_EVERY)


def _status(access: Access, arn: str) -> tuple[str, str]:
    """ACM's word, and what else is to be said; no word where it can't be asked right now."""
    try:
        with access.aws.tried_once():
            found = reading.certificate(access, arn)
    except (Throttled, Unavailable) as error:
        return "", error.sentence
    except RollbackError as error:
        return "UNKNOWN", error.sentence
    if found is None:
        return "DELETED", "It has been deleted."
    return found.status, f"ACM says {found.failure or found.status}." if found.status != PENDING else ""


def _attach(access: Access, listener: str, arn: str) -> None:
    access.aws.elbv2.modify_listener(ListenerArn=listener, Certificates=[{"CertificateArn": arn}])


def _attached(environment: Environment, access: Access) -> str:
    """The ARN of what the listener has now; empty where that can't be told."""
    try:
        found = reading.listener(environment, access)
    except RollbackError:
        return ""
    return found.certificate if found else ""


def _watch(
    environment: Environment, access: Access, saved: SavedPoint, wanted: str, *, was_good: bool
) -> _Ended:
    """Shake hands until the new certificate serves; go back where it doesn't, and the one of before did."""
    try:
        wanted = wanted or fingerprint(reading.pem(access, saved.chosen))
    except (RollbackError, ValueError) as error:
        return _Ended(Outcome.NOT_PROVEN, _sentence(error))
    seen = serving.await_served(environment, access, wanted)
    if serving.is_served(access, seen, wanted):
        return _Ended(Outcome.SERVING)
    why = _problem(seen.problem_at(access.clock.now()))
    if not was_good or not saved.before:
        return _Ended(Outcome.NOT_PROVEN, why)
    return _back(environment, access, saved, why)


def _back(environment: Environment, access: Access, saved: SavedPoint, why: str) -> _Ended:
    access.journal.record(Kind.DECISION, f"Back to the certificate of before. {why}".strip())
    try:
        before = fingerprint(reading.pem(access, saved.before))
        _attach(access, saved.listener, saved.before)
    except (RollbackError, ValueError) as error:
        return _Ended(Outcome.LOST, _sentence(error))
    seen = serving.await_served(environment, access, before)
    return _Ended(Outcome.PUT_BACK if serving.is_served(access, seen, before) else Outcome.LOST, why)


def _records(environment: Environment, access: Access, chosen: Certificate) -> tuple[Record, ...]:
    zone = reading.zone(environment, access)
    return reading.records(access, zone, chosen) if zone else ()


def _problem(problem: str) -> str:
    return f"The handshake says: {problem}." if problem else "Another certificate is shown."


def _sentence(error: Exception) -> str:
    return error.sentence if isinstance(error, RollbackError) else "ACM's answer holds no certificate."
