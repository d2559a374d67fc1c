from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.rollback.git.house import House

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def house(tmp_path: Path) -> House:
    """A team whose branch main has one commit."""
    made = House(tmp_path)
    made.commit("Begin", {"app/main.py": "".join(f"line {n}\n" for n in range(30))})
    return made
