"""A migration that a person has written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

WIDENS: Final = 'op.execute("ALTER TABLE orders ADD COLUMN wish text")'


def own(
    directory: Path,
    upgrade: str = WIDENS,
    *,
    revision: str = "0003",
    down: str | None = "0002",
    more: str = "",
) -> Path:
    """A file that does this, on top of `down`."""
    path = directory / "0003_mine.py"
    path.write_text(
        f"from alembic import op\n\nrevision = {revision!r}\ndown_revision = {down!r}\n{more}\n\n"
        f"def upgrade():\n    {upgrade}\n"
    )
    return path
