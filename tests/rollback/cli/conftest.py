from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.known_version import known_version
from tests.rollback.cli.desk import Desk
from tests.rollback.revert.house import House, opened

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A service whose newest version answers with errors, and its Terraform state."""
    with known_version(), opened(tmp_path_factory.mktemp("house")) as made:
        made.bad()
        made.world.state.open()
        yield made


@pytest.fixture
def desk(house: House, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """Somebody in front of it; whatever they do, the service runs the bad version again afterwards."""
    monkeypatch.delenv("TEAM_WEBHOOK", raising=False)
    bad = house.world.look.primary_revision()
    made = Desk(house)
    made.sit_down(monkeypatch)
    yield made
    house.stage.operator.interceptors.clear()
    house.stage.operator.interceptors.append(house.stage._take_time)
    where = house.environment
    house.stage.clients.s3.delete_object(Bucket=where.state_bucket, Key=where.lease.key)
    if house.world.look.primary_revision() != bad:
        house.world.team.deploy(bad)
        house.world.settle()
