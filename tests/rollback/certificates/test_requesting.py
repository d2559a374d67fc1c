"""Requesting a certificate: once, for our host, and in our account only."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from rollback.certificates import plan, request
from rollback.errors import Refused

if TYPE_CHECKING:
    from rehearsal.embedded import EmbeddedStage
    from rehearsal.world.certificates import CertificateHouse
    from rollback.access import Access
    from rollback.environment import Environment


@pytest.mark.usefixtures("house")
def test_asking_again_gives_the_same(environment: Environment, access: Access, stage: EmbeddedStage) -> None:
    first = request(environment, access)
    stage.clock.sleep(60)
    assert request(environment, access) == first
    made = plan(environment, access, certificate=first)
    assert made.chosen is not None
    assert made.chosen.names == (stage.hostname,)


def test_nothing_is_requested_in_another_account(
    environment: Environment, access: Access, house: CertificateHouse, stage: EmbeddedStage
) -> None:
    stage.sign_in("999988887777")
    with pytest.raises(Refused, match="another account"):
        request(environment, access)
    assert house.status(house.first) == "ISSUED"
    assert (
        len(
            stage.clients.acm.list_certificates(Includes={"keyTypes": ["EC_prime256v1"]})[
                "CertificateSummaryList"
            ]
        )
        == 1
    )


@pytest.mark.usefixtures("house")
def test_nothing_is_requested_in_another_region(environment: Environment, stage: EmbeddedStage) -> None:
    with pytest.raises(Refused, match="another region"):
        request(environment, stage.access(region="eu-west-1"))
