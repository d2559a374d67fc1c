from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from rehearsal.origin.origin import Origin
from rehearsal.world.version import AppVersion
from tests.stage.terraform.workshop import Workshop

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from rehearsal.embedded import EmbeddedStage
    from rehearsal.world.world import World
    from rollback.environment import Environments


@pytest.fixture
def workshop(world: World, tmp_path: Path) -> Workshop:
    """The operator's checkout of what was applied last, on a stage with a running service."""
    world.open_with(AppVersion("v1"))
    return Workshop(world, tmp_path / "checkout")


@pytest.fixture
def software_house(stage: EmbeddedStage, world: World, environments: Environments) -> Iterator[Origin]:
    made = Origin(stage, world, environments, seed=0)
    made.open_the_service()
    yield made
    made.close()
