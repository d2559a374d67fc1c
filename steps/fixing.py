"""The sentences about fixing the database forward, and about what people do to it by hand."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from pytest_bdd import given, parsers, then, when

from rehearsal.fixer import Fixer
from rehearsal.world.database_admin import DatabaseAdmin
from rehearsal.world.database_house import ROWS
from rollback.database.fixing import Outcome

if TYPE_CHECKING:
    from pathlib import Path

    from rehearsal.notes import Notes
    from rehearsal.origin.origin import Origin
    from rehearsal.origin.people import Developers
    from rehearsal.origin.sight import State
    from rehearsal.world.world import World
    from rollback.access import Access
    from rollback.environment import Environment


@pytest.fixture
def fixer(environment: Environment, access: Access, notes: Notes, earlier: State) -> Fixer:
    """The engineer on call, who sits down when a sentence first speaks of them."""
    del earlier
    return Fixer(environment, access, notes)


@pytest.fixture
def admin(origin: Origin) -> DatabaseAdmin:
    """Somebody with the database's password and a prompt."""
    return DatabaseAdmin(origin.database)


# What has happened.


@given("a migration was pushed that makes a second head")
def second_head(developers: Developers) -> None:
    developers.commit("Tidy the orders", developers.migration("Tidy the orders", "adds a column", on="0001"))


@given("a migration was pushed that leaves a gap")
def gap(developers: Developers) -> None:
    developers.commit("Tidy the orders", developers.migration("Tidy the orders", "adds a column", on="0009"))


@given("a migration was pushed that makes a circle")
def circle(developers: Developers) -> None:
    developers.commit("Tidy the orders", developers.migration("Tidy the orders", "adds a column", on="0004"))
    developers.commit("Tidy more", developers.migration("Tidy more", "changes rows"))


@given(parsers.parse("somebody has the version table name {revision} by hand"))
def stamped(admin: DatabaseAdmin, revision: str) -> None:
    admin.stamp(revision)


@given(parsers.parse("we have written a migration that {does}"), target_fixture="migration")
def written(developers: Developers, tmp_path: Path, does: str) -> Path:
    return developers.written(tmp_path, does)


@given("somebody adds that column to the database by hand while the pipeline is under way")
def added_meanwhile(fixer: Fixer, world: World, admin: DatabaseAdmin) -> None:
    world.later(60, lambda: admin.add_column("wish"))


@given("we have planned to fix the database forward with it")
def planned(fixer: Fixer, migration: Path) -> None:
    fixer.make_plan(migration)


# What we do.


@when("we fix the database forward")
def fix(fixer: Fixer) -> None:
    fixer.fix()


@when("we fix the database forward with it")
def fix_with_it(fixer: Fixer, migration: Path) -> None:
    fixer.fix(migration)


@when("we try to fix the database forward")
def try_to_fix(fixer: Fixer) -> None:
    fixer.try_to_fix()


@when("we try to fix the database forward with it")
def try_to_fix_with_it(fixer: Fixer, migration: Path) -> None:
    fixer.try_to_fix(migration)


@when("we try to go on with the fix")
def try_to_go_on(fixer: Fixer) -> None:
    fixer.try_to_apply()


# What we are told, and what is seen.


@then("the database is fixed forward")
def fixed(fixer: Fixer) -> None:
    assert fixer.result.outcome is Outcome.FIXED, fixer.result.sentence


@then("there is nothing to fix in the database")
def nothing(fixer: Fixer) -> None:
    assert fixer.result.outcome is Outcome.NOTHING, fixer.result.sentence


@then("the fix has not been delivered")
def not_delivered(fixer: Fixer) -> None:
    assert fixer.result.outcome is Outcome.NOT_DELIVERED, fixer.result.sentence


@then("a second look at the database confirms it")
def second_look(fixer: Fixer) -> None:
    seen = fixer.verify()
    assert seen.landed, seen.contradictions


@then("it can't be undone, but by another way out")
def no_undo(fixer: Fixer, notes: Notes) -> None:
    fixer.try_to_undo()
    assert "is not undone" in notes.refused.sentence
    assert "revert" in notes.refused.remedy


@then(parsers.parse('the database has the column "{column}" again, and all its rows'))
def has_column(origin: Origin, column: str) -> None:
    assert column in origin.database.schema().columns["orders"]
    assert origin.database.count() == ROWS


@then(parsers.parse("the refusal says that it has brought the column {column}"))
def names_as_there(notes: Notes, column: str) -> None:
    (brought,) = re.findall(r"it has brought ([^;]*)[;.]", notes.refused.sentence)
    assert f"the column {column}" in brought


@then("the commands for both ways out of a migration that is half applied are there")
def half_applied_ways(notes: Notes) -> None:
    typed = "\n".join(command for finding in notes.plan.refusals for command in finding.commands)
    assert "alembic stamp 0003" in typed
    assert "restore-db-instance-to-point-in-time" in typed


@then("the command that puts the version table right is there")
def stamp_is_there(notes: Notes) -> None:
    typed = [command for finding in notes.plan.refusals for command in finding.commands]
    assert "alembic stamp 0003" in typed
