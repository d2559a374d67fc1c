"""The migrations of alembic in the repository: what they do, read and never run."""

from __future__ import annotations

from rollback.database.migrations.crossing import Crossing, crossing
from rollback.database.migrations.findings import ahead_of, of_deployment, of_revert, unknown
from rollback.database.migrations.model import Effect, Head, Migration, Operation, Unreadable
from rollback.database.migrations.reading import read, read_head

__all__ = [
    "Crossing",
    "Effect",
    "Head",
    "Migration",
    "Operation",
    "Unreadable",
    "ahead_of",
    "crossing",
    "of_deployment",
    "of_revert",
    "read",
    "read_head",
    "unknown",
]
