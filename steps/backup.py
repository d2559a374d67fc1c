"""The sentences about restoring the database from a backup."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pytest_bdd import given, parsers, then, when

from rehearsal.database_restorer import DatabaseRestorer
from rehearsal.phrases import says
from rollback.database.backup import Loss, Outcome

if TYPE_CHECKING:
    from rehearsal.backup_keeper import BackupKeeper, Kept
    from rehearsal.embedded import EmbeddedStage
    from rehearsal.notes import Notes
    from rehearsal.origin.origin import Origin
    from rehearsal.origin.people import Developers
    from rehearsal.world.world import World
    from rollback.access import Access
    from rollback.environment import Environment

MINUTE = 60.0


@pytest.fixture
def backups(stage: EmbeddedStage, world: World, origin: Origin) -> BackupKeeper:
    """The team that has the database."""
    from rehearsal.backup_keeper import BackupKeeper  # noqa: PLC0415 - it imports moto, which only a stage may do first

    return BackupKeeper(stage, world, origin)


@pytest.fixture
def kept_database(backups: BackupKeeper) -> Kept:
    """Instances, secret and tasks as they were when the engineer on call sat down."""
    return backups.kept


@pytest.fixture
def database_restorer(
    environment: Environment, access: Access, notes: Notes, kept_database: Kept
) -> DatabaseRestorer:
    """The engineer on call, who sits down when a sentence first speaks of them."""
    return DatabaseRestorer(environment, access, notes)


# What has happened.


@given("its database is kept in RDS, with backups")
def kept_in_rds(backups: BackupKeeper) -> None:
    backups.open()


@given("customers have ordered something every minute for twenty minutes, and go on")
def customers_order(backups: BackupKeeper) -> None:
    backups.house.let_orders_come(every=MINUTE)
    backups.let_time_pass(20)


@given("the backups have caught up")
def caught_up(backups: BackupKeeper) -> None:
    backups.house.let_backups_catch_up()


@given(parsers.parse('the snapshot "{name}" of the database was taken'))
def snapshot_taken(backups: BackupKeeper, name: str) -> None:
    backups.house.take_snapshot(name)


@given(parsers.parse('the snapshot "{name}" of the database is being taken'))
def snapshot_being_taken(backups: BackupKeeper, name: str) -> None:
    backups.house.take_snapshot(name, settle=False)
    backups.let_time_pass(1)


@given("RDS can't come to an end with the next restore")
def fails_half_way(backups: BackupKeeper) -> None:
    backups.fail_the_restore()


@given("somebody gives the restored database another security group in the meantime")
def meddled_with(backups: BackupKeeper) -> None:
    backups.meddle_with_the_restored()


@given("we press Ctrl-C as soon as the application is led elsewhere")
def interrupted_later(backups: BackupKeeper) -> None:
    backups.interrupt_the_rollout()


@when(parsers.parse('the migration of "{title}" is taken from the branch, and that is deployed'))
def taken_from_the_branch(origin: Origin, developers: Developers, title: str) -> None:
    gone = [path for path in developers.made[title].files if "/versions/" in path]
    developers.commit(f"Take back the migration of {title}", dict.fromkeys(gone))
    origin.settle()


# What we do.


@when(
    parsers.parse(
        "we restore the database to just before the migration, and confirm that {rows:d} rows may be lost"
    )
)
def restore(database_restorer: DatabaseRestorer, rows: int) -> None:
    database_restorer.restore(rows=rows)


@when("we restore the database to just before the migration, and confirm the time alone")
def restore_uncounted(database_restorer: DatabaseRestorer) -> None:
    database_restorer.restore()


@when(
    parsers.parse(
        'we restore the database from the snapshot "{name}", and confirm that {rows:d} rows may be lost'
    )
)
def restore_snapshot(database_restorer: DatabaseRestorer, name: str, rows: int) -> None:
    database_restorer.restore(name, rows=rows)


@when("we try to restore the database to just before the migration, and confirm nothing")
def try_without(database_restorer: DatabaseRestorer) -> None:
    database_restorer.try_to_restore()


@when("we try to restore the database to just before the migration, and confirm only the last ten minutes")
def try_with_less(database_restorer: DatabaseRestorer, stage: EmbeddedStage) -> None:
    from datetime import timedelta  # noqa: PLC0415 - beside its only use

    since = stage.clock.now() - timedelta(minutes=10)
    database_restorer.try_to_restore(confirmed=Loss(since=since))


@when(parsers.parse('we try to restore the database from the snapshot "{name}"'))
def try_snapshot(database_restorer: DatabaseRestorer, name: str) -> None:
    database_restorer.try_to_restore(name)


@when("we go on with the restore of the database")
def go_on(database_restorer: DatabaseRestorer) -> None:
    database_restorer.go_on()


@when("we undo the restore of the database")
def undo(database_restorer: DatabaseRestorer) -> None:
    database_restorer.undo()


# What is seen.


@then("every task uses the restored database")
def uses_restored(database_restorer: DatabaseRestorer, backups: BackupKeeper) -> None:
    assert database_restorer.result.landed, database_restorer.result.sentence
    assert backups.house.led_to == backups.restored
    assert backups.house.tasks_use() == {backups.restored}


@then("it is as it was before the migration")
def as_before(backups: BackupKeeper) -> None:
    assert backups.as_before_the_migration


@then("every order is still in the old database")
def orders_in_the_old(backups: BackupKeeper) -> None:
    assert backups.all_orders_are_in_the_old_one


@then("the restored database has the groups and the protection of the old one")
def alike(backups: BackupKeeper) -> None:
    assert backups.alike


@then(parsers.re("a second look confirms the restore, and (?:warns|says) that (?P<what>.*)"))
def confirmed(database_restorer: DatabaseRestorer, environment: Environment, what: str) -> None:
    found = database_restorer.verify()
    assert found.landed, found.contradictions
    assert any(says(each.seen, what, environment) for each in found.findings)


@then("a second look does not confirm the restore")
def not_confirmed(database_restorer: DatabaseRestorer) -> None:
    assert not database_restorer.verify().landed


@then("the old database still serves")
def old_one_serves(database_restorer: DatabaseRestorer, backups: BackupKeeper) -> None:
    assert not database_restorer.result.landed
    assert backups.house.led_to == backups.house.instance
    assert backups.house.tasks_use() == {backups.house.instance}


@then("every task uses the old database again")
def uses_old(database_restorer: DatabaseRestorer, backups: BackupKeeper) -> None:
    assert database_restorer.result.landed, database_restorer.result.sentence
    assert backups.house.led_to == backups.house.instance
    assert backups.house.tasks_use() == {backups.house.instance}


@then("the restored database is still there")
def restored_is_there(backups: BackupKeeper) -> None:
    assert backups.house.instances()[backups.restored] == "available"


@then("it was restored once")
def restored_once(backups: BackupKeeper) -> None:
    assert backups.others == 1


@then(parsers.parse("it has ended as {word}"))
def ended_as(database_restorer: DatabaseRestorer, word: str) -> None:
    assert database_restorer.result.outcome is Outcome(word)


@then("nothing of the database has changed")
def unchanged(backups: BackupKeeper, kept_database: Kept) -> None:
    assert backups.kept == kept_database


@then("no password is in the journal")
def no_password(access: Access) -> None:
    from rehearsal.world.database import PASSWORD  # noqa: PLC0415 - beside its only use

    assert PASSWORD not in access.journal.path.read_text(encoding="utf-8")


@then("we were broken off")
def broken_off(notes: Notes) -> None:
    assert notes.interrupted
