from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from rehearsal.world.version import AppVersion
from rehearsal.world.world import World

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rehearsal.embedded import EmbeddedStage
    from rehearsal.world.certificates import CertificateHouse
    from rollback.access import Access


@pytest.fixture
def access(stage: EmbeddedStage) -> Access:
    """The operator's hands on the stage, instead of those of the tests around."""
    return stage.access()


@pytest.fixture
def world(stage: EmbeddedStage) -> Iterator[World]:
    """A service that runs, behind a load balancer."""
    world = World(stage)
    world.open_with(AppVersion("v1"))
    yield world
    world.close()


@pytest.fixture
def house(world: World) -> CertificateHouse:
    """With a certificate that is issued and attached."""
    world.certificates.open()
    return world.certificates
