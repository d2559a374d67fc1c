"""The stage's HTTPS listener: a real handshake shows just what is attached to it."""

from __future__ import annotations

import http.client
from typing import TYPE_CHECKING

import pytest

from rehearsal.world.certificates import trusting
from rehearsal.world.tls_front import tls_front
from rehearsal.world.world import World
from rollback.tls import Tls, fingerprint

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rehearsal.embedded import EmbeddedStage
    from rehearsal.world.certificates import CertificateHouse


@pytest.fixture
def house(stage: EmbeddedStage) -> Iterator[CertificateHouse]:
    world = World(stage)
    world.certificates.open()
    yield world.certificates
    world.close()


def test_the_certificate_that_is_attached_is_shown_and_trusted(
    stage: EmbeddedStage, house: CertificateHouse
) -> None:
    seen = stage.access().tls.handshake(stage.hostname)
    shown = stage.clients.acm.get_certificate(CertificateArn=house.first)["Certificate"]
    assert seen.problem_at(stage.clock.now()) == ""
    assert seen.fingerprint == fingerprint(shown)


def test_another_certificate_is_shown_a_moment_after_it_was_attached(
    stage: EmbeddedStage, house: CertificateHouse
) -> None:
    other = house.request()
    stage.clock.sleep(120)
    house.attach(other)
    assert house.served == house.first
    stage.clock.sleep(5)
    assert house.served == other
    shown = stage.clients.acm.get_certificate(CertificateArn=other)["Certificate"]
    assert house.handshake().fingerprint == fingerprint(shown)


def test_a_certificate_for_another_host_is_not_trusted(stage: EmbeddedStage, house: CertificateHouse) -> None:
    other = house.request("elsewhere.example")
    house.certificate(other).status = "ISSUED"
    house.attach(other)
    stage.clock.sleep(5)
    assert "match" in house.handshake().problem


def test_an_expired_certificate_is_refused_by_the_clock_of_the_stage(
    stage: EmbeddedStage, house: CertificateHouse
) -> None:
    stage.clock.sleep(199 * 86_400)
    seen = house.handshake()
    assert seen.problem_at(stage.clock.now()).startswith("it has expired on 2026-")


@pytest.mark.usefixtures("house")
def test_an_authority_that_nobody_knows_is_not_trusted(stage: EmbeddedStage) -> None:
    """As this machine's own authorities don't know the stage's: the handshake is a real one."""
    seen = Tls(connect=tls_front().connect).handshake(stage.hostname)
    assert not seen.trusted
    assert seen.fingerprint


def test_the_application_answers_behind_it(stage: EmbeddedStage, house: CertificateHouse) -> None:
    """Nothing is deployed, so it is the load balancer that says so."""
    connection = http.client.HTTPSConnection(stage.hostname, context=trusting())
    plain = tls_front().connect((stage.hostname, 443), 1)
    connection.sock = trusting().wrap_socket(plain, server_hostname=stage.hostname)
    connection.request("GET", "/")
    assert connection.getresponse().status == 503
    assert house.served == house.first
    connection.close()


def test_nobody_listens_where_there_is_no_listener(stage: EmbeddedStage) -> None:
    World(stage)
    seen = stage.access().tls.handshake(stage.hostname)
    assert seen.problem == "no connection (Connection refused)"
