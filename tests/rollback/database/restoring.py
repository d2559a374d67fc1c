"""A service whose database is kept in RDS, small and without a repository, for restores."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from rehearsal.aws import timeline
from rehearsal.aws.pace import Span
from rehearsal.blueprint import Blueprint
from rehearsal.embedded import EmbeddedStage
from rehearsal.world.backups import BackupHouse
from rehearsal.world.database import APPLICATION
from rehearsal.world.database_house import DatabaseHouse
from rehearsal.world.sqlite_server import SqliteServer
from rehearsal.world.version import AppVersion
from rehearsal.world.world import World
from rollback.database import backup
from tests.faults.ways import ENVIRONMENTS, QUICK

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

    from rollback.access import Access
    from rollback.environment import Environment

QUERY = "SELECT id, note FROM orders"
FIRST = 3
"""How many orders there are when it begins."""


class PlainHouse(DatabaseHouse):
    """Databases that nobody migrates: alembic takes half a second to import."""

    def open(self) -> None:
        """Have the first one, with some orders in it."""
        if self.is_open:
            return
        self.server.create(APPLICATION)
        self._open = True
        with self.engine().begin() as connection:
            for line in (
                "CREATE TABLE orders (id bigint PRIMARY KEY, note text)",
                "CREATE TABLE alembic_version (version_num varchar(32) NOT NULL)",
                "INSERT INTO alembic_version VALUES ('0001')",
                "INSERT INTO orders (id, note) VALUES (1, 'a'), (2, 'b'), (3, 'c')",
            ):
                connection.exec_driver_sql(line)


@dataclass(frozen=True, slots=True)
class Scene:
    """A service that uses an instance with backups; after `point` one more order came in."""

    environment: Environment
    stage: EmbeddedStage
    world: World
    house: BackupHouse
    databases: DatabaseHouse
    access: Access
    point: datetime

    def plan(
        self, access: Access | None = None, *, rows: int | None = 1, target: str = ""
    ) -> backup.BackupPlan:
        """Plan to go back to the point, with so many rows confirmed."""
        confirmed = backup.Loss(since=self.point, rows=rows)
        return backup.plan(
            self.environment, access or self.access, to=self.point, confirmed=confirmed, target=target
        )

    def apply(self, plan: backup.BackupPlan, access: Access | None = None) -> backup.Result:
        """Do what it says."""
        return backup.apply(self.environment, access or self.access, plan)

    @property
    def restored(self) -> tuple[str, ...]:
        """The instances beside the team's."""
        return tuple(name for name in self.house.instances() if name != self.house.instance)

    @property
    def old_one_serves(self) -> bool:
        """Whether all is led to the team's instance, as it was."""
        return self.house.led_to == self.house.instance and self.house.tasks_use() == {self.house.instance}


@contextmanager
def opened(directory: Path) -> Iterator[Scene]:
    """The scene, up to the moment when the operator sits down."""
    environment = ENVIRONMENTS.default
    section = {**ENVIRONMENTS.section(environment, "rehearsal"), **QUICK}
    blueprint = Blueprint.read(section, file="environments.toml", key="rehearsal")
    stage = EmbeddedStage(environment, blueprint, seed=0, directory=directory)
    databases = PlainHouse(SqliteServer(directory), "migrations", dict, timeline.current().hosts)
    stage.application.database, stage.leads = databases.answers, databases.leads
    world = World(stage)
    try:
        house = BackupHouse(stage, world, databases)
        house.open()
        house.backend.creating = Span(15, 20)
        world.open_with(AppVersion("v1", query=QUERY))
        point = stage.clock.now().replace(microsecond=0)
        stage.clock.sleep(2)
        assert house.order()
        house.let_backups_catch_up()
        bare = replace(environment, repository=replace(environment.repository, migrations=()))
        yield Scene(bare, stage, world, house, databases, stage.access(), point)
    finally:
        databases.close()
        world.close()
        stage.close()
