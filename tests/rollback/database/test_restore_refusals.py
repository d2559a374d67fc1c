"""What is refused before anything is changed, each with a sentence and what to do instead."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from rehearsal.world import database
from rollback.database import backup
from rollback.database.backup import Loss
from tests.rollback.database.restoring import opened

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rollback.plan import Finding
    from tests.rollback.database.restoring import Scene


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """One for all: planning only reads, and what a test changes it changes back."""
    with opened(tmp_path_factory.mktemp("scene")) as made:
        rds = made.stage.clients.rds
        rds.create_db_instance(
            DBInstanceIdentifier="other",
            DBInstanceClass="db.t4g.medium",
            Engine="postgres",
            AllocatedStorage=20,
        )
        made.stage.clock.sleep(600)
        made.house.take_snapshot("of-other", of="other")
        yield made


def refused(plan: backup.BackupPlan) -> Finding:
    (first, *_) = plan.refusals
    assert first.remedy
    assert not plan.commands
    return first


def planned(scene: Scene, to: datetime | str | None) -> backup.BackupPlan:
    return backup.plan(scene.environment, scene.access, to=to, confirmed=Loss(since=scene.point, rows=9))


OPENING = datetime(2026, 1, 5, 3, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("to", "seen"),
    [
        ("nobody-made-this", "There is no snapshot nobody-made-this"),
        ("of-other", "is of another instance, other"),
        ("not a name!", "is neither a moment nor the identifier of a snapshot"),
        ("", "is neither a moment nor the identifier of a snapshot"),
        ("2026-01-05T03:10:00", "says no time zone"),
        (datetime(2026, 1, 5, 3, 10), "says no time zone"),  # noqa: DTZ001 - that is the mistake
        ("2026-13-45T00:00:00Z", "is neither a moment nor the identifier of a snapshot"),
        (OPENING + timedelta(days=365), "is in the future"),
        (OPENING - timedelta(days=2), "is before the earliest moment to which"),
        ("2026-01-05T02:00:00Z", "is before the earliest moment to which"),
    ],
)
def test_a_point_that_can_not_be_restored(scene: Scene, to: datetime | str, seen: str) -> None:
    assert seen in refused(planned(scene, to)).seen


def test_a_moment_that_the_backups_have_not_reached(scene: Scene) -> None:
    found = refused(planned(scene, scene.stage.clock.now()))
    assert "is after the latest moment" in found.seen
    assert "five minutes" in found.remedy


def test_without_a_repository_that_has_brought_a_migration_the_moment_has_to_be_named(scene: Scene) -> None:
    assert "Name the moment" in refused(planned(scene, None)).remedy


def test_a_moment_may_be_told_as_a_text_and_in_any_zone(scene: Scene) -> None:
    told = scene.point.isoformat()
    assert planned(scene, told).point == planned(scene, scene.point).point


@pytest.mark.parametrize(
    ("named", "seen"),
    [
        ("", "names no RDS instance for production"),
        ("nobody", "There is no RDS instance nobody in us-east-1"),
    ],
)
def test_an_instance_that_is_not_there(scene: Scene, named: str, seen: str) -> None:
    environment = replace(scene.environment, database=replace(scene.environment.database, instance=named))
    assert seen in refused(backup.plan(environment, scene.access, to=scene.point)).seen


@pytest.mark.parametrize(
    ("target", "seen"),
    [
        ("a" * 64, "is longer than 63 characters"),
        ("Orders", "is no name of an RDS instance"),
        ("orders--new", "is no name of an RDS instance"),
        ("1st", "is no name of an RDS instance"),
        ("orders-", "is no name of an RDS instance"),
        ("$(reboot)", "is no name of an RDS instance"),
        ("other", "There is an instance other already, and it wasn't restored from"),
    ],
)
def test_a_name_that_the_restored_instance_can_not_have(scene: Scene, target: str, seen: str) -> None:
    assert seen in refused(scene.plan(target=target)).seen


def test_a_name_made_of_one_that_leaves_no_room_has_to_be_given(scene: Scene) -> None:
    living = scene.house.backend.databases
    living["b" * 60] = living[scene.house.instance]
    living["b" * 60].db_instance_identifier = "b" * 60
    try:
        environment = replace(
            scene.environment, database=replace(scene.environment.database, instance="b" * 60)
        )
        found = refused(backup.plan(environment, scene.access, to=scene.point))
    finally:
        living["b" * 60].db_instance_identifier = scene.house.instance
        del living["b" * 60]
    assert "is longer than 63 characters" in found.seen


@pytest.mark.parametrize(
    ("confirmed", "seen"),
    [
        (None, "is lost"),
        (Loss(since=datetime(2026, 1, 5, 3, 0)), "says no time zone"),  # noqa: DTZ001 - that is the mistake
        (Loss(since=OPENING, rows=-1), "is no number of rows"),
        (Loss(since=OPENING + timedelta(days=1)), "It is confirmed only since"),
    ],
)
def test_a_loss_that_nobody_has_confirmed(scene: Scene, confirmed: Loss | None, seen: str) -> None:
    made = backup.plan(scene.environment, scene.access, to=scene.point, confirmed=confirmed)
    assert seen in refused(made).seen


@pytest.mark.parametrize(
    "value",
    [
        "",
        "hunter2-is-no-url",
        "postgresql://",
        "postgresql:///hunter2",
        "postgresql://app:hunter2@one.example,two.example/app",
        "postgresql://app:hunter2@one.example:port/app",
        "postgresql://app:hunter2@/app?host=one.example",
        "postgresql://app:hunter2@one.example/app?hostaddr=10.0.0.1",
        " postgresql://app:hunter2@one.example/app",
        '{"url": "postgresql://app:hunter2@one.example/app"}',
    ],
)
def test_a_secret_that_is_no_address_is_never_repeated(scene: Scene, value: str) -> None:
    with secret(scene, value):
        found = refused(scene.plan())
    assert "The secret behind DATABASE_URL" in found.seen
    assert "hunter2" not in found.seen + found.remedy
    assert "hunter2" not in scene.access.journal.path.read_text(encoding="utf-8")


def test_a_variable_that_no_container_is_given(scene: Scene) -> None:
    environment = replace(
        scene.environment, database=replace(scene.environment.database, variable="ORDERS_URL")
    )
    found = refused(backup.plan(environment, scene.access, to=scene.point, confirmed=Loss(since=scene.point)))
    assert "gives it to no container: ORDERS_URL has to come from a secret" in found.seen


def test_an_application_that_uses_another_instance(scene: Scene) -> None:
    with secret(scene, database.url(scene.house.host("other"))):
        assert "is led to other, not to" in refused(scene.plan()).seen


def test_another_name_for_the_instance_is_a_warning(scene: Scene) -> None:
    with secret(scene, database.url()):
        made = scene.plan()
    assert not made.refusals
    assert any("db.internal" in each.seen for each in made.warnings)


@pytest.mark.parametrize("status", ["stopped", "storage-full"])
def test_an_instance_that_is_not_available_can_not_be_restored_to_a_moment(scene: Scene, status: str) -> None:
    living = scene.house.backend.databases[scene.house.instance]
    living.status = status
    try:
        assert "only an available instance" in refused(scene.plan()).seen
    finally:
        living.status = "available"


def test_an_instance_without_backups(scene: Scene) -> None:
    living = scene.house.backend.databases[scene.house.instance]
    living.backup_retention_period = 0
    try:
        assert "keeps no automated backups" in refused(scene.plan()).seen
    finally:
        living.backup_retention_period = 7


class secret:  # noqa: N801 - it reads as a verb
    """For as long as the block lasts, the application's secret says something else."""

    def __init__(self, scene: Scene, value: str) -> None:
        self._scene, self._value = scene, value

    def __enter__(self) -> None:
        self._before = self._scene.world.team.database_url()
        self._put(self._value)

    def __exit__(self, *_: object) -> None:
        self._put(self._before)

    def _put(self, value: str) -> None:
        # Secrets Manager refuses an empty one, which somebody can still have put there as bytes.
        kind = {"SecretString": value} if value else {"SecretBinary": b"-"}
        self._scene.stage.clients.secretsmanager.put_secret_value(
            SecretId=self._scene.world.foundation.secret,
            **kind,
        )
