"""A team that keeps migrations, and commits with some of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rollback.database.migrations import Crossing, crossing
from tests.rollback.builders import REPOSITORY
from tests.rollback.git.house import House

if TYPE_CHECKING:
    from pathlib import Path

WIDENS = 'op.add_column("orders", sa.Column("placed_at", sa.DateTime()))'
DROPS = 'op.drop_column("orders", "note")'
FILLS = "op.execute(\"UPDATE orders SET state = 'new'\")"
FOREIGN = "helper()"


def revision(name: str, down: str | tuple[str, ...] | None, upgrade: str = "pass") -> str:
    """A file as alembic would make it."""
    body = upgrade.replace("\n", "\n    ")
    return (
        f'"""{name}."""\nimport sqlalchemy as sa\nfrom alembic import op\n\nrevision = {name!r}\n'
        f"down_revision = {down!r}\n\n\ndef upgrade():\n    {body}\n"
    )


class Team:
    """Commits with the migrations they are given, and what lies between two of them."""

    def __init__(self, root: Path) -> None:
        self.house = House(root)
        self.held: set[str] = set()

    def commit(self, **files: str) -> str:
        """A commit that holds just these files, by their names without ``.py``."""
        wanted = {
            name if "/" in name else f"migrations/versions/{name}.py": text for name, text in files.items()
        }
        wanted["README.md"] = "# It\n"
        gone = dict.fromkeys(self.held - set(wanted))
        self.held = set(wanted)
        return self.house.commit("Change", {**wanted, **gone})

    def between(self, here: str, there: str) -> Crossing:
        """What a rollback from the one to the other goes over."""
        return crossing(self.house.copy(), REPOSITORY, here=here, there=there)
