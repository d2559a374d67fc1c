"""The sentences about migrations of the database, and about what lies between two versions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_bdd import given, parsers, then, when

from rehearsal.world.database_house import ROWS

if TYPE_CHECKING:
    from rehearsal.notes import Notes
    from rehearsal.origin.origin import Origin
    from rehearsal.origin.people import Developers
    from rehearsal.world.world import World


@given(
    parsers.parse('the pull request "{title}" was merged with a database migration that {does}, and deployed')
)
def with_a_migration(origin: Origin, developers: Developers, title: str, does: str) -> None:
    developers.merged(title, {**developers.code(title), **developers.migration(title, does)})
    origin.settle()


@when(parsers.parse('the pull request "{title}" is merged with a database migration that {does}'))
def merged_with_a_migration(origin: Origin, developers: Developers, title: str, does: str) -> None:
    origin.database.open()
    with_a_migration(origin, developers, title, does)


@when("somebody rolls the service back by hand to the revision before")
def rolled_back_by_hand(world: World) -> None:
    world.team.deploy(world.look.primary_revision() - 1, force=True)
    world.settle()


@then("the database is as it was")
def database_as_before(origin: Origin) -> None:
    schema = origin.database.schema()
    assert schema.revision == "0002"
    assert schema.columns == {"orders": ("id", "note", "placed_at")}
    assert origin.database.count() == ROWS


@then("the commands for both ways out are there")
def both_ways(notes: Notes) -> None:
    typed = "\n".join(command for finding in notes.plan.refusals for command in finding.commands)
    assert "alembic revision" in typed
    assert "restore-db-instance-to-point-in-time" in typed


@then(parsers.parse('the branch holds what it held before "{title}", and the migration'))
def all_but_the_migration(origin: Origin, developers: Developers, title: str) -> None:
    made = developers.made[title]
    (migration,) = [path for path in made.files if "/versions/" in path]
    now, before = origin.bare.files(origin.tip), origin.bare.files(made.before)
    assert now == {**before, migration: origin.bare.read(made.commit, migration)}


@then('the database still has what "adds a column" has brought')
def still_wide(origin: Origin) -> None:
    assert origin.database.schema().columns["orders"] == ("id", "note", "placed_at", "gift")
    assert origin.database.count() == ROWS
