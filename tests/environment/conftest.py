from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.environment.shop import SHOP

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Write a configuration: `SHOP` with some of its text replaced."""

    def write(*edits: tuple[str, str], text: str = SHOP) -> Path:
        for old, new in edits:
            assert text.count(old) == 1, f"{old!r} is there {text.count(old)} times"
            text = text.replace(old, new)
        path = tmp_path / "environments.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write
