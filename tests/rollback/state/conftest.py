from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.known_version import known_version
from tests.rollback.state.shelf import Shelf, with_table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rehearsal.embedded import EmbeddedStage
    from rollback.access import Access
    from rollback.environment import Environment


@pytest.fixture(autouse=True)
def version_is_known() -> Iterator[None]:
    """Terraform is asked once which version it is."""
    with known_version():
        yield


@pytest.fixture
def access(stage: EmbeddedStage) -> Access:
    """The operator's hands on the stage, instead of those of the tests around."""
    return stage.access()


@pytest.fixture
def shelf(stage: EmbeddedStage) -> Shelf:
    """A versioned bucket with nothing in it."""
    return Shelf(stage)


@pytest.fixture
def tabled(shelf: Shelf) -> Environment:
    """The environment with a lock table, which is there and empty."""
    shelf.make_table()
    return with_table(shelf.environment)
