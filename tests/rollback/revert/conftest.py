from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.rollback.revert.house import House, opened

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A house of this test's own, to be changed at will."""
    with opened(tmp_path) as made:
        yield made
