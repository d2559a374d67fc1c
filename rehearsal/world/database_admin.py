"""What people do to the application's database by hand, past the pipeline."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rehearsal.world.database_house import VERSIONS

if TYPE_CHECKING:
    from rehearsal.world.database_house import DatabaseHouse

BY_HAND: Final = "by_hand"
"""The column that somebody adds whom nobody has asked."""


class DatabaseAdmin:
    """Somebody with the password and a prompt."""

    def __init__(self, house: DatabaseHouse) -> None:
        self._house = house

    def stamp(self, *revisions: str) -> None:
        """Have the version table name these revisions, whatever the schema is."""
        table = f"INSERT INTO {VERSIONS} VALUES"
        self._do(f"DELETE FROM {VERSIONS}", *(f"{table} ('{each}')" for each in revisions))  # noqa: S608 - a known name

    def drop_the_version_table(self) -> None:
        """Have no version table any more."""
        self._do(f"DROP TABLE {VERSIONS}")

    def add_column(self, name: str = BY_HAND) -> None:
        """Have one column more."""
        self._do(f"ALTER TABLE orders ADD COLUMN {name} text")

    def lose_rows(self) -> None:
        """Delete most of the orders."""
        self._do("DELETE FROM orders WHERE id > 2")

    def revisions(self) -> tuple[str, ...]:
        """What the version table names."""
        with self._house.engine().connect() as connection:
            return tuple(connection.exec_driver_sql(f"SELECT version_num FROM {VERSIONS}").scalars())  # noqa: S608 - a known name

    def _do(self, *statements: str) -> None:
        self._house.open()
        with self._house.engine().begin() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)
