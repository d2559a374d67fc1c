"""The sentences about migrations of the database, and about what lies between two versions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_bdd import given, parsers, then

if TYPE_CHECKING:
    from rehearsal.notes import Notes
    from rehearsal.origin.origin import Origin
    from rehearsal.origin.people import Developers


@given(
    parsers.parse('the pull request "{title}" was merged with a database migration that {does}, and deployed')
)
def with_a_migration(origin: Origin, developers: Developers, title: str, does: str) -> None:
    developers.merged(title, {**developers.code(title), **developers.migration(title, does)})
    origin.settle()


@then("the commands for both ways out are there")
def both_ways(notes: Notes) -> None:
    typed = "\n".join(command for finding in notes.plan.refusals for command in finding.commands)
    assert "alembic revision" in typed
    assert "restore-db-instance-to-point-in-time" in typed
