"""The commands that a plan prints, really typed: afterwards the world is the one that the tool leaves."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from rehearsal.insulation import load_moto
from rollback.environment import load

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.byhand.twins import Twins

ENVIRONMENTS = Path(__file__).parents[2] / "environments.toml"


@pytest.fixture(scope="module")
def ways() -> Any:
    load_moto()
    from tests.byhand import ways  # noqa: PLC0415 - it imports moto

    return ways


@pytest.fixture(scope="module")
def twins(ways: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Twins]:
    del ways
    from rehearsal.serving.house import House, Wanted  # noqa: PLC0415 - it imports moto
    from tests.byhand.twins import Twins  # noqa: PLC0415 - likewise

    with House(load(ENVIRONMENTS), Wanted(speed=0, loopback=False)) as house:
        yield Twins(house, tmp_path_factory.mktemp("person"))


@pytest.mark.parametrize("name", ["EMERGENCY", "COPY", "STOP", "REVERT", "TERRAFORM", "STATE_PUSHED", "STATE_WRITTEN", "CERTIFICATE", "RENEWED", "BACKUP", "FIX"])
def test_a_person_leaves_the_world_that_the_tool_leaves(twins: Twins, ways: Any, name: str) -> None:
    way = getattr(ways, name)
    assert twins.by_hand(way) == twins.by_the_tool(way)
