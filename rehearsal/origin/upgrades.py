"""What the migrations of a scenario do, by its words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

UNREADABLE: Final = "can't be read"
HALF_WAY: Final = "stops half way"


@dataclass(frozen=True, slots=True)
class Upgrade:
    """What a migration of a scenario does, and what the code that it belongs to asks the database.

    Attributes:
        body: that of its function ``upgrade``.
        query: the application's, from then on.
    """

    body: str
    query: str = "SELECT id, note, placed_at FROM orders"


UPGRADES: Final = {
    "drops a column": Upgrade(
        'op.execute("ALTER TABLE orders DROP COLUMN note")', "SELECT id, placed_at FROM orders"
    ),
    "narrows a column": Upgrade(
        'with op.batch_alter_table("orders") as batch:\n        batch.alter_column("note", nullable=False)'
    ),
    "adds a column": Upgrade(
        'op.execute("ALTER TABLE orders ADD COLUMN gift text")',
        "SELECT id, note, placed_at, gift FROM orders",
    ),
    "changes rows": Upgrade("op.execute(\"UPDATE orders SET note = ''\")"),
    "calls foreign code": Upgrade("import contextlib\n\n    contextlib.nullcontext(op.get_bind())"),
    UNREADABLE: Upgrade('op.execute("ALTER TABLE orders ADD COLUMN parcel text")'),
    "fails": Upgrade('op.execute("ALTER TABLE parcels ADD COLUMN weight text")'),
    HALF_WAY: Upgrade(
        'with op.get_context().autocommit_block():\n        op.execute("ALTER TABLE orders ADD COLUMN weight text")\n'
        '    op.execute("ALTER TABLE orders ADD COLUMN height text")\n'
        '    op.execute("ALTER TABLE parcels ADD COLUMN weight text")'
    ),
}
"""By a scenario's words."""
WRITTEN: Final = {
    "brings the column back": 'op.execute("ALTER TABLE orders ADD COLUMN note text")',
    "brings another column": 'op.execute("ALTER TABLE orders ADD COLUMN wish text")',
    "drops another column": 'op.execute("ALTER TABLE orders DROP COLUMN placed_at")',
    "fails on the rows that there are": 'op.execute("INSERT INTO orders (id) VALUES (1)")',
}
"""What a person's own migration does that is to fix the database forward, by a scenario's words."""
