"""The sentences of the chapter that restores Terraform's state."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

import pytest
from pytest_bdd import given, parsers, then, when

from rehearsal.restorer import Restorer
from rollback.journal import Kind, read
from rollback.state import Outcome

if TYPE_CHECKING:
    from rehearsal.notes import Notes
    from rehearsal.origin.desk import Desk
    from rehearsal.origin.sight import State
    from rehearsal.origin.terminal import Typed
    from rehearsal.state_keeper import StateKeeper, Stored
    from rehearsal.world.world import World
    from rollback.access import Access
    from rollback.environment import Environment


@pytest.fixture
def restorer(
    environment: Environment, access: Access, notes: Notes, earlier: State, stored: Stored
) -> Restorer:
    """The engineer on call, who sits down when a sentence first speaks of them."""
    del earlier, stored
    return Restorer(environment, access, notes)


# What has happened.


@given("a table locks the state, too")
def has_a_table(environment: Environment) -> None:
    if not environment.terraform.lock_table:
        pytest.skip(f"environments.toml names no lock table for {environment.name}")


@given(parsers.parse("the newest state {damage}"))
@given(parsers.parse("the state {damage}"))
def newest_state(keeper: StateKeeper, damage: str) -> None:
    keeper.newest(damage)


@given(parsers.parse("an older version of the state {flaw}"))
def older_version(keeper: StateKeeper, flaw: str) -> None:
    keeper.older(flaw)


@given("once there was another database, as an older version of the state says")
def older_database(keeper: StateKeeper) -> None:
    keeper.older_with_another_database()


@given("somebody has removed the database from the state")
def database_removed(keeper: StateKeeper) -> None:
    from rehearsal.state_keeper import DATABASE  # noqa: PLC0415 - it imports moto

    keeper.remove(DATABASE)


@given("the digest in the table is of another state")
def other_digest(world: World) -> None:
    world.state.set_digest("0" * 32)


@given("versioning of the bucket was turned off")
def versioning_off(world: World) -> None:
    world.state.suspend_versioning()


@given("somebody applies in the middle of our restore")
def applies_meanwhile(keeper: StateKeeper) -> None:
    keeper.at_our_write(keeper.somebody_applies)


@given("we press Ctrl-C in the middle of the restore")
def interrupted(keeper: StateKeeper) -> None:
    keeper.at_our_write(keeper.interrupt)


# What we do.


@given("we have restored the newest state that is whole")
@when("we restore the newest state that is whole")
def restore_newest_whole(restorer: Restorer) -> None:
    restorer.restore(restorer.newest_whole())


@when("we try to restore the newest state that is ours")
def try_to_restore_ours(restorer: Restorer) -> None:
    restorer.try_to_restore(restorer.newest_of_ours())


@when("we restore the newest state that is ours, and mean it")
def restore_ours(restorer: Restorer) -> None:
    restorer.restore(restorer.newest_of_ours(), other_lineage=True)


@when("we restore the state before the last")
def restore_before_the_last(restorer: Restorer, keeper: StateKeeper) -> None:
    restorer.restore(keeper.before_the_last.id)


@when("we try to restore the state before the last")
def try_to_restore_before_the_last(restorer: Restorer, keeper: StateKeeper) -> None:
    restorer.try_to_restore(keeper.before_the_last.id)


@given("we have planned to restore the state before the last")
def plan_before_the_last(restorer: Restorer, keeper: StateKeeper) -> None:
    restorer.make_plan(keeper.before_the_last.id)


@when("we restore the state of a week ago")
def restore_of_a_week_ago(restorer: Restorer, keeper: StateKeeper) -> None:
    restorer.restore(f"before {keeper.a_week_ago:%Y-%m-%d %H:%M}", few_resources=True)


@when("we restore the state by its version id", target_fixture="meant")
def restore_by_id(restorer: Restorer, keeper: StateKeeper) -> str:
    restorer.restore(keeper.before_the_last.id)
    return restorer.result.saved.writing.chosen if restorer.result.saved else ""


@when("we restore the state by its serial", target_fixture="meant")
def restore_by_serial(restorer: Restorer, keeper: StateKeeper) -> str:
    meant = keeper.before_the_last
    restorer.restore(f"serial {meant.serial}")
    return meant.id


@when("we restore the state of a moment", target_fixture="meant")
def restore_by_moment(restorer: Restorer, keeper: StateKeeper) -> str:
    meant = keeper.before_the_last
    restorer.restore(f"before {keeper.soon_after(meant):%Y-%m-%d %H:%M}")
    return meant.id


@when(parsers.parse('we try to restore "{choice}"'))
def try_to_restore(restorer: Restorer, choice: str) -> None:
    restorer.try_to_restore(choice)


@when("we try to restore that version")
def try_to_restore_that(restorer: Restorer, keeper: StateKeeper) -> None:
    restorer.try_to_restore(keeper.flawed)


@when("we restore that version")
def restore_that_version(restorer: Restorer, keeper: StateKeeper) -> None:
    restorer.restore(keeper.flawed)


@when("we restore that version, and mean it")
def restore_that(restorer: Restorer, keeper: StateKeeper) -> None:
    restorer.restore(keeper.flawed, few_resources=True)


@when("we try to go on with the restore")
def try_to_apply(restorer: Restorer) -> None:
    restorer.try_to_apply()


@when("we go on with what was begun")
def go_on(restorer: Restorer) -> None:
    restorer.go_on()


@when("we undo the restore")
def undo(restorer: Restorer) -> None:
    restorer.undo()


@when(
    'somebody fetches the state before the last, and types "terraform state push" for it',
    target_fixture="typed",
)
def types_push(desk: Desk, keeper: StateKeeper, world: World) -> Typed:
    return desk.push(world.state.content(keeper.before_the_last.id))


# What is seen.


@then("the state has been restored")
def restored(restorer: Restorer) -> None:
    assert restorer.result.outcome is Outcome.RESTORED, restorer.result.sentence


@then("there was nothing to restore")
def nothing_to_do(restorer: Restorer) -> None:
    assert restorer.result.outcome is Outcome.NOTHING, restorer.result.sentence


@then("it has the lineage and the resources of the version that we chose, and a newer serial")
def as_chosen(restorer: Restorer, world: World, stored: Stored) -> None:
    chosen = restorer.plan.chosen
    assert chosen is not None
    was, now = json.loads(world.state.content(chosen.id)), world.state.current()
    assert now["lineage"] == was["lineage"]
    assert world.state.addresses() == world.state.addresses(chosen.id)
    assert now["serial"] > max(
        each.serial or 0 for each in world.state.versions if each.id in stored.versions
    )


@then("it is the version that was meant")
def as_meant(restorer: Restorer, world: World, meant: str) -> None:
    assert restorer.plan.chosen is not None
    assert restorer.plan.chosen.id == meant
    assert world.state.addresses() == world.state.addresses(meant)


@then("a second look confirms that the restore is in force")
def in_force(restorer: Restorer) -> None:
    found = restorer.verify()
    assert found.landed, found.contradictions


@then("Terraform finds nothing to destroy")
def nothing_to_destroy(restorer: Restorer) -> None:
    (found,) = [each for each in restorer.seen.findings if each.check == "plan-destroys"]
    assert found.severity == "ok", found.seen


@then("a second look warns that an apply would destroy the database")
def would_destroy(restorer: Restorer) -> None:
    from rehearsal.state_keeper import DATABASE  # noqa: PLC0415 - it imports moto

    (found,) = [each for each in restorer.seen.contradictions if each.check == "plan-destroys"]
    assert DATABASE in found.seen


@then("the database is in the state again")
def database_is_back(world: World) -> None:
    from rehearsal.state_keeper import DATABASE  # noqa: PLC0415 - it imports moto

    assert DATABASE in world.state.addresses()


@then("the resources that Terraform no longer knows are listed")
def orphans_listed(restorer: Restorer, world: World, stored: Stored) -> None:
    newest = next(
        each for each in world.state.versions if each.id in stored.versions and each.serial is not None
    )
    lost = set(world.state.addresses(newest.id)) - set(world.state.addresses())
    assert lost
    assert lost <= set(restorer.result.orphans)


@then("the table has the digest of what is stored")
def digest_right(world: World) -> None:
    assert world.state.digest == hashlib.md5(world.state.content(), usedforsecurity=False).hexdigest()


@then("the state is what it was before the restore")
def as_before(keeper: StateKeeper, world: World, stored: Stored) -> None:
    assert world.state.content() == world.state.content(stored.versions[0])
    assert not keeper.stored.lock


@then("they were refused, since the state was locked")
def they_were_refused(keeper: StateKeeper) -> None:
    assert keeper.refused is not None
    assert keeper.refused.code
    assert "Error acquiring the state lock" in keeper.refused.error_text


@then("the journal says which lock may be held")
def journal_names_lock(restorer: Restorer, notes: Notes) -> None:
    assert notes.interrupted
    (entry,) = [each for each in read(restorer.access.journal.path) if each.kind is Kind.INTERRUPTED]
    assert entry.detail["lock"] == restorer.saved().lock


@then(
    "the table shows each version of the state with its serial, its resources and its time, the newest first"
)
def table_shows(restorer: Restorer, world: World) -> None:
    shown = restorer.shown()
    rows = restorer.listed().rows
    assert [row.version.id for row in rows] == [each.id for each in world.state.versions]
    for row, kept in zip(rows, world.state.versions, strict=True):
        assert f"{kept.at:%Y-%m-%d}" in shown
        assert f"{kept.at:%H:%M:%S}" in shown
        if kept.serial is not None:
            assert row.head is not None
            assert (row.head.serial, row.resources) == (kept.serial, len(world.state.addresses(kept.id)))


@then("the damaged one is marked")
def damaged_marked(restorer: Restorer) -> None:
    newest = restorer.listed().rows[0]
    assert newest.damage is not None
    assert str(newest.damage) in " ".join(restorer.shown().split())


@then("it shows which resources came and went")
def came_and_went(restorer: Restorer) -> None:
    rows = restorer.listed().rows
    shown = " ".join(restorer.shown().split())
    assert any(row.added for row in rows)
    assert any(row.removed for row in rows)
    assert any(row.added[0].split(".")[-1][:8] in shown for row in rows if row.added)


@then("it shows nothing of the lock files beside the state")
def no_lock_files(restorer: Restorer) -> None:
    assert ".tflock" not in restorer.shown()


@then("it shows no secret")
def no_secret(restorer: Restorer) -> None:
    from rehearsal.world import database  # noqa: PLC0415 - few need it

    assert database.PASSWORD not in restorer.shown()
    assert database.HOST not in restorer.shown()
