"""The fixtures of a game: the served stage, and nobody's hands."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

import pytest

from rehearsal.gameday.conditions import ToolsOwn
from rollback.environment import load

if TYPE_CHECKING:
    from rehearsal.embedded import EmbeddedStage
    from rehearsal.origin.origin import Origin
    from rehearsal.serving.house import House
    from rehearsal.world.world import World
    from rollback.environment import Environment, Environments


class Hands:
    """A plug-in whose fixtures stand before those of the same names, for the steps of a game.

    Args:
        house: with an open stage.
    """

    def __init__(self, house: House) -> None:
        self._house = house

    @pytest.fixture
    def environments(self) -> Environments:
        """Every environment that the project knows, of which one is on loopback."""
        return load(self._house.environments_path)

    @pytest.fixture
    def environment(self) -> Environment:
        """The environment that is served."""
        return self._house.world.stage.environment

    @pytest.fixture
    def stage(self) -> EmbeddedStage:
        """The stage that is served."""
        return self._house.world.stage

    @pytest.fixture
    def world(self) -> World:
        """Its world."""
        return self._house.world

    @pytest.fixture
    def origin(self) -> Origin:
        """Its software house."""
        return self._house.origin

    @pytest.fixture
    def access(self) -> NoReturn:
        """The tool's hands, which aren't there."""
        raise ToolsOwn

    @pytest.fixture
    def notes(self) -> NoReturn:
        """What the tool has said, which is nothing."""
        raise ToolsOwn
