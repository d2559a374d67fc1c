"""The sentences of the chapter about the load balancer's certificate."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pytest_bdd import given, parsers, then, when

from rehearsal.certifier import Certifier

if TYPE_CHECKING:
    from rehearsal.certificate_keeper import CertificateKeeper, Kept
    from rehearsal.embedded import EmbeddedStage
    from rehearsal.notes import Notes
    from rehearsal.world.world import World
    from rollback.access import Access
    from rollback.environment import Environment

MINUTE = 60.0


@pytest.fixture
def certificates(stage: EmbeddedStage, world: World) -> CertificateKeeper:
    """The team that has the certificates."""
    from rehearsal.certificate_keeper import CertificateKeeper  # noqa: PLC0415 - it imports moto, which only a stage may do first

    return CertificateKeeper(stage, world)


@pytest.fixture
def kept(certificates: CertificateKeeper) -> Kept:
    """The listener and the records as they were when the engineer on call sat down."""
    return certificates.kept


@pytest.fixture
def certifier(environment: Environment, access: Access, notes: Notes, kept: Kept) -> Certifier:
    """The engineer on call, who sits down when a sentence first speaks of them."""
    return Certifier(environment, access, notes)


# What has happened.


@given("the load balancer serves a certificate that is valid")
def serves(certificates: CertificateKeeper) -> None:
    certificates.open()


@given(parsers.parse("the validation record {trouble}"))
def record(certificates: CertificateKeeper, trouble: str) -> None:
    certificates.record(trouble)


@given("something else is under the name of the record")
def blocked(certificates: CertificateKeeper) -> None:
    certificates.block_the_record()


@given("the registrar names other name servers than the zone's")
def led_elsewhere(certificates: CertificateKeeper) -> None:
    certificates.lead_elsewhere()


@given("a new certificate was requested")
def requested(certificates: CertificateKeeper) -> None:
    certificates.request()


@given("a new certificate was requested, and its chain leads to nobody who is known")
def distrusted(certificates: CertificateKeeper) -> None:
    certificates.request()
    certificates.distrust()


@given(parsers.re(r"a new certificate (?P<flaw>(?:has|is|waits|was deleted).*)"))
def flawed(certificates: CertificateKeeper, flaw: str) -> None:
    certificates.flaw(flaw)


@given("the certificate has expired")
def expired(certificates: CertificateKeeper) -> None:
    certificates.expire()


@given(parsers.parse("ACM refuses it a minute later, with {reason}"))
def refuses_later(certificates: CertificateKeeper, reason: str) -> None:
    certificates.fail_later(reason, seconds=MINUTE)


@given("somebody shakes hands with the load balancer every ten seconds")
def keeps_shaking(certificates: CertificateKeeper) -> None:
    certificates.keep_shaking_hands(every=10)


@given("somebody has attached another certificate")
def attached_another(certificates: CertificateKeeper) -> None:
    certificates.attach_another()


@given("we press Ctrl-C half a minute into the repair")
def interrupted(certificates: CertificateKeeper) -> None:
    certificates.interrupt(seconds=MINUTE / 2)


@given("we press Ctrl-C when ACM has taken the request")
def interrupted_after_request(certificates: CertificateKeeper) -> None:
    certificates.interrupt_after_request()


@when("somebody deletes the certificate that serves")
def deletes(certificates: CertificateKeeper) -> None:
    certificates.delete_attached()


# What we do.


@when("we look what stands in the way of the new certificate")
@given("we have planned to repair the new certificate")
def look(certifier: Certifier, certificates: CertificateKeeper) -> None:
    certifier.make_plan(certificates.new)


@when("we repair the new certificate")
def repair_new(certifier: Certifier, certificates: CertificateKeeper) -> None:
    certifier.repair(certificates.new)


@when("we repair the certificate")
def repair(certifier: Certifier) -> None:
    certifier.repair()


@when("we try to repair the new certificate")
def try_to_repair_new(certifier: Certifier, certificates: CertificateKeeper) -> None:
    certifier.try_to_repair(certificates.new)


@when("we try to repair the certificate")
def try_to_repair(certifier: Certifier) -> None:
    certifier.try_to_repair()


@when("we try to apply the repair")
def try_to_apply(certifier: Certifier) -> None:
    certifier.try_to_apply()


@when("we have a new certificate requested")
def renew(certifier: Certifier, certificates: CertificateKeeper) -> None:
    certifier.renew()
    certificates.take_note()


@when("we try to have a new certificate requested")
def try_to_renew(certifier: Certifier) -> None:
    certifier.try_to_renew()


@when("we undo the repair of the certificate")
def undo(certifier: Certifier) -> None:
    certifier.undo()


# What is seen.


@then("the new certificate is issued and serves")
def issued_and_serves(certifier: Certifier, certificates: CertificateKeeper) -> None:
    assert certifier.result.landed, certifier.result.sentence
    assert certificates.status(certificates.new) == "ISSUED"
    assert certificates.served == certificates.new
    assert certificates.kept.attached == certificates.new


@then("a TLS handshake trusts its chain, its host and its dates")
def trusted(certificates: CertificateKeeper) -> None:
    assert certificates.handshake().trusted
    assert certificates.problem() == ""


@then("a TLS handshake says that it has expired")
def shown_expired(certificates: CertificateKeeper) -> None:
    assert "has expired" in certificates.problem()


@then("every handshake was trusted")
def all_trusted(certificates: CertificateKeeper) -> None:
    assert len(certificates.handshakes) > 5
    assert not [problem for problem in certificates.handshakes if problem]


@then("the record is right in the zone that the world asks")
def record_is_right(certificates: CertificateKeeper) -> None:
    assert certificates.record_is_right


@then("the record in the wrong zone is still there")
def record_is_left(certificates: CertificateKeeper) -> None:
    assert certificates.left_in_the_wrong_zone


@then("the certificate of before is still in ACM")
def still_in_acm(certificates: CertificateKeeper) -> None:
    assert certificates.status(certificates.first) == "ISSUED"


@then("the certificate of before still serves")
def still_serves(certificates: CertificateKeeper) -> None:
    assert certificates.served == certificates.first
    assert certificates.kept.attached == certificates.first
    assert certificates.problem() == ""


@then("a second look confirms that the certificate serves")
def confirmed(certifier: Certifier, certificates: CertificateKeeper) -> None:
    found = certifier.verify(certificates.new)
    assert found.landed, found.contradictions


@then("no more than one certificate was requested")
def requested_once(certificates: CertificateKeeper) -> None:
    assert certificates.known == {certificates.first, certificates.new}


@then("nothing of the certificate has changed")
def unchanged(certificates: CertificateKeeper, kept: Kept) -> None:
    assert certificates.kept == kept


@then("ACM refuses, since it is in use")
def in_use(certificates: CertificateKeeper) -> None:
    assert certificates.refused == "ResourceInUseException"
